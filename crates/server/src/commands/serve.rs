//! Serving the API, and delivering messages.

use std::collections::HashMap;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use anyhow::Context;
use engage_application::{
    AssignCase, Authenticate, CancelCase, CaseChanges, Dispatcher, DispatcherSettings,
    EscalateCase, GetCase, ListCases, LookUpCase, OpenCase, OutboxBell, UpdateCaseByStaff,
};
use engage_domain::Channel;
use engage_http::{Api, CustomerDesk, HealthChecks, Shutdown, StaffDesk};
use engage_notifier::{MessageRenderer, Notifier};
use engage_sms::SmsLog;
use engage_smtp::MailFolder;
use engage_templates::Templates;
use engage_webhook::WebhookLog;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tracing::{info, warn};

use crate::settings::Settings;
use crate::storage::Storage;
use crate::system::SystemClock;
use crate::{demo, desk};

#[derive(clap::Args)]
pub(crate) struct ServeOptions {
    /// Serve the API only; leave the messages to other servers.
    #[arg(long)]
    no_dispatch: bool,
    /// Bring the tables of a PostgreSQL database up to date first; an embedded one always is.
    #[arg(long)]
    migrate: bool,
    /// On a database without staff, add two demo members and print how to begin.
    #[arg(long)]
    demo: bool,
}

pub(crate) async fn run(settings: Settings, options: ServeOptions) -> anyhow::Result<()> {
    let policies = desk::policies(&settings)?;
    let listener = TcpListener::bind(settings.server.bind)
        .with_context(|| format!("cannot listen on {} (server.bind)", settings.server.bind))?;
    let address = listener.local_addr().context("cannot tell the port")?;
    if options.migrate {
        Storage::migrate(&settings.database).await?;
    }
    let storage = Storage::serve(&settings.database).await?;
    info!("the database is {}", settings.database.url);
    warn_of_guessable_numbers(address);

    let renderer: Arc<dyn MessageRenderer> = Arc::new(Templates::default());
    let bell = OutboxBell::default();
    let dispatcher = Dispatcher::new(
        Arc::clone(&storage.outbox),
        channels(&settings, &renderer),
        bell.clone(),
        DispatcherSettings::default(),
    );
    let health = HealthChecks {
        store: Arc::clone(&storage.health),
        renderer,
        dispatcher: dispatcher.status(),
        clock: Arc::new(SystemClock),
    };
    let priority = policies.priority;
    let listening = if options.no_dispatch { None } else { listen(&settings, bell.clone())? };
    let changes = Arc::new(CaseChanges::new(desk::desk(&settings, &storage, policies, bell)));
    let shutdown = Shutdown::default();
    let api = Api {
        customers: CustomerDesk {
            open_case: OpenCase::new(Arc::clone(&changes)),
            look_up_case: LookUpCase::new(Arc::clone(&storage.queries)),
            escalate_case: EscalateCase::new(Arc::clone(&changes)),
            cancel_case: CancelCase::new(Arc::clone(&changes)),
        },
        staff: StaffDesk {
            list_cases: ListCases::new(Arc::clone(&storage.queries)),
            get_case: GetCase::new(Arc::clone(&storage.queries), priority),
            update_case: UpdateCaseByStaff::new(Arc::clone(&changes)),
            assign_case: AssignCase::new(changes, Arc::clone(&storage.staff)),
        },
        authenticate: Authenticate::new(Arc::clone(&storage.tokens), Arc::new(SystemClock)),
        health,
        shutdown: shutdown.clone(),
    };

    let mut terminate = signal(SignalKind::terminate()).context("cannot wait for SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("cannot wait for SIGINT")?;
    let workers = std::thread::available_parallelism().map_or(2, usize::from);
    let server = engage_http::server(listener, workers, api).context("cannot serve")?;
    let server_handle = server.handle();
    let (stop, stopped) = watch::channel(false);
    let dispatching = (!options.no_dispatch).then(|| tokio::spawn(dispatcher.run(stopped)));
    let mut serving = tokio::spawn(server);
    if options.demo {
        demo::prepare(&storage, &settings, address).await?;
    }
    info!("listening on http://{address}");

    tokio::select! {
        _ = terminate.recv() => info!("told to stop (SIGTERM)"),
        _ = interrupt.recv() => info!("told to stop (SIGINT)"),
        ended = &mut serving => {
            ended.context("the server ended in a panic")?.context("the server ended")?;
            anyhow::bail!("the server ended unasked");
        }
    }
    shutdown.begin();
    // The receiver is gone where the dispatcher is, and then there is nothing to stop.
    let _ = stop.send(true);
    if let Some(listening) = listening {
        listening.abort();
    }
    server_handle.stop(true).await;
    finish(dispatching).await?;
    info!("stopped");
    Ok(())
}

/// Rings for the dispatcher when other processes commit messages.
fn listen(settings: &Settings, bell: OutboxBell) -> anyhow::Result<Option<JoinHandle<()>>> {
    let listener = Storage::listener(&settings.database)?;
    Ok(listener.map(|listener| tokio::spawn(listener.run(move || bell.ring()))))
}

async fn finish(dispatching: Option<JoinHandle<()>>) -> anyhow::Result<()> {
    match dispatching {
        Some(dispatching) => dispatching.await.context("the dispatcher ended in a panic"),
        None => Ok(()),
    }
}

fn channels(
    settings: &Settings,
    renderer: &Arc<dyn MessageRenderer>,
) -> HashMap<Channel, Arc<dyn Notifier>> {
    let email: Arc<dyn Notifier> = Arc::new(MailFolder::new(
        settings.email.folder.clone(),
        settings.email.from.clone(),
        Arc::clone(renderer),
    ));
    let sms: Arc<dyn Notifier> = Arc::new(SmsLog::new(Arc::clone(renderer)));
    let webhook: Arc<dyn Notifier> = Arc::new(WebhookLog::new(desk::endpoints(settings)));
    HashMap::from([(Channel::Email, email), (Channel::Sms, sms), (Channel::Webhook, webhook)])
}

/// Whoever knows a case number may act on the case, and numbers can be guessed.
fn warn_of_guessable_numbers(address: SocketAddr) {
    if !address.ip().is_loopback() {
        warn!(
            "listening on {address}, which others may reach: anybody who guesses a case number can \
             look the case up, escalate and cancel it"
        );
    }
}
