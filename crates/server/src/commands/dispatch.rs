//! Command that delivers notifications without serving the API.

use std::net::TcpListener;

use anyhow::Context;
use engage::application::OutboxSignal;
use tracing::info;

use super::Signals;
use crate::exit::{Exit, OrExit};
use crate::settings::Settings;
use crate::storage::Storage;
use crate::{exposure, secret, wiring};

pub(crate) async fn run(settings: Settings) -> anyhow::Result<()> {
    secret::check(&settings).or_exit(Exit::Configuration)?;
    let storage = Storage::serve(&settings).await?;
    info!("the database is {}", settings.database.url);
    exposure::warn_of_data(&settings);
    let outbox_signal = OutboxSignal::default();
    let policies = wiring::policies(&settings).or_exit(Exit::Configuration)?;
    let mut engage = wiring::engage(&settings, &storage, policies)
        .or_exit(Exit::Configuration)?
        .outbox_signal(outbox_signal.clone());
    let listener = match settings.dispatch.bind {
        Some(bind) => {
            let listener = TcpListener::bind(bind)
                .with_context(|| format!("cannot listen on {bind} (dispatch.bind)"))?;
            let address = listener.local_addr().context("cannot determine the port")?;
            let http = wiring::http(&settings, &storage, address).or_exit(Exit::Configuration)?;
            engage = engage.http(http);
            info!("health and metrics on http://{address}");
            Some(listener)
        }
        None => None,
    };
    let engage = engage.build().or_exit(Exit::Configuration)?;
    let signals = Signals::new()?;
    let listening = wiring::listen(&settings, outbox_signal)?;
    info!("delivering notifications");
    let stop = signals.end_listening(listening);
    // Boxed because it is large, and its size would add to that of the command.
    Box::pin(engage.dispatch(listener, stop)).await?;
    info!("stopped");
    Ok(())
}
