//! The retries of failed text messages.

use std::time::Duration;

use engage_notifier::RetrySchedule;

/// Delays before the 7 retries of a text message, almost 4 hours in total. Then it is given up.
pub(crate) const RETRY_SCHEDULE: RetrySchedule = RetrySchedule::new(&[
    Duration::from_secs(5),
    Duration::from_secs(30),
    Duration::from_mins(2),
    Duration::from_mins(10),
    Duration::from_mins(30),
    Duration::from_hours(1),
    Duration::from_hours(2),
]);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_message_is_given_up_after_seven_retries() {
        let last = Some(Duration::from_hours(2));
        assert_eq!(RETRY_SCHEDULE.delay_after(1), Some(Duration::from_secs(5)));
        assert_eq!(RETRY_SCHEDULE.delay_after(7), last);
        assert_eq!(RETRY_SCHEDULE.delay_after(8), None);
    }
}
