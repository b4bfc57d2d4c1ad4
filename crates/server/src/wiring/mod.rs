//! Assembles the adapters, the use cases and the workers according to the settings.

mod attachments;
mod background;
mod cases;
pub(crate) mod channels;
mod dispatcher;
mod health;
mod metrics;
mod network;
mod policies;
mod use_cases;

pub(crate) use attachments::attachments;
pub(crate) use background::{Background, due_cases, retention_worker};
#[cfg(test)]
pub(crate) use cases::matrix;
pub(crate) use cases::{authorizer, case_changes};
pub(crate) use channels::Channels;
pub(crate) use dispatcher::{dispatcher, links, listen, tracking};
pub(crate) use health::health;
pub(crate) use metrics::metrics;
pub(crate) use network::network_settings;
pub(crate) use policies::policies;
pub(crate) use use_cases::UseCases;
