//! Settings of tags.

use engage_domain::Role;
use engage_domain::text::UnknownValue;
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TagSettings {
    create: TagCreator,
}

/// Lowest role of those who create tags.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(try_from = "String")]
struct TagCreator(Role);

const CREATORS: [(&str, Role); 2] = [("agent", Role::Agent), ("supervisor", Role::Supervisor)];

const NAMES: &[&str] = &[CREATORS[0].0, CREATORS[1].0];

impl TryFrom<String> for TagCreator {
    type Error = UnknownValue;

    fn try_from(text: String) -> Result<Self, UnknownValue> {
        let found = CREATORS.iter().find(|(name, _)| name.eq_ignore_ascii_case(&text));
        found.map(|(_, role)| Self(*role)).ok_or(UnknownValue { allowed: NAMES })
    }
}

impl TagSettings {
    /// Returns the lowest role of those who create tags.
    pub(crate) fn creator(&self) -> Role {
        self.create.0
    }
}
