//! Delivering messages without serving the API.

use std::net::TcpListener;
use std::sync::Arc;

use anyhow::Context;
use engage_application::{CaseChanges, OutboxBell, WebhookTargets};
use engage_http::Shutdown;
use tokio::sync::watch;
use tracing::info;

use super::delivery::Background;
use super::{Signals, audit, delivery};
use crate::channels::Channels;
use crate::settings::Settings;
use crate::storage::Storage;
use crate::{desk, exposure, secret};

pub(crate) async fn run(settings: Settings) -> anyhow::Result<()> {
    secret::check(&settings)?;
    let storage = Storage::serve(&settings.database).await?;
    info!("the database is {}", settings.database.url);
    exposure::warn_of_data(&settings);
    let policies = desk::policies(&settings)?;
    let channels =
        Channels::new(&settings, Arc::clone(&storage.webhooks), Arc::clone(&storage.directory))?;
    let bell = OutboxBell::default();
    let tokens = secret::access_tokens(&settings)?;
    let links = delivery::links(&settings, tokens.clone())?;
    let dispatcher = delivery::dispatcher(&settings, &storage, &channels, links, bell.clone());
    let targets = WebhookTargets::from(channels.endpoints.clone());
    let gate = desk::gate(&settings, tokens);
    let desk = desk::desk(&settings, &storage, policies, gate, targets, bell.clone());
    let due_cases = delivery::due_cases(&storage, Arc::new(CaseChanges::new(desk)));
    let attachments = delivery::attachments(&settings, &storage)?;
    let housekeeper = delivery::housekeeper(&settings, &storage, attachments);
    let health = delivery::health(&storage, &channels, dispatcher.status());
    let shutdown = Shutdown::default();
    let service = match settings.dispatch.bind {
        Some(bind) => {
            let listener = TcpListener::bind(bind)
                .with_context(|| format!("cannot listen on {bind} (dispatch.bind)"))?;
            let address = listener.local_addr().context("cannot tell the port")?;
            let metrics = delivery::metrics(&settings, &storage, address)?;
            let edge = delivery::edge(&settings, &storage, address)?;
            let service = engage_http::service(listener, health, metrics, edge, shutdown.clone());
            let service = service.context("cannot serve")?;
            info!("health and metrics on http://{address}");
            let handle = service.handle();
            tokio::spawn(service);
            Some(handle)
        }
        None => None,
    };
    let mut signals = Signals::new()?;
    let listening = delivery::listen(&settings, bell)?;
    let (stop, stopped) = watch::channel(false);
    let sealing = tokio::spawn(audit::sealer(&storage).run(stopped.clone()));
    let background = Background {
        dispatching: tokio::spawn(dispatcher.run(stopped.clone())),
        keeping_time: tokio::spawn(due_cases.run(stopped.clone())),
        keeping_house: tokio::spawn(housekeeper.run(stopped)),
    };
    info!("delivering messages");
    signals.told_to_stop().await;
    shutdown.begin();
    // The receivers are gone where those are who listen, and then there is nothing to stop.
    let _ = stop.send(true);
    if let Some(listening) = listening {
        listening.abort();
    }
    background.ended().await?;
    sealing.await.context("what seals the audit log ended in a panic")?;
    if let Some(service) = service {
        service.stop(false).await;
    }
    info!("stopped");
    Ok(())
}
