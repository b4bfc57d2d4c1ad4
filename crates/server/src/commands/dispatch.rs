//! Command that delivers notifications without serving the API.

use engage::application::OutboxSignal;
use tracing::info;

use super::Signals;
use crate::exit::{Exit, OrExit};
use crate::service_manager::ServiceManager;
use crate::settings::Settings;
use crate::sockets::Sockets;
use crate::storage::Storage;
use crate::{exposure, secret, wiring};

pub(crate) async fn run(settings: Settings, manager: ServiceManager) -> anyhow::Result<()> {
    secret::check(&settings).or_exit(Exit::Configuration)?;
    let ServiceManager { sockets, supervisor } = manager;
    let sockets = Sockets::open(sockets, "dispatch.bind", settings.dispatch.bind)?;
    supervisor.status("Opening the database");
    let storage = Storage::serve(&settings).await?;
    info!("the database is {}", settings.database.url);
    exposure::warn_of_data(&settings);
    let outbox_signal = OutboxSignal::default();
    let policies = wiring::policies(&settings).or_exit(Exit::Configuration)?;
    let mut engage = wiring::engage(&settings, &storage, policies)
        .or_exit(Exit::Configuration)?
        .outbox_signal(outbox_signal.clone());
    if !sockets.is_empty() {
        let address = sockets.judged_address();
        let http = wiring::http(&settings, &storage, address).or_exit(Exit::Configuration)?;
        engage = engage.http(http);
    }
    for place in sockets.places() {
        info!("health and metrics on {place}");
    }
    let engage = engage.build().or_exit(Exit::Configuration)?;
    let signals = Signals::new()?;
    let listening = wiring::listen(&settings, outbox_signal)?;
    info!("delivering notifications");
    supervisor.follow(engage.liveness(), "Delivering notifications".to_owned());
    let stop = async {
        signals.end_listening(listening).await;
        supervisor.stopping();
    };
    // Boxed because it is large, and its size would add to that of the command.
    Box::pin(engage.dispatch(sockets, stop)).await?;
    info!("stopped");
    Ok(())
}
