//! Lists of tags, such as `v=DMARC1; p=none`, of which DKIM and DMARC records consist.

/// The tags of a record.
pub(super) struct Tags<'a>(Vec<(&'a str, &'a str)>);

impl<'a> Tags<'a> {
    /// Parses a record. Parts without an equals sign are skipped.
    pub(super) fn parse(record: &'a str) -> Self {
        let pairs = record.split(';').filter_map(|part| part.split_once('='));
        Self(pairs.map(|(name, value)| (name.trim(), value.trim())).collect())
    }

    /// Returns the value of a tag.
    pub(super) fn get(&self, name: &str) -> Option<&'a str> {
        self.0.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| *value)
    }

    /// Checks whether the record begins with a version.
    pub(super) fn begin_with_version(&self, version: &str) -> bool {
        let first = self.0.first();
        first.is_some_and(|(name, value)| {
            name.eq_ignore_ascii_case("v") && value.eq_ignore_ascii_case(version)
        })
    }
}
