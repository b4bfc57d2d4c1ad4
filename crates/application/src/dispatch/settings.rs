use std::num::NonZeroU32;
use std::time::Duration;

use engage_domain::Channel;

use super::sending_limits::SendingLimits;

/// How a dispatcher works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DispatcherSettings {
    /// How many e-mails are on their way at once.
    pub email_slots: NonZeroU32,
    /// How many text messages are on their way at once.
    pub sms_slots: NonZeroU32,
    /// How many requests to other systems are on their way at once.
    pub webhook_slots: NonZeroU32,
    /// How many of those to one endpoint.
    pub most_per_endpoint: NonZeroU32,
    /// Time between two looks that no signal asked for.
    pub poll: Duration,
    /// How long to wait for deliveries under way when told to stop.
    pub drain: Duration,
    /// How much may be sent of what customers cause.
    pub limits: SendingLimits,
}

/// A number of slots, at least one.
const fn slots(number: u32) -> NonZeroU32 {
    NonZeroU32::MIN.saturating_add(number.saturating_sub(1))
}

impl Default for DispatcherSettings {
    fn default() -> Self {
        Self {
            email_slots: slots(4),
            sms_slots: slots(8),
            webhook_slots: slots(64),
            most_per_endpoint: slots(10),
            poll: Duration::from_secs(1),
            drain: Duration::from_secs(25),
            limits: SendingLimits::default(),
        }
    }
}

impl DispatcherSettings {
    /// The same, with so many slots for each channel.
    #[must_use]
    pub fn with_slots(self, slots: NonZeroU32) -> Self {
        Self { email_slots: slots, sms_slots: slots, webhook_slots: slots, ..self }
    }

    /// The same, with no more slots for a channel than it can use.
    pub(super) fn with_at_most(mut self, channel: Channel, most: NonZeroU32) -> Self {
        let slots = match channel {
            Channel::Email => &mut self.email_slots,
            Channel::Sms => &mut self.sms_slots,
            Channel::Webhook => &mut self.webhook_slots,
        };
        *slots = most.min(*slots);
        self
    }

    pub(super) fn slots(&self, channel: Channel) -> NonZeroU32 {
        match channel {
            Channel::Email => self.email_slots,
            Channel::Sms => self.sms_slots,
            Channel::Webhook => self.webhook_slots,
        }
    }

    /// How many messages may be on their way to one address at once.
    pub(super) fn most_per_address(&self, channel: Channel) -> NonZeroU32 {
        match channel {
            Channel::Email | Channel::Sms => NonZeroU32::MAX,
            Channel::Webhook => self.most_per_endpoint,
        }
    }
}
