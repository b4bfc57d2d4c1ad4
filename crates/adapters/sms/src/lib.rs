//! Delivers Engage's text messages.
//!
//! [`Twilio`] sends them through Twilio's Messages API, and [`StatusCallbacks`] reads Twilio's
//! later status reports. [`SmsLog`] only logs them. It is the channel of an installation without an
//! SMS service.
#![warn(missing_docs)]

mod log;
mod profile;
mod retry_schedule;
mod text_message;
mod twilio;

pub use engage_outbound::DnsResolver;

pub use crate::log::SmsLog;
pub use crate::twilio::{
    AccountSid, AccountSidError, AuthToken, AuthTokenError, BaseUrl, BaseUrlError, DEFAULT_URL,
    SIGNATURE_HEADER, STATUS_PATH, SetupError, SmsSender, SmsSenderError, StatusCallbacks, Twilio,
    TwilioSettings,
};
