//! Channels and the addresses that they deliver to.

use std::fmt;

use crate::contact::{EmailAddress, PhoneNumber};
use crate::id::WebhookId;
use crate::stored::FromStored;
use crate::wire::wire_enum;

wire_enum! {
    /// A way to deliver notifications.
    pub enum Channel {
        /// E-mail.
        Email = "EMAIL",
        /// Text messages.
        Sms = "SMS",
        /// HTTP requests to other systems.
        Webhook = "WEBHOOK",
    }
}

/// Destination of a notification.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(tag = "channel", content = "address"))]
pub enum Address {
    /// E-mail address.
    #[cfg_attr(feature = "serde", serde(rename = "EMAIL"))]
    Email(EmailAddress),
    /// Telephone number for text messages.
    #[cfg_attr(feature = "serde", serde(rename = "SMS"))]
    Phone(PhoneNumber),
    /// Webhook endpoint.
    #[cfg_attr(feature = "serde", serde(rename = "WEBHOOK"))]
    Webhook(WebhookId),
}

impl Address {
    /// Returns the channel that delivers to the address.
    pub fn channel(&self) -> Channel {
        match self {
            Self::Email(_) => Channel::Email,
            Self::Phone(_) => Channel::Sms,
            Self::Webhook(_) => Channel::Webhook,
        }
    }

    /// Checks whether both addresses reach the same recipient, regardless of their spelling.
    pub fn is_same_as(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Email(one), Self::Email(other)) => one.normalized() == other.normalized(),
            (one, other) => one == other,
        }
    }

    /// Parses an address of the channel from its [`fmt::Display`] form.
    pub fn parse(channel: Channel, text: &str) -> Option<Self> {
        match channel {
            Channel::Email => EmailAddress::from_stored(text).ok().map(Self::Email),
            Channel::Sms => PhoneNumber::from_stored(text).ok().map(Self::Phone),
            Channel::Webhook => WebhookId::from_stored(text).ok().map(Self::Webhook),
        }
    }
}

/// Writes the address in the form that its channel uses. An e-mail address with an
/// internationalised domain is written in ASCII.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Email(address) => address.ascii().fmt(f),
            Self::Phone(number) => number.fmt(f),
            Self::Webhook(id) => id.fmt(f),
        }
    }
}
