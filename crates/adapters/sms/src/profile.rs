//! Delivery of text messages: time limit, retries and concurrency.

use std::time::Duration;

use engage_notifier::{ChannelProfile, concurrent};

use crate::retry_schedule::RETRY_SCHEDULE;

/// Profile of the channel.
pub(crate) const PROFILE: ChannelProfile = ChannelProfile {
    // One second more than a request may take.
    deadline: Duration::from_secs(15),
    retries: RETRY_SCHEDULE,
    slots: concurrent(8),
    most_per_address: None,
};
