//! Service targets by customer type and urgency: when a first response and a resolution are due.

use std::time::Duration;

use thiserror::Error;

use super::Calendar;
use crate::classification::{CustomerType, Urgency};

/// Service target of a case, in working time from its creation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct ServiceTarget {
    /// Time until the first public message by staff.
    #[cfg_attr(feature = "serde", serde(rename = "firstResponseSeconds", with = "crate::seconds"))]
    pub first_response: Duration,
    /// Time until the case is resolved.
    #[cfg_attr(feature = "serde", serde(rename = "resolutionSeconds", with = "crate::seconds"))]
    pub resolution: Duration,
}

impl ServiceTarget {
    const fn minutes(first_response: u64, resolution: u64) -> Self {
        Self {
            first_response: Duration::from_secs(first_response * 60),
            resolution: Duration::from_secs(resolution * 60),
        }
    }

    const fn hours(first_response: u64, resolution: u64) -> Self {
        Self::minutes(first_response * 60, resolution * 60)
    }
}

/// Service targets by customer type and urgency, with a calendar for each customer type.
///
/// ```
/// use std::time::Duration;
///
/// use engage_domain::sla::{ServiceTarget, SlaPolicy};
/// use engage_domain::{CustomerType, Urgency};
///
/// let minutes = |count: u64| Duration::from_secs(count * 60);
/// let target = ServiceTarget { first_response: minutes(30), resolution: minutes(240) };
/// let sla = SlaPolicy::default().with_target(CustomerType::Free, Urgency::High, target)?;
/// assert_eq!(sla.target(CustomerType::Free, Urgency::High), target);
///
/// // A target of zero would be missed at once.
/// let zero = ServiceTarget { resolution: Duration::ZERO, ..target };
/// assert!(sla.with_target(CustomerType::Free, Urgency::High, zero).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlaPolicy {
    targets: [[ServiceTarget; 4]; 3],
    calendars: [Calendar; 3],
}

/// Error returned when a service target is zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the service targets for {customer_type} {urgency} must not be zero")]
pub struct SlaPolicyError {
    /// Customer type of the target.
    pub customer_type: CustomerType,
    /// Urgency of the target.
    pub urgency: Urgency,
}

impl Default for SlaPolicy {
    fn default() -> Self {
        use ServiceTarget as T;
        Self {
            targets: [
                [T::hours(72, 240), T::hours(48, 168), T::hours(24, 96), T::hours(8, 48)],
                [T::hours(24, 120), T::hours(12, 72), T::hours(4, 48), T::hours(1, 8)],
                [T::hours(12, 96), T::hours(8, 48), T::hours(1, 24), T::minutes(15, 240)],
            ],
            calendars: Default::default(),
        }
    }
}

impl SlaPolicy {
    /// Replaces the target for a customer type and an urgency.
    ///
    /// Fails if either part of the target is zero.
    pub fn with_target(
        mut self,
        customer_type: CustomerType,
        urgency: Urgency,
        target: ServiceTarget,
    ) -> Result<Self, SlaPolicyError> {
        if target.first_response.is_zero() || target.resolution.is_zero() {
            return Err(SlaPolicyError { customer_type, urgency });
        }
        self.targets[customer_type as usize][urgency as usize] = target;
        Ok(self)
    }

    /// Replaces the calendar for a customer type.
    #[must_use]
    pub fn with_calendar(mut self, customer_type: CustomerType, calendar: Calendar) -> Self {
        self.calendars[customer_type as usize] = calendar;
        self
    }

    /// Returns the target for a customer type and an urgency.
    pub fn target(&self, customer_type: CustomerType, urgency: Urgency) -> ServiceTarget {
        self.targets[customer_type as usize][urgency as usize]
    }

    /// Returns the calendar in which the targets of a customer type are counted.
    pub fn calendar(&self, customer_type: CustomerType) -> &Calendar {
        &self.calendars[customer_type as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cell_of_the_table_is_as_documented() {
        use {CustomerType as C, Urgency as U};
        let hours = |count: u64| Duration::from_secs(count * 3600);
        let quarter = Duration::from_secs(15 * 60);
        for (customer, urgency, first_response, resolution) in [
            (C::Free, U::Low, hours(72), 240),
            (C::Free, U::Medium, hours(48), 168),
            (C::Free, U::High, hours(24), 96),
            (C::Free, U::Critical, hours(8), 48),
            (C::Business, U::Low, hours(24), 120),
            (C::Business, U::Medium, hours(12), 72),
            (C::Business, U::High, hours(4), 48),
            (C::Business, U::Critical, hours(1), 8),
            (C::Enterprise, U::Low, hours(12), 96),
            (C::Enterprise, U::Medium, hours(8), 48),
            (C::Enterprise, U::High, hours(1), 24),
            (C::Enterprise, U::Critical, quarter, 4),
        ] {
            let expected = ServiceTarget { first_response, resolution: hours(resolution) };
            assert_eq!(
                SlaPolicy::default().target(customer, urgency),
                expected,
                "{customer} {urgency}"
            );
        }
    }

    #[test]
    fn a_target_can_be_replaced_but_not_by_zero() {
        let target = ServiceTarget::hours(1, 2);
        let policy =
            SlaPolicy::default().with_target(CustomerType::Free, Urgency::Low, target).unwrap();
        assert_eq!(policy.target(CustomerType::Free, Urgency::Low), target);
        let nothing = ServiceTarget { first_response: Duration::ZERO, ..target };
        assert!(policy.with_target(CustomerType::Free, Urgency::Low, nothing).is_err());
    }
}
