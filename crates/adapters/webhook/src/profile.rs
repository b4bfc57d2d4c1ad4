//! Delivery of webhooks: time limit, retries and concurrency.

use std::time::Duration;

use engage_notifier::{ChannelProfile, concurrent};

use crate::retry_schedule::RETRY_SCHEDULE;

/// Profile of the channel.
pub(crate) const PROFILE: ChannelProfile = ChannelProfile {
    deadline: Duration::from_secs(20),
    retries: RETRY_SCHEDULE,
    slots: concurrent(64),
    // A slow endpoint leaves most slots to the others.
    most_per_address: Some(concurrent(10)),
};
