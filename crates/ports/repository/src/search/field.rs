/// Field in which a search matched, from least to most relevant. A case ranks by the best field
/// that matches every part of the search.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SearchField {
    /// The conversation or the name of the assignee, or a match spread over several fields.
    Conversation,
    /// The customer's name, e-mail address, organization, phone number or project.
    Customer,
    /// The subject.
    Subject,
    /// The case number.
    Number,
    /// The complete case number or the customer's complete e-mail address
    /// ([`SearchQuery::whole`](super::SearchQuery::whole)).
    Whole,
}

impl SearchField {
    /// Every value, in order of declaration.
    pub const ALL: &'static [Self] =
        &[Self::Conversation, Self::Customer, Self::Subject, Self::Number, Self::Whole];

    /// Fields that are more relevant than the case as a whole, best first, without [`Self::Whole`].
    pub const TELLING: [Self; 3] = [Self::Number, Self::Subject, Self::Customer];

    /// Returns the field with this discriminant, which is the form used by stores.
    pub fn from_number(number: i32) -> Option<Self> {
        Self::ALL.iter().copied().find(|place| *place as i32 == number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_restored_from_its_number() {
        for &place in SearchField::ALL {
            assert_eq!(SearchField::from_number(place as i32), Some(place));
        }
        assert_eq!(SearchField::ALL.last(), SearchField::ALL.iter().max());
        assert_eq!((SearchField::from_number(-1), SearchField::from_number(5)), (None, None));
    }
}
