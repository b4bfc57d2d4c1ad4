//! The retries of failed webhooks.

use std::time::Duration;

use engage_notifier::RetrySchedule;

/// Delays before the 9 retries of a webhook, about 3 days in total. Then it is given up.
pub(crate) const RETRY_SCHEDULE: RetrySchedule = RetrySchedule::new(&[
    Duration::from_secs(5),
    Duration::from_mins(5),
    Duration::from_mins(30),
    Duration::from_hours(2),
    Duration::from_hours(5),
    Duration::from_hours(10),
    Duration::from_hours(14),
    Duration::from_hours(20),
    Duration::from_hours(24),
]);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_webhook_is_given_up_after_nine_retries() {
        let last = Some(Duration::from_hours(24));
        assert_eq!(RETRY_SCHEDULE.delay_after(1), Some(Duration::from_secs(5)));
        assert_eq!(RETRY_SCHEDULE.delay_after(9), last);
        assert_eq!(RETRY_SCHEDULE.delay_after(10), None);
    }
}
