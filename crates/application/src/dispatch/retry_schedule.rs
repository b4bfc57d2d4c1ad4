//! How often a failed notification is tried again, and when it is given up.

use std::time::Duration;

use engage_domain::Channel;

const SECOND: u64 = 1;
const MINUTE: u64 = 60;
const HOUR: u64 = 3600;

const WEBHOOK: &[u64] = &[
    5 * SECOND,
    5 * MINUTE,
    30 * MINUTE,
    2 * HOUR,
    5 * HOUR,
    10 * HOUR,
    14 * HOUR,
    20 * HOUR,
    24 * HOUR,
];
const EMAIL: &[u64] = &[
    30 * SECOND,
    5 * MINUTE,
    15 * MINUTE,
    30 * MINUTE,
    HOUR,
    2 * HOUR,
    4 * HOUR,
    8 * HOUR,
    16 * HOUR,
    24 * HOUR,
    24 * HOUR,
    24 * HOUR,
];
const SMS: &[u64] =
    &[5 * SECOND, 30 * SECOND, 2 * MINUTE, 10 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR];

/// How long the other side may ask to be left alone.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(24 * HOUR);

/// How often a channel that takes no message is tried.
pub(super) const CHANNEL_PROBE: Duration = Duration::from_secs(MINUTE);

fn schedule(channel: Channel) -> &'static [u64] {
    match channel {
        Channel::Email => EMAIL,
        Channel::Sms => SMS,
        Channel::Webhook => WEBHOOK,
    }
}

/// How long one delivery may take. An e-mail has 120 s from the moment at which there is a connection
/// for it, which it waits for up to 60 s.
pub(super) fn deadline(channel: Channel) -> Duration {
    Duration::from_secs(match channel {
        Channel::Email => 180,
        Channel::Sms => 15,
        Channel::Webhook => 20,
    })
}

/// How long to wait after a failed attempt, counted from 1, spread by a fifth either way so that
/// messages that failed together do not return together; `None` where it was the last.
pub(super) fn delay(
    channel: Channel,
    attempt: u32,
    retry_after: Option<Duration>,
) -> Option<Duration> {
    let place = usize::try_from(attempt).ok()?.checked_sub(1)?;
    let seconds = *schedule(channel).get(place)?;
    let spread = rand::random_range(0.8..=1.2);
    let delay = Duration::from_secs(seconds).mul_f64(spread);
    Some(delay.max(retry_after.unwrap_or_default().min(LONGEST_RETRY_AFTER)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_channel_waits_as_documented_within_a_fifth() {
        for (channel, attempt, seconds) in [
            (Channel::Webhook, 1, 5),
            (Channel::Webhook, 9, 24 * HOUR),
            (Channel::Email, 1, 30),
            (Channel::Email, 12, 24 * HOUR),
            (Channel::Sms, 1, 5),
            (Channel::Sms, 7, 2 * HOUR),
        ] {
            let nominal = Duration::from_secs(seconds);
            for _ in 0..100 {
                let delay = delay(channel, attempt, None).unwrap();
                assert!(delay >= nominal.mul_f64(0.799), "{channel} {attempt}: {delay:?}");
                assert!(delay <= nominal.mul_f64(1.201), "{channel} {attempt}: {delay:?}");
            }
        }
    }

    #[test]
    fn after_the_last_attempt_there_is_no_other() {
        for (channel, last) in [(Channel::Webhook, 9), (Channel::Email, 12), (Channel::Sms, 7)] {
            assert!(delay(channel, last, None).is_some());
            assert_eq!(delay(channel, last + 1, None), None);
        }
    }

    #[test]
    fn a_wish_to_be_left_alone_is_heard_for_up_to_a_day() {
        let hour = Duration::from_secs(HOUR);
        assert_eq!(delay(Channel::Webhook, 1, Some(hour)), Some(hour));
        let week = Duration::from_secs(7 * 24 * HOUR);
        assert_eq!(delay(Channel::Webhook, 1, Some(week)), Some(LONGEST_RETRY_AFTER));
    }
}
