use std::fmt;

/// Priority of a case, from 0 to 100.
///
/// ```
/// use engage_domain::priority::PriorityScore;
///
/// let [low, high] = [15, 92].map(|score| PriorityScore::new(score).unwrap());
/// assert!(low < high);
/// assert_eq!(PriorityScore::new(101), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(transparent))]
pub struct PriorityScore(u8);

impl PriorityScore {
    /// Highest score.
    pub const MAX: u8 = 100;

    /// Creates a score, or returns `None` if it is above [`MAX`](Self::MAX).
    pub const fn new(score: u8) -> Option<Self> {
        if score <= Self::MAX { Some(Self(score)) } else { None }
    }

    /// Converts a sum of points to a score, capped at [`MAX`](Self::MAX).
    pub(crate) const fn of_points(sum: u8) -> Self {
        if sum <= Self::MAX { Self(sum) } else { Self(Self::MAX) }
    }

    /// Returns the score as a number.
    pub const fn get(self) -> u8 {
        self.0
    }
}

impl fmt::Display for PriorityScore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for PriorityScore {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let score = u8::deserialize(deserializer)?;
        Self::new(score).ok_or_else(|| serde::de::Error::custom("must be a score from 0 to 100"))
    }
}
