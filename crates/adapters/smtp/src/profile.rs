//! Delivery of e-mails: time limit, retries and concurrency.

use std::time::Duration;

use engage_notifier::ChannelProfile;

use crate::client::CONNECTIONS;
use crate::retry_schedule::RETRY_SCHEDULE;

/// Profile of the channel.
pub(crate) const PROFILE: ChannelProfile = ChannelProfile {
    // 60 s for the connection and 120 s for the message.
    deadline: Duration::from_secs(180),
    retries: RETRY_SCHEDULE,
    slots: CONNECTIONS,
    most_per_address: None,
};
