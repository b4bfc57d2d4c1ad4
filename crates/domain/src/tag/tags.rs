//! The tags of a case.

use thiserror::Error;

use super::change::TagChange;
use super::name::TagName;

/// Tags of a case: at most [`MOST`](Self::MOST), each once, in the order of their folded names.
///
/// ```
/// use engage_domain::tag::Tags;
///
/// let tags = Tags::new(["vip".parse()?, "Renewal".parse()?, "VIP".parse()?])?;
/// let names: Vec<_> = tags.iter().map(|tag| tag.as_str()).collect();
/// assert_eq!(names, ["Renewal", "vip"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(transparent))]
pub struct Tags(Vec<TagName>);

/// Error returned for more tags than a case may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("must be at most {} tags", Tags::MOST)]
pub struct TooManyTags;

impl Tags {
    /// Maximum number of tags of a case.
    pub const MOST: usize = 20;

    /// Collects tags. Of several spellings of a tag, the first one counts.
    ///
    /// Fails if there are too many.
    pub fn new(names: impl IntoIterator<Item = TagName>) -> Result<Self, TooManyTags> {
        let tags = Self::from_stored(names);
        if tags.0.len() > Self::MOST { Err(TooManyTags) } else { Ok(tags) }
    }

    /// Takes tags that were stored, however many they are.
    pub fn from_stored(names: impl IntoIterator<Item = TagName>) -> Self {
        let mut names: Vec<_> = names.into_iter().collect();
        names.sort_by_cached_key(TagName::folded);
        names.dedup_by(|one, other| one.is_same_tag(other));
        Self(names)
    }

    /// Returns the tags after a change. A tag that is there already keeps its spelling, and one that is
    /// removed and added is added.
    ///
    /// Fails if there would be too many.
    pub fn changed(&self, change: &TagChange) -> Result<Self, TooManyTags> {
        let is_removed = |tag: &&TagName| change.remove.iter().any(|one| one.is_same_tag(tag));
        let left = self.0.iter().filter(|tag| !is_removed(tag));
        Self::new(left.chain(&change.add).cloned())
    }

    /// Checks whether a tag is among them.
    pub fn contains(&self, name: &TagName) -> bool {
        self.0.iter().any(|tag| tag.is_same_tag(name))
    }

    /// Checks whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the tags in order.
    pub fn as_slice(&self) -> &[TagName] {
        &self.0
    }

    /// Returns the tags in order.
    pub fn iter(&self) -> std::slice::Iter<'_, TagName> {
        self.0.iter()
    }
}

impl<'a> IntoIterator for &'a Tags {
    type Item = &'a TagName;
    type IntoIter = std::slice::Iter<'a, TagName>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(texts: &[&str]) -> Vec<TagName> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    fn tags(texts: &[&str]) -> Tags {
        Tags::new(names(texts)).unwrap()
    }

    #[test]
    fn a_tag_keeps_its_first_spelling() {
        assert_eq!(tags(&["b", "A", "a", "B"]).as_slice(), names(&["A", "b"]));
        let change = TagChange { add: names(&["VIP"]), remove: Vec::new() };
        assert_eq!(tags(&["vip"]).changed(&change), Ok(tags(&["vip"])));
    }

    #[test]
    fn tags_are_added_and_removed() {
        let change = TagChange { add: names(&["c", "X"]), remove: names(&["B", "x", "unknown"]) };
        assert_eq!(tags(&["a", "b"]).changed(&change), Ok(tags(&["a", "c", "X"])));
    }

    #[test]
    fn a_case_has_at_most_20_tags() {
        let numbered = |count: usize| (0..count).map(|one| format!("t{one}").parse().unwrap());
        let full = Tags::new(numbered(20)).unwrap();
        assert_eq!(Tags::new(numbered(21)), Err(TooManyTags));
        let swap = TagChange { add: names(&["new"]), remove: names(&["t3"]) };
        assert!(full.changed(&swap).unwrap().contains(&"NEW".parse().unwrap()));
        let more = TagChange { add: names(&["new"]), remove: Vec::new() };
        assert_eq!(full.changed(&more), Err(TooManyTags));
    }
}
