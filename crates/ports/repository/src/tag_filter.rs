use engage_domain::TagId;

/// Criteria on the tags of a case. The default matches every case.
///
/// A tag is given by the [ids](crate::FoundTag::ids) by which cases have it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct TagFilter {
    /// Tags of which the case has at least one. No id matches no case.
    pub any: Option<Vec<TagId>>,
    /// Tags each of which the case has. A tag without an id matches no case.
    pub all: Vec<Vec<TagId>>,
    /// Tags of which the case has none.
    pub none: Vec<TagId>,
    /// Only cases without tags.
    pub untagged: bool,
}

impl TagFilter {
    /// Returns the sets of ids of each of which the case has at least one.
    pub fn required(&self) -> impl Iterator<Item = &Vec<TagId>> {
        self.any.iter().chain(&self.all)
    }
}
