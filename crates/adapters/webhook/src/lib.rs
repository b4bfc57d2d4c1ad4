//! Delivers Engage's events to other systems, as [Standard Webhooks 1.0] has it.
//!
//! [`WebhookSender`] posts each event, signed, to its endpoint; [`WebhookLog`] writes to the log
//! what would be sent where. A [`Guard`] keeps endpoints from being inside the network: registering
//! an endpoint asks it, and so does every delivery.
//!
//! [Standard Webhooks 1.0]: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
#![warn(missing_docs)]

mod address;
mod failure;
mod guard;
mod guarded_resolver;
mod log;
mod proxy;
mod resolver;
mod response;
mod sender;
mod settings;
mod signature;
mod tls;

pub use guard::{Blocked, Guard, GuardError};
pub use log::WebhookLog;
pub use proxy::{ProxyUrl, ProxyUrlError};
pub use resolver::{Resolver, SystemResolver};
pub use rustls::pki_types::CertificateDer;
pub use sender::WebhookSender;
pub use settings::WebhookSettings;
pub use tls::SetUpError;
