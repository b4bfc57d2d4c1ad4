//! Delivers Engage's text messages.
//!
//! [`Twilio`] hands them to Twilio's Messages API. [`SmsLog`] writes them to the log: the channel of a
//! desk that has no SMS service set up.
#![warn(missing_docs)]

mod log;
mod text_message;
mod twilio;

pub use crate::log::SmsLog;
pub use crate::twilio::{
    AccountSid, AccountSidError, AuthToken, AuthTokenError, BaseUrl, BaseUrlError, DEFAULT_URL,
    STATUS_PATH, SetupError, SmsSender, SmsSenderError, Twilio, TwilioSettings,
};
