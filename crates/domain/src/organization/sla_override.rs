//! Service targets of an organization.

use std::collections::BTreeMap;
use std::time::Duration;

use thiserror::Error;

use crate::classification::Urgency;
use crate::sla::ServiceTarget;

/// Service targets by urgency that an organization has instead of those of its customer type, in
/// whole minutes of working time. It has at least one.
///
/// ```
/// use engage_domain::Urgency;
/// use engage_domain::organization::SlaOverride;
///
/// let agreed = SlaOverride::of_minutes([(Urgency::Critical, 15, 240)])?;
/// let target = agreed.target(Urgency::Critical).expect("there is a target");
/// assert_eq!(target.first_response.as_secs(), 15 * 60);
/// assert_eq!(agreed.target(Urgency::Low), None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(transparent))]
pub struct SlaOverride(BTreeMap<Urgency, Minutes>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
struct Minutes {
    first_response_minutes: u32,
    resolution_minutes: u32,
}

/// Error returned when service targets cannot be those of an organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SlaOverrideError {
    /// There is no target at all.
    #[error("must contain an urgency, or be null")]
    Empty,
    /// A time is zero or longer than [`SlaOverride::LONGEST`].
    #[error("must have times from 1 to {most} minutes, which {0} does not", most = SlaOverride::LONGEST)]
    OutOfRange(Urgency),
    /// The first response would be due after the resolution.
    #[error("must not have a first response after the resolution, as {0} has")]
    OutOfOrder(Urgency),
}

impl SlaOverride {
    /// Longest time in minutes: 366 days.
    pub const LONGEST: u32 = 366 * 24 * 60;

    /// Collects targets: urgency, minutes to the first response, and minutes to the resolution.
    ///
    /// Fails without a target, and if a time is out of range.
    pub fn of_minutes(
        targets: impl IntoIterator<Item = (Urgency, u32, u32)>,
    ) -> Result<Self, SlaOverrideError> {
        let mut collected = BTreeMap::new();
        for (urgency, first_response, resolution) in targets {
            let is_sound = |minutes: u32| (1..=Self::LONGEST).contains(&minutes);
            if !is_sound(first_response) || !is_sound(resolution) {
                return Err(SlaOverrideError::OutOfRange(urgency));
            }
            if first_response > resolution {
                return Err(SlaOverrideError::OutOfOrder(urgency));
            }
            let minutes =
                Minutes { first_response_minutes: first_response, resolution_minutes: resolution };
            collected.insert(urgency, minutes);
        }
        if collected.is_empty() { Err(SlaOverrideError::Empty) } else { Ok(Self(collected)) }
    }

    /// Returns the targets: urgency, minutes to the first response, and minutes to the resolution.
    pub fn minutes(&self) -> impl Iterator<Item = (Urgency, u32, u32)> + '_ {
        self.0.iter().map(|(&urgency, minutes)| {
            (urgency, minutes.first_response_minutes, minutes.resolution_minutes)
        })
    }

    /// Returns the target for an urgency, if there is one.
    pub fn target(&self, urgency: Urgency) -> Option<ServiceTarget> {
        let minutes = |count: u32| Duration::from_secs(u64::from(count) * 60);
        self.0.get(&urgency).map(|target| ServiceTarget {
            first_response: minutes(target.first_response_minutes),
            resolution: minutes(target.resolution_minutes),
        })
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for SlaOverride {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let targets: BTreeMap<Urgency, Minutes> = BTreeMap::deserialize(deserializer)?;
        let targets = targets.into_iter().map(|(urgency, minutes)| {
            (urgency, minutes.first_response_minutes, minutes.resolution_minutes)
        });
        Self::of_minutes(targets).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_returned_by_urgency_from_low_to_critical() {
        let targets = [(Urgency::Critical, 15, 240), (Urgency::Low, 60, 60)];
        let agreed = SlaOverride::of_minutes(targets).unwrap();
        let minutes: Vec<_> = agreed.minutes().collect();
        assert_eq!(minutes, [(Urgency::Low, 60, 60), (Urgency::Critical, 15, 240)]);
    }

    #[test]
    fn targets_that_nobody_could_meet_are_refused() {
        use SlaOverrideError::{Empty, OutOfOrder, OutOfRange};

        let of = |first, resolution| SlaOverride::of_minutes([(Urgency::High, first, resolution)]);
        assert_eq!(SlaOverride::of_minutes([]), Err(Empty));
        assert_eq!(of(0, 10), Err(OutOfRange(Urgency::High)));
        assert_eq!(of(10, SlaOverride::LONGEST + 1), Err(OutOfRange(Urgency::High)));
        assert_eq!(of(11, 10), Err(OutOfOrder(Urgency::High)));
        assert!(of(1, SlaOverride::LONGEST).is_ok());
    }
}
