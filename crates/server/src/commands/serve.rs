//! Command that serves the API and delivers notifications.

use engage::application::OutboxSignal;
use tracing::info;

use super::{Signals, audit};
use crate::exit::{Exit, OrExit};
use crate::service_manager::ServiceManager;
use crate::settings::Settings;
use crate::sockets::Sockets;
use crate::storage::Storage;
use crate::{demo, exposure, process, secret, wiring};

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

pub(crate) async fn run(
    mut settings: Settings,
    options: ServeOptions,
    manager: ServiceManager,
) -> anyhow::Result<()> {
    let policies = wiring::policies(&settings).or_exit(Exit::Configuration)?;
    secret::check(&settings).or_exit(Exit::Configuration)?;
    process::allow_many_connections();
    let ServiceManager { sockets, supervisor } = manager;
    let sockets = Sockets::open(sockets, "server.bind", Some(settings.server.bind))?;
    settings.server.bind = sockets.address().unwrap_or(settings.server.bind);
    let address = sockets.judged_address();
    supervisor.status("Opening the database");
    if options.migrate {
        Storage::migrate(&settings).await?;
    }
    let storage = Storage::serve(&settings).await?;
    info!("the database is {}", settings.database.url);
    exposure::warn_of_settings(&settings, address);
    audit::note_start(&storage, &settings).await?;

    let http = wiring::http(&settings, &storage, address).or_exit(Exit::Configuration)?;
    let outbox_signal = OutboxSignal::default();
    let engage = wiring::engage(&settings, &storage, policies)
        .or_exit(Exit::Configuration)?
        .http(http)
        .book(wiring::BOOK)
        .outbox_signal(outbox_signal.clone())
        .build()
        .or_exit(Exit::Configuration)?;
    let listening =
        if options.no_dispatch { None } else { wiring::listen(&settings, outbox_signal)? };
    let signals = Signals::new()?;
    if options.demo {
        demo::prepare(&storage, &settings, settings.server.bind).await?;
    }
    for place in sockets.places() {
        info!("listening on {place}");
    }
    let places = sockets.places().join(", ");
    supervisor.follow(engage.liveness(), format!("Listening on {places}"));
    let stop = async {
        signals.end_listening(listening).await;
        supervisor.stopping();
    };
    // Boxed because it is large, and its size would add to that of the command.
    if options.no_dispatch {
        Box::pin(engage.serve_api(sockets, stop)).await?;
    } else {
        Box::pin(engage.serve(sockets, stop)).await?;
    }
    info!("stopped");
    Ok(())
}
