//! Delivers Engage's e-mail.
//!
//! [`Mailer`] sends each e-mail to a mail server. [`MailFolder`] writes it to a folder as an `.eml`
//! file, which any mail client can open. It is the channel of an installation without a mail
//! server. [`MailMemory`] stores it in memory for tests.
//!
//! ```
//! use std::sync::Arc;
//!
//! use engage_notifier::MessageRenderer;
//! use engage_smtp::{Mailer, SmtpUrl, TrustedRoots};
//!
//! fn mailer(renderer: Arc<dyn MessageRenderer>) -> Result<Mailer, Box<dyn std::error::Error>> {
//!     let url: SmtpUrl = "smtp://desk:s3cret@mail.example.com:587?tls=required".parse()?;
//!     let sender = "Support <support@example.com>".parse()?;
//!     Ok(Mailer::new(url, TrustedRoots::system(), sender, renderer)?)
//! }
//! ```
#![warn(missing_docs)]

mod client;
mod compose;
#[cfg(test)]
mod fixtures;
mod folder;
mod kept_mail;
mod mailer;
mod memory;
mod profile;
mod retry_schedule;
mod tls;
mod url;

pub use compose::{Sender, SenderError};
pub use folder::MailFolder;
pub use kept_mail::KeptMail;
pub use mailer::Mailer;
pub use memory::MailMemory;
pub use tls::{TrustedRoots, TrustedRootsError};
pub use url::{SmtpUrl, SmtpUrlError};
