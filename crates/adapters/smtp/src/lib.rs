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
//! use engage_smtp::{DnsResolver, Mailer, SmtpUrl, TrustedRoots};
//!
//! fn mailer(renderer: Arc<dyn MessageRenderer>) -> Result<Mailer, Box<dyn std::error::Error>> {
//!     let url: SmtpUrl = "smtp://desk:s3cret@mail.example.com:587?tls=required".parse()?;
//!     let sender = "Support <support@example.com>".parse()?;
//!     let (roots, resolver) = (TrustedRoots::system(), DnsResolver::system());
//!     Ok(Mailer::new(url, roots, sender, renderer, resolver)?)
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
pub use engage_outbound::DnsResolver;
pub use folder::MailFolder;
pub use kept_mail::KeptMail;
pub use mailer::Mailer;
pub use memory::MailMemory;
pub use tls::{TrustedRoots, TrustedRootsError};
pub use url::{SmtpUrl, SmtpUrlError};
