//! Changes of the tags of a case.

use super::name::TagName;

/// Tags to add and to remove.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase", default))]
pub struct TagChange {
    /// Tags to add.
    pub add: Vec<TagName>,
    /// Tags to remove.
    pub remove: Vec<TagName>,
}

impl TagChange {
    /// Checks whether there is nothing to add or to remove.
    pub fn is_empty(&self) -> bool {
        self.add.is_empty() && self.remove.is_empty()
    }
}
