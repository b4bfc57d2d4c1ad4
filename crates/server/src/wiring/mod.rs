//! Chooses the adapters and the rules according to the settings.

mod book;
pub(crate) mod channels;
mod metrics;
mod network;
mod policies;
mod rules;

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context;
use engage::application::{OutboxSignal, Retention, TraceSampler};
use engage::attachments::AttachmentContents;
use engage::{
    CustomerSettings, Engage, EngageBuilder, FileSettings, HttpSettings, RetentionSettings,
};
use engage_domain::Policies;
use tokio::task::JoinHandle;

use crate::settings::Settings;
use crate::storage::Storage;
use crate::{identity, secret};

pub(crate) use book::BOOK;
pub(crate) use policies::policies;
#[cfg(test)]
pub(crate) use rules::matrix;

/// Begins to assemble a server with everything but its HTTP settings.
pub(crate) fn engage(
    settings: &Settings,
    storage: &Storage,
    policies: Policies,
) -> anyhow::Result<EngageBuilder> {
    let s3 = settings.attachments.s3(&settings.network.resolver);
    let contents = AttachmentContents::open(&settings.attachments.url, &s3)
        .context("cannot open the attachment storage (attachments.url)")?;
    let engage = Engage::builder(storage.store(), Arc::new(contents), secret::load(settings)?)
        .public_url(settings.public_url())
        .rules(rules::rules(settings, policies))
        .public_domains(settings.contacts.public_domains())
        .tags_created_by(settings.tags.creator())
        .customers(CustomerSettings {
            access: settings.customers.access,
            token_lifetime: settings.customers.token_lifetime,
            refused_participants: settings.customers.participants.refuse.iter().cloned().collect(),
            new_participants: settings.limits.new_participants,
        })
        .files(FileSettings {
            lifetime: settings.retention.uploads,
            floor: settings.limits.space_floor(),
        })
        .retention(RetentionSettings {
            idempotency: settings.retention.idempotency,
            records: Retention {
                messages: settings.retention.messages,
                audit: settings.retention.audit,
                interval: settings.retention.interval,
            },
        })
        .sending_limits(settings.limits.sending())
        .token_lives(settings.tokens.lives())
        .trace_sampler(TraceSampler::new(settings.tracing.sample_ratio));
    let engage = channels::add_to(engage, settings)?;
    Ok(match identity::provider(settings)? {
        Some(provider) => {
            let early = provider.clone();
            // In the background, since the start does not wait for the provider.
            tokio::spawn(async move { early.warm_up().await });
            engage.verifier(Arc::new(provider))
        }
        None => engage,
    })
}

/// Returns the settings of a server that listens on an address.
pub(crate) fn http(
    settings: &Settings,
    storage: &Storage,
    address: SocketAddr,
) -> anyhow::Result<HttpSettings> {
    let limits = &settings.limits;
    Ok(HttpSettings {
        network: network::network_settings(settings, storage, address)?,
        member_limits: engage::http::MemberLimits {
            streams: limits.streams,
            searches: limits.searches,
        },
        metrics: Some(metrics::metrics(settings, address)?),
        ..HttpSettings::default()
    })
}

/// Listens for commits of other processes and signals them to the dispatcher. Does nothing on
/// SQLite.
pub(crate) fn listen(
    settings: &Settings,
    outbox_signal: OutboxSignal,
) -> anyhow::Result<Option<JoinHandle<()>>> {
    let listener = Storage::listener(settings)?;
    Ok(listener.map(|listener| tokio::spawn(listener.run(move || outbox_signal.notify()))))
}
