//! Delivers Engage's text messages.
//!
//! [`SmsLog`] writes them to the log: the channel of a desk that has no SMS service set up.
#![warn(missing_docs)]

mod log;
mod text_message;

pub use crate::log::SmsLog;
