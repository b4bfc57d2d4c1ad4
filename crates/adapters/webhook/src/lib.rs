//! Delivers Engage's events to other systems by [Standard Webhooks 1.0].
//!
//! [`WebhookSender`] signs each event and posts it to its endpoint. [`WebhookLog`] only logs what
//! would be sent. A [`Guard`] blocks endpoints inside the network, both on registration and on
//! every delivery.
//!
//! [Standard Webhooks 1.0]: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
#![warn(missing_docs)]

mod address;
mod failure;
mod guard;
mod guarded_resolver;
mod log;
mod profile;
mod proxy;
mod resolver;
mod response;
mod retry_schedule;
mod sender;
mod settings;
mod signature;
mod tls;

pub use engage_outbound::DnsResolver;
pub use guard::{Blocked, Guard, GuardError};
pub use log::WebhookLog;
pub use proxy::{ProxyUrl, ProxyUrlError};
pub use resolver::Resolver;
pub use rustls::pki_types::CertificateDer;
pub use sender::WebhookSender;
pub use settings::WebhookSettings;
pub use tls::SetUpError;
