//! Command that delivers notifications without serving the API.

use std::net::TcpListener;
use std::sync::Arc;

use anyhow::Context;
use engage_application::{OutboxSignal, WebhookTargets};
use engage_http::Shutdown;
use tokio::sync::watch;
use tracing::info;

use super::{Signals, audit};
use crate::settings::Settings;
use crate::storage::Storage;
use crate::wiring::{self, Background, Channels};
use crate::{exposure, secret};

pub(crate) async fn run(settings: Settings) -> anyhow::Result<()> {
    secret::check(&settings)?;
    let storage = Storage::serve(&settings.database).await?;
    info!("the database is {}", settings.database.url);
    exposure::warn_of_data(&settings);
    let policies = wiring::policies(&settings)?;
    let channels = Channels::new(&settings, storage.store(), storage.store())?;
    let outbox_signal = OutboxSignal::default();
    let tokens = secret::access_tokens(&settings)?;
    let links = wiring::links(&settings, tokens.clone())?;
    let dispatcher =
        wiring::dispatcher(&settings, &storage, &channels, links, outbox_signal.clone());
    let targets = WebhookTargets::from(channels.endpoints.clone());
    let authorizer = wiring::authorizer(&settings, tokens);
    let changes = wiring::case_changes(
        &settings,
        &storage,
        policies,
        authorizer,
        targets,
        outbox_signal.clone(),
    );
    let due_cases = wiring::due_cases(&storage, Arc::new(changes));
    let attachments = wiring::attachments(&settings, &storage)?;
    let retention_worker = wiring::retention_worker(&settings, &storage, attachments);
    let health = wiring::health(&storage, &channels, dispatcher.status());
    let shutdown = Shutdown::default();
    let service = match settings.dispatch.bind {
        Some(bind) => {
            let listener = TcpListener::bind(bind)
                .with_context(|| format!("cannot listen on {bind} (dispatch.bind)"))?;
            let address = listener.local_addr().context("cannot determine the port")?;
            let metrics = wiring::metrics(&settings, &storage, address)?;
            let edge = wiring::network_settings(&settings, &storage, address)?;
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
    let listening = wiring::listen(&settings, outbox_signal)?;
    let (stop, stopped) = watch::channel(false);
    let sealing = tokio::spawn(audit::sealer(&storage).run(stopped.clone()));
    let background = Background {
        dispatcher: tokio::spawn(dispatcher.run(stopped.clone())),
        due_case_worker: tokio::spawn(due_cases.run(stopped.clone())),
        retention_worker: tokio::spawn(retention_worker.run(stopped)),
    };
    info!("delivering notifications");
    signals.told_to_stop().await;
    shutdown.begin();
    // Sending fails only if all workers have ended, and then there is nothing to stop.
    let _ = stop.send(true);
    if let Some(listening) = listening {
        listening.abort();
    }
    background.ended().await?;
    sealing.await.context("the audit sealer panicked")?;
    if let Some(service) = service {
        service.stop(false).await;
    }
    info!("stopped");
    Ok(())
}
