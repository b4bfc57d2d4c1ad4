//! Escalation, which is a level with a history rather than a status.

use std::fmt;
use std::time::Duration;

use crate::Reason;
use crate::actor::Actor;
use crate::classification::Urgency;
use crate::time::Timestamp;

/// Number of escalations of a case, counted up to three.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(transparent))]
pub struct EscalationLevel(u8);

impl EscalationLevel {
    /// Level of a case that was never escalated.
    pub const NONE: Self = Self(0);
    /// The highest level. A further escalation still notifies people but does not raise it.
    pub const MAX: Self = Self(3);

    /// Creates a level, or returns `None` if it is above 3.
    pub const fn new(level: u8) -> Option<Self> {
        if level <= Self::MAX.0 { Some(Self(level)) } else { None }
    }

    /// Returns the level as a number.
    pub const fn get(self) -> u8 {
        self.0
    }

    /// Returns the next higher level. The highest stays the same.
    #[must_use]
    pub const fn raised(self) -> Self {
        if self.0 < Self::MAX.0 { Self(self.0 + 1) } else { self }
    }
}

impl fmt::Display for EscalationLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for EscalationLevel {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let level = u8::deserialize(deserializer)?;
        Self::new(level).ok_or_else(|| serde::de::Error::custom("must be a level from 0 to 3"))
    }
}

/// An escalation of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct Escalation {
    /// Time of the escalation.
    pub timestamp: Timestamp,
    /// Reason for the escalation.
    pub reason: Reason,
    /// Actor that requested it.
    pub by: Actor,
    /// Level after the escalation.
    pub level: EscalationLevel,
    /// Urgency before the escalation.
    pub previous_urgency: Urgency,
    /// Urgency after the escalation.
    pub new_urgency: Urgency,
}

/// Rules for escalations.
///
/// ```
/// # use engage_domain::*;
/// # let (mut ids, policies) = (1.., Policies::default());
/// # let mut by = |actor, at: &str| Stamp::new(at.parse().unwrap(), actor, || ids.next().unwrap());
/// # let customer = Customer::new("John Doe".parse()?, "john@example.com".parse()?);
/// # let request = OpenRequest::new(customer, "No access".parse()?, "It says 403.".parse()?);
/// # let (id, number) = (CaseId::from_u128(1), "CW-2025-001".parse()?);
/// # let stamp = by(Actor::Customer, "2025-01-27T10:00:00Z");
/// # let opened = Case::open(id, number, request, &policies, stamp);
/// use std::time::Duration;
///
/// use engage_domain::case::{EscalateError, EscalationPolicy};
///
/// const HOUR: Duration = Duration::from_secs(3600);
/// let escalation = EscalationPolicy { customer_cool_down: HOUR, ..EscalationPolicy::default() };
/// let policies = Policies { escalation, ..policies };
///
/// let request = EscalateRequest::new("Nobody can work.".parse()?);
/// let stamp = by(Actor::Customer, "2025-01-27T12:00:00Z");
/// let escalated = opened.case.escalate(request.clone(), &policies, stamp)?;
/// let stamp = by(Actor::Customer, "2025-01-27T12:30:00Z");
/// let refused = escalated.case.escalate(request, &policies, stamp);
/// assert_eq!(refused, Err(EscalateError::CoolingDown { retry_after: HOUR / 2 }));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase", default))]
pub struct EscalationPolicy {
    /// Minimum time between two escalations of a case by its customer, since each one alerts
    /// people. 5 minutes by default.
    #[cfg_attr(
        feature = "serde",
        serde(rename = "customerCoolDownSeconds", with = "crate::seconds")
    )]
    pub customer_cool_down: Duration,
    /// If set, missing a service target raises the escalation level. Off by default.
    pub raise_on_breach: bool,
}

impl Default for EscalationPolicy {
    fn default() -> Self {
        Self { customer_cool_down: Duration::from_secs(5 * 60), raise_on_breach: false }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_run_from_0_to_3() {
        let mut level = EscalationLevel::NONE;
        let seen: Vec<_> = (0..5)
            .map(|_| {
                let now = level.get();
                level = level.raised();
                now
            })
            .collect();
        assert_eq!(seen, [0, 1, 2, 3, 3]);
        assert_eq!(EscalationLevel::new(4), None);
    }
}
