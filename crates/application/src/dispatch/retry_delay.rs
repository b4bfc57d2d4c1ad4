//! The delay before a failed notification is retried. Each channel's adapter has the schedule in its
//! `retry_schedule.rs`.

use std::time::Duration;

use engage_notifier::RetrySchedule;

/// Longest delay that a remote server may request.
const LONGEST_RETRY_AFTER: Duration = Duration::from_hours(24);

/// Returns the delay after a failed attempt, counted from 1, or `None` if it was the last one.
///
/// The delay is spread by a fifth in either direction, so that notifications that failed together
/// are not retried together.
pub(super) fn delay(
    retries: RetrySchedule,
    attempt: u32,
    retry_after: Option<Duration>,
) -> Option<Duration> {
    let spread = rand::random_range(0.8..=1.2);
    let delay = retries.delay_after(attempt)?.mul_f64(spread);
    Some(delay.max(retry_after.unwrap_or_default().min(LONGEST_RETRY_AFTER)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const RETRIES: RetrySchedule =
        RetrySchedule::new(&[Duration::from_secs(5), Duration::from_hours(24)]);

    #[test]
    fn a_delay_differs_from_the_schedule_by_up_to_a_fifth() {
        for (attempt, nominal) in [(1, Duration::from_secs(5)), (2, Duration::from_hours(24))] {
            for _ in 0..100 {
                let delay = delay(RETRIES, attempt, None).unwrap();
                assert!(delay >= nominal.mul_f64(0.799), "{attempt}: {delay:?}");
                assert!(delay <= nominal.mul_f64(1.201), "{attempt}: {delay:?}");
            }
        }
    }

    #[test]
    fn after_the_last_attempt_there_is_no_other() {
        assert_eq!(delay(RETRIES, 3, None), None);
        assert_eq!(delay(RETRIES, 3, Some(Duration::from_secs(1))), None);
    }

    #[test]
    fn a_requested_delay_is_respected_up_to_a_day() {
        let hour = Duration::from_hours(1);
        assert_eq!(delay(RETRIES, 1, Some(hour)), Some(hour));
        assert_eq!(delay(RETRIES, 1, Some(hour * 24 * 7)), Some(LONGEST_RETRY_AFTER));
    }
}
