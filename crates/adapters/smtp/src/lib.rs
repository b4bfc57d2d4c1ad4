//! Delivers Engage's e-mail.
//!
//! [`MailFolder`] writes each message to a folder as an `.eml` file, which any mail program opens:
//! the channel of a desk that has no mail server set up.
#![warn(missing_docs)]

mod compose;
#[cfg(test)]
mod fixtures;
mod folder;

pub use compose::{Sender, SenderError};
pub use folder::MailFolder;
