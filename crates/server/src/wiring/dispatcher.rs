//! Wiring of the dispatcher and of the tracking of notifications.

use std::sync::Arc;

use engage_application::{
    AccessTokens, CustomerLinks, Dispatcher, DispatcherSettings, EndpointHealth, OutboxSignal,
    SuccessesNoted, TrackNotifications,
};
use tokio::task::JoinHandle;

use super::channels::Channels;
use crate::commands::audit;
use crate::settings::Settings;
use crate::storage::Storage;
use crate::system::{SystemClock, SystemIds};

pub(crate) fn dispatcher(
    settings: &Settings,
    storage: &Storage,
    channels: &Channels,
    links: CustomerLinks,
    outbox_signal: OutboxSignal,
) -> Dispatcher {
    let endpoints = EndpointHealth {
        endpoints: storage.store(),
        known: channels.endpoints.clone(),
        staff: storage.store(),
        clock: Arc::new(SystemClock),
        ids: Arc::new(SystemIds),
        noted: SuccessesNoted::default(),
    };
    let (outbox, notifiers) = (storage.store(), channels.notifiers.clone());
    let settings =
        DispatcherSettings { limits: settings.limits.sending(), ..DispatcherSettings::default() };
    Dispatcher::new(outbox, notifiers, endpoints, links, outbox_signal, settings)
}

/// Builds the links for e-mails to customers.
pub(crate) fn links(settings: &Settings, tokens: AccessTokens) -> anyhow::Result<CustomerLinks> {
    let url = settings.public_url();
    anyhow::ensure!(
        !url.contains(['?', '#']),
        "server.public_url: remove the query and the fragment, since paths are appended to it"
    );
    Ok(CustomerLinks::new(tokens, format!("{}/support", url.trim_end_matches('/'))))
}

pub(crate) fn tracking(storage: &Storage) -> TrackNotifications {
    TrackNotifications::new(storage.store(), storage.store(), storage.store(), audit::recorder())
}

/// Listens for commits of other processes and signals them to the dispatcher. Does nothing on
/// SQLite.
pub(crate) fn listen(
    settings: &Settings,
    outbox_signal: OutboxSignal,
) -> anyhow::Result<Option<JoinHandle<()>>> {
    let listener = Storage::listener(&settings.database)?;
    Ok(listener.map(|listener| tokio::spawn(listener.run(move || outbox_signal.notify()))))
}
