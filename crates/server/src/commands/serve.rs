//! Serving the API, and delivering messages.

use std::net::TcpListener;
use std::sync::Arc;

use anyhow::Context;
use engage_application::{CaseChanges, OutboxBell, WebhookTargets};
use engage_http::{Api, MemberLimits, Shutdown, SmsCallbacks};
use tokio::sync::watch;
use tracing::info;

use super::delivery::Background;
use super::{Signals, audit, delivery, webhook};
use crate::channels::{self, Channels};
use crate::desks::Desks;
use crate::settings::Settings;
use crate::storage::Storage;
use crate::{demo, desk, exposure, identity, process, secret};

#[derive(clap::Args)]
pub(crate) struct ServeOptions {
    /// Serve the API only; leave the messages, and what becomes due by itself, to other servers.
    #[arg(long)]
    no_dispatch: bool,
    /// Bring the tables of a PostgreSQL database up to date first; an embedded one always is.
    #[arg(long)]
    migrate: bool,
    /// On a database without staff, add two demo members and print how to begin.
    #[arg(long)]
    demo: bool,
}

// The parts are put together one after another; each is made elsewhere.
#[allow(clippy::too_many_lines)]
pub(crate) async fn run(mut settings: Settings, options: ServeOptions) -> anyhow::Result<()> {
    let policies = desk::policies(&settings)?;
    secret::check(&settings)?;
    process::allow_many_connections();
    let listener = TcpListener::bind(settings.server.bind)
        .with_context(|| format!("cannot listen on {} (server.bind)", settings.server.bind))?;
    let address = listener.local_addr().context("cannot tell the port")?;
    settings.server.bind = address;
    if options.migrate {
        Storage::migrate(&settings.database).await?;
    }
    let storage = Storage::serve(&settings.database).await?;
    info!("the database is {}", settings.database.url);
    exposure::warn_of_settings(&settings, address);
    audit::note_start(&storage, &settings).await?;
    let access_tokens = secret::access_tokens(&settings)?;
    let gate = desk::gate(&settings, access_tokens.clone());

    let channels =
        Channels::new(&settings, Arc::clone(&storage.webhooks), Arc::clone(&storage.directory))?;
    let bell = OutboxBell::default();
    let links = delivery::links(&settings, access_tokens.clone())?;
    let dispatcher = delivery::dispatcher(&settings, &storage, &channels, links, bell.clone());
    let health = delivery::health(&storage, &channels, dispatcher.status());
    let metrics = delivery::metrics(&settings, &storage, address)?;
    let track = delivery::tracking(&storage);
    let targets = WebhookTargets::from(channels.endpoints.clone());
    let manage_webhooks = webhook::manage(&storage, &channels);
    let read_by = policies.clone();
    let attachments = delivery::attachments(&settings, &storage)?;
    let listening =
        if options.no_dispatch { None } else { delivery::listen(&settings, bell.clone())? };
    let changes = Arc::new(CaseChanges::new(desk::desk(
        &settings,
        &storage,
        policies,
        gate.clone(),
        targets,
        bell.clone(),
    )));
    let housekeeper = delivery::housekeeper(&settings, &storage, attachments.clone());
    let due_cases = delivery::due_cases(&storage, Arc::clone(&changes));
    let desks = Desks {
        storage: &storage,
        changes,
        attachments: attachments.clone(),
        access_tokens,
        bell,
        answers_kept_for: settings.retention.idempotency,
        token_lives: settings.tokens.lives(),
    };
    let authenticate = identity::authenticate(&settings, &storage)?
        .with_directory(WebhookTargets::from(channels.endpoints.clone()));
    let shutdown = Shutdown::default();
    let api = Api {
        customers: desks.for_customers(gate),
        staff: desks.for_staff(read_by, manage_webhooks),
        support_page: channels::support_page(&settings)?,
        authenticate,
        health,
        metrics,
        sms_callbacks: SmsCallbacks { reports: channels.sms_reports, track },
        member_limits: MemberLimits {
            streams: settings.limits.streams,
            searches: settings.limits.searches,
        },
        edge: delivery::edge(&settings, &storage, address)?,
        shutdown: shutdown.clone(),
    };

    let mut signals = Signals::new()?;
    let workers = std::thread::available_parallelism().map_or(2, usize::from);
    let server = engage_http::server(listener, workers, api).context("cannot serve")?;
    let server_handle = server.handle();
    let (stop, stopped) = watch::channel(false);
    let sealing = tokio::spawn(audit::sealer(&storage).run(stopped.clone()));
    let background = (!options.no_dispatch).then(|| Background {
        dispatching: tokio::spawn(dispatcher.run(stopped.clone())),
        keeping_time: tokio::spawn(due_cases.run(stopped.clone())),
        keeping_house: tokio::spawn(housekeeper.run(stopped)),
    });
    let mut serving = tokio::spawn(server);
    if options.demo {
        demo::prepare(&storage, &settings, address).await?;
    }
    info!("listening on http://{address}");

    tokio::select! {
        () = signals.told_to_stop() => {}
        ended = &mut serving => {
            ended.context("the server ended in a panic")?.context("the server ended")?;
            anyhow::bail!("the server ended unasked");
        }
    }
    shutdown.begin();
    // The receivers are gone where those are who listen, and then there is nothing to stop.
    let _ = stop.send(true);
    if let Some(listening) = listening {
        listening.abort();
    }
    server_handle.stop(true).await;
    sealing.await.context("what seals the audit log ended in a panic")?;
    if let Some(background) = background {
        background.ended().await?;
    }
    info!("stopped");
    Ok(())
}
