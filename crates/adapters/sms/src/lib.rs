//! Delivers Engage's text messages.
//!
//! [`Twilio`] hands them to Twilio's Messages API, and [`StatusCallbacks`] reads what Twilio reports
//! of them afterwards. [`SmsLog`] writes them to the log: the channel of a desk that has no SMS
//! service set up.
#![warn(missing_docs)]

mod log;
mod text_message;
mod twilio;

pub use crate::log::SmsLog;
pub use crate::twilio::{
    AccountSid, AccountSidError, AuthToken, AuthTokenError, BaseUrl, BaseUrlError, CallbackError,
    DEFAULT_URL, DeliveryOutcome, DeliveryReport, SIGNATURE_HEADER, STATUS_PATH, SetupError,
    SmsSender, SmsSenderError, StatusCallbacks, Twilio, TwilioSettings,
};
