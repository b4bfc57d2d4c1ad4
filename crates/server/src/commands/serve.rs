//! Command that serves the API and delivers notifications.

use std::net::TcpListener;
use std::sync::Arc;

use anyhow::Context;
use engage_application::{OutboxSignal, WebhookTargets};
use engage_http::{Api, MemberLimits, Shutdown, SmsCallbacks};
use tokio::sync::watch;
use tracing::info;

use super::{Signals, audit, webhook};
use crate::settings::Settings;
use crate::storage::Storage;
use crate::wiring::{self, Background, Channels, UseCases};
use crate::{demo, exposure, identity, process, secret};

#[derive(clap::Args)]
pub(crate) struct ServeOptions {
    /// Serve the API only. Leave notifications and other background work to other servers.
    #[arg(long)]
    no_dispatch: bool,
    /// Update the tables of a PostgreSQL database first. An embedded database is always updated.
    #[arg(long)]
    migrate: bool,
    /// Add two demo members to a database without staff, and print first steps.
    #[arg(long)]
    demo: bool,
}

// Assembles the parts in order. Each is built elsewhere.
#[allow(clippy::too_many_lines)]
pub(crate) async fn run(mut settings: Settings, options: ServeOptions) -> anyhow::Result<()> {
    let policies = wiring::policies(&settings)?;
    secret::check(&settings)?;
    process::allow_many_connections();
    let listener = TcpListener::bind(settings.server.bind)
        .with_context(|| format!("cannot listen on {} (server.bind)", settings.server.bind))?;
    let address = listener.local_addr().context("cannot determine the port")?;
    settings.server.bind = address;
    if options.migrate {
        Storage::migrate(&settings.database).await?;
    }
    let storage = Storage::serve(&settings.database).await?;
    info!("the database is {}", settings.database.url);
    exposure::warn_of_settings(&settings, address);
    audit::note_start(&storage, &settings).await?;
    let access_tokens = secret::access_tokens(&settings)?;
    let authorizer = wiring::authorizer(&settings, access_tokens.clone());

    let channels = Channels::new(&settings, storage.store(), storage.store())?;
    let outbox_signal = OutboxSignal::default();
    let links = wiring::links(&settings, access_tokens.clone())?;
    let dispatcher =
        wiring::dispatcher(&settings, &storage, &channels, links, outbox_signal.clone());
    let health = wiring::health(&storage, &channels, dispatcher.status());
    let metrics = wiring::metrics(&settings, &storage, address)?;
    let track = wiring::tracking(&storage);
    let targets = WebhookTargets::from(channels.endpoints.clone());
    let manage_webhooks = webhook::manage(&storage, &channels);
    let read_by = policies.clone();
    let attachments = wiring::attachments(&settings, &storage)?;
    let listening =
        if options.no_dispatch { None } else { wiring::listen(&settings, outbox_signal.clone())? };
    let changes = Arc::new(wiring::case_changes(
        &settings,
        &storage,
        policies,
        authorizer.clone(),
        targets,
        outbox_signal.clone(),
    ));
    let retention_worker = wiring::retention_worker(&settings, &storage, attachments.clone());
    let due_cases = wiring::due_cases(&storage, Arc::clone(&changes));
    let use_cases = UseCases {
        storage: &storage,
        changes,
        attachments: attachments.clone(),
        access_tokens,
        outbox_signal,
        token_lives: settings.tokens.lives(),
    };
    let authenticate = identity::authenticate(&settings, &storage)?
        .with_directory(WebhookTargets::from(channels.endpoints.clone()));
    let shutdown = Shutdown::default();
    let api = Api {
        customers: use_cases.for_customers(authorizer),
        staff: use_cases.for_staff(read_by, manage_webhooks),
        support_page: wiring::channels::support_page(&settings)?,
        authenticate,
        health,
        metrics,
        sms_callbacks: SmsCallbacks { reports: channels.sms_reports, track },
        member_limits: MemberLimits {
            streams: settings.limits.streams,
            searches: settings.limits.searches,
        },
        network: wiring::network_settings(&settings, &storage, address)?,
        shutdown: shutdown.clone(),
    };

    let mut signals = Signals::new()?;
    let workers = std::thread::available_parallelism().map_or(2, usize::from);
    let server = engage_http::server(listener, workers, api).context("cannot serve")?;
    let server_handle = server.handle();
    let (stop, stopped) = watch::channel(false);
    let sealing = tokio::spawn(audit::sealer(&storage).run(stopped.clone()));
    let background = (!options.no_dispatch).then(|| Background {
        dispatcher: tokio::spawn(dispatcher.run(stopped.clone())),
        due_case_worker: tokio::spawn(due_cases.run(stopped.clone())),
        retention_worker: tokio::spawn(retention_worker.run(stopped)),
    });
    let mut serving = tokio::spawn(server);
    if options.demo {
        demo::prepare(&storage, &settings, address).await?;
    }
    info!("listening on http://{address}");

    tokio::select! {
        () = signals.told_to_stop() => {}
        ended = &mut serving => {
            ended.context("the server panicked")?.context("the server failed")?;
            anyhow::bail!("the server ended unexpectedly");
        }
    }
    shutdown.begin();
    // Sending fails only if all workers have ended, and then there is nothing to stop.
    let _ = stop.send(true);
    if let Some(listening) = listening {
        listening.abort();
    }
    server_handle.stop(true).await;
    sealing.await.context("the audit sealer panicked")?;
    if let Some(background) = background {
        background.ended().await?;
    }
    info!("stopped");
    Ok(())
}
