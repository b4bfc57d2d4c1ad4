use std::fmt;

/// Version of a case: the number of its changes, including the opening.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(transparent))]
pub struct Version(u32);

impl Version {
    /// Version of a case that was just opened.
    pub const FIRST: Self = Self(1);

    /// Creates a version from the number of changes, or returns `None` for zero.
    pub const fn new(changes: u32) -> Option<Self> {
        if changes == 0 { None } else { Some(Self(changes)) }
    }

    /// Returns the number of changes.
    pub const fn get(self) -> u32 {
        self.0
    }

    /// Returns the version after one more change.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for Version {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let changes = u32::deserialize(deserializer)?;
        Self::new(changes).ok_or_else(|| serde::de::Error::custom("must be at least 1"))
    }
}
