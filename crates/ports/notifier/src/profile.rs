use std::num::NonZeroU32;
use std::time::Duration;

/// Properties of a channel by which the dispatcher delivers its notifications. Each adapter states
/// those of its channel that differ from the default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChannelProfile {
    /// Time limit of a delivery.
    pub deadline: Duration,
    /// Delays between the attempts.
    pub retries: RetrySchedule,
    /// Maximum number of concurrent deliveries. Further ones would spend their time limit waiting.
    pub slots: NonZeroU32,
    /// Maximum number of concurrent deliveries per address. Unlimited if absent. With a limit, the
    /// dispatcher also slows down for an address that fails or is overloaded.
    pub most_per_address: Option<NonZeroU32>,
}

impl Default for ChannelProfile {
    /// Returns a profile for an ordinary service: a delivery ends within 10 s, up to four run at
    /// once, and a failed one is retried after 5 s, 1 min, 10 min, 1 h, 6 h and 24 h.
    fn default() -> Self {
        const RETRIES: RetrySchedule = RetrySchedule::new(&[
            Duration::from_secs(5),
            Duration::from_secs(60),
            Duration::from_secs(10 * 60),
            Duration::from_secs(3600),
            Duration::from_secs(6 * 3600),
            Duration::from_secs(24 * 3600),
        ]);
        Self {
            deadline: Duration::from_secs(10),
            retries: RETRIES,
            slots: concurrent(4),
            most_per_address: None,
        }
    }
}

/// Returns a maximum number of concurrent deliveries, which is at least one.
pub const fn concurrent(deliveries: u32) -> NonZeroU32 {
    NonZeroU32::MIN.saturating_add(deliveries.saturating_sub(1))
}

/// Delays before the retries of a failed notification, which is given up after the last retry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetrySchedule(&'static [Duration]);

impl RetrySchedule {
    /// Creates a schedule with one delay for each retry.
    pub const fn new(delays: &'static [Duration]) -> Self {
        Self(delays)
    }

    /// Returns the delay after a failed attempt, counted from 1, or `None` if it was the last one.
    pub fn delay_after(self, attempt: u32) -> Option<Duration> {
        let place = usize::try_from(attempt).ok()?.checked_sub(1)?;
        self.0.get(place).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_one_retry_for_each_delay() {
        const SCHEDULE: RetrySchedule =
            RetrySchedule::new(&[Duration::from_secs(5), Duration::from_secs(300)]);
        let delays = [0, 1, 2, 3, u32::MAX].map(|attempt| SCHEDULE.delay_after(attempt));
        let [first, second] = [Duration::from_secs(5), Duration::from_secs(300)];
        assert_eq!(delays, [None, Some(first), Some(second), None, None]);
    }
}
