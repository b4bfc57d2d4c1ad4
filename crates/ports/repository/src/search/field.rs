/// Where a search was met, from the place that says least to the one that says most. A search ranks
/// a case by the best place that has every part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SearchField {
    /// In the conversation, in the name of who works on the case, or some parts in one place and
    /// some in another.
    Conversation,
    /// In the customer's name, address, organisation, phone number or project.
    Customer,
    /// In the subject.
    Subject,
    /// In the case number.
    Number,
    /// It is the whole number, or the customer's whole address
    /// ([`SearchQuery::whole`](super::SearchQuery::whole)).
    Whole,
}

impl SearchField {
    /// Every value, in order of declaration.
    pub const ALL: &'static [Self] =
        &[Self::Conversation, Self::Customer, Self::Subject, Self::Number, Self::Whole];

    /// The places that say more than the whole of a case, the best first, but for [`Self::Whole`].
    pub const TELLING: [Self; 3] = [Self::Number, Self::Subject, Self::Customer];

    /// The place that is so many above the one that says least; what a store answers with.
    pub fn from_number(number: i32) -> Option<Self> {
        Self::ALL.iter().copied().find(|place| *place as i32 == number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_back_from_its_number() {
        for &place in SearchField::ALL {
            assert_eq!(SearchField::from_number(place as i32), Some(place));
        }
        assert_eq!(SearchField::ALL.last(), SearchField::ALL.iter().max());
        assert_eq!((SearchField::from_number(-1), SearchField::from_number(5)), (None, None));
    }
}
