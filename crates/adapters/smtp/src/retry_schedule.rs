//! The retries of failed e-mails.

use std::time::Duration;

use engage_notifier::RetrySchedule;

/// Delays before the 12 retries of an e-mail, about 4 days in total. Then it is given up.
pub(crate) const RETRY_SCHEDULE: RetrySchedule = RetrySchedule::new(&[
    Duration::from_secs(30),
    Duration::from_mins(5),
    Duration::from_mins(15),
    Duration::from_mins(30),
    Duration::from_hours(1),
    Duration::from_hours(2),
    Duration::from_hours(4),
    Duration::from_hours(8),
    Duration::from_hours(16),
    Duration::from_hours(24),
    Duration::from_hours(24),
    Duration::from_hours(24),
]);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_email_is_given_up_after_twelve_retries() {
        let last = Some(Duration::from_hours(24));
        assert_eq!(RETRY_SCHEDULE.delay_after(1), Some(Duration::from_secs(30)));
        assert_eq!(RETRY_SCHEDULE.delay_after(12), last);
        assert_eq!(RETRY_SCHEDULE.delay_after(13), None);
    }
}
