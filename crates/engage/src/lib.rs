//! Engage as a library: assembles a store, channels and the HTTP API into a server, as the program
//! `engage` does.
//!
//! [`Engage::builder`] takes what every server needs. Everything else has a default or is added by
//! one call: a channel, an identity provider, policies, routes of your own.
//!
//! ```no_run
//! use std::sync::Arc;
//!
//! use engage::application::ServerSecret;
//! use engage::domain::Channel;
//! use engage::notifier::Notifier;
//! use engage::repository::{AttachmentStore, Store};
//! use engage::Engage;
//!
//! # async fn example(
//! #     store: Arc<dyn Store>, files: Arc<dyn AttachmentStore>, mailer: Arc<dyn Notifier>,
//! # ) -> Result<(), Box<dyn std::error::Error>> {
//! // At least 32 characters, the same on each server of a database.
//! let secret: ServerSecret = std::env::var("ENGAGE_SECRET")?.parse()?;
//! let engage = Engage::builder(store, files, secret).channel(Channel::Email, mailer).build()?;
//! engage.serve_at("127.0.0.1:3000".parse()?).await?;
//! # Ok(())
//! # }
//! ```
//!
//! With the features `sqlite` and `attachments`, `Engage::in_folder` begins with a database and files
//! in one folder.
//!
//! Use cases of your own are built on [`Engage::case_changes`], which reads a case, lets you decide,
//! and commits the event together with its notifications.
#![warn(missing_docs)]

mod administration;
mod assembly;
mod builder;
#[cfg(all(feature = "attachments", feature = "sqlite"))]
mod data_folder;
mod error;
mod no_webhooks;
mod parts;
mod server;
mod settings;

pub use administration::Administration;
pub use assembly::Engage;
pub use builder::EngageBuilder;
pub use error::EngageError;
pub use settings::{
    CustomerSettings, FileSettings, HttpSettings, MetricsEndpoint, RetentionSettings, Rules,
};

pub use engage_application as application;
pub use engage_domain as domain;
pub use engage_http as http;
pub use engage_identity as identity;
pub use engage_notifier as notifier;
pub use engage_repository as repository;
pub use engage_templates as templates;

#[cfg(feature = "attachments")]
pub use engage_attachments as attachments;
#[cfg(feature = "postgres")]
pub use engage_postgres as postgres;
#[cfg(feature = "sms")]
pub use engage_sms as sms;
#[cfg(feature = "smtp")]
pub use engage_smtp as smtp;
#[cfg(feature = "sqlite")]
pub use engage_sqlite as sqlite;
#[cfg(feature = "webhook")]
pub use engage_webhook as webhook;
