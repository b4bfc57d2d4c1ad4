//! Delivery of e-mails: time limit, retries and concurrency.

use std::time::Duration;

use engage_notifier::ChannelProfile;

use crate::client::CONNECTIONS;
use crate::retry_schedule::RETRY_SCHEDULE;

/// Profile of the channel.
pub(crate) const PROFILE: ChannelProfile = ChannelProfile {
    // One minute for the connection and two for the message.
    deadline: Duration::from_mins(3),
    retries: RETRY_SCHEDULE,
    slots: CONNECTIONS,
    most_per_address: None,
};
