//! The commands of the program.

pub(crate) mod audit;
pub(crate) mod backup;
pub(crate) mod dispatch;
pub(crate) mod doctor;
pub(crate) mod health;
pub(crate) mod init;
pub(crate) mod manual;
pub(crate) mod output;
pub(crate) mod restore;
pub(crate) mod serve;
pub(crate) mod staff;
pub(crate) mod template;
pub(crate) mod webhook;

use std::path::Path;

use anyhow::Context;
use engage::Administration;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::JoinHandle;
use tracing::info;

use self::output::print;
use crate::exit::{Exit, OrExit};
use crate::settings::{Examined, Problem, Settings, refuse};
use crate::storage::Storage;
use crate::{identity, logging, secret, wiring};

/// Returns the use cases that need nothing but the store.
fn administration(storage: &Storage) -> Administration {
    Administration::new(storage.store())
}

/// The signals that stop a server.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn new() -> anyhow::Result<Self> {
        let terminate = signal(SignalKind::terminate()).context("cannot wait for SIGTERM")?;
        let interrupt = signal(SignalKind::interrupt()).context("cannot wait for SIGINT")?;
        Ok(Self { terminate, interrupt })
    }

    /// Returns when one of the signals arrives.
    async fn told_to_stop(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => info!("told to stop (SIGTERM)"),
            _ = self.interrupt.recv() => info!("told to stop (SIGINT)"),
        }
    }

    /// Waits like [`told_to_stop`](Self::told_to_stop), and ends the listener for commits of other
    /// processes.
    async fn end_listening(mut self, listening: Option<JoinHandle<()>>) {
        self.told_to_stop().await;
        if let Some(listening) = listening {
            listening.abort();
        }
    }
}

pub(crate) async fn migrate(settings: &Settings) -> anyhow::Result<()> {
    Storage::migrate(settings).await?;
    print(&format!("The tables of {} are up to date.", settings.database.url))
}

/// A check of settings that depend on each other.
type Check = fn(&Settings) -> anyhow::Result<()>;

/// Prints the settings in force, or fails with all problems.
pub(crate) fn check_config(file: Option<&Path>) -> anyhow::Result<()> {
    let Examined { problems, sources, .. } = examine(file).or_exit(Exit::Configuration)?;
    refuse(&problems).or_exit(Exit::Configuration)?;
    print("The settings are valid.")?;
    sources.lines().try_for_each(|line| print(&line))
}

/// Reads the settings, and checks them and how they fit together.
fn examine(file: Option<&Path>) -> anyhow::Result<Examined> {
    let Examined { settings, mut problems, sources } = Settings::examine(file)?;
    // Each check needs valid values in its sections.
    let checks: [(&[&str], Check); 5] = [
        (&["sla", "priority", "escalation"], |settings| wiring::policies(settings).map(drop)),
        (&["brand", "server"], |settings| wiring::channels::templates(settings).map(drop)),
        (&["server", "database"], secret::check),
        (&["auth"], |settings| identity::provider(settings).map(drop)),
        (&["log"], |settings| logging::start(&settings.log, None)),
    ];
    for (sections, check) in checks {
        let is_told = |section: &&str| problems.iter().any(|problem| problem.is_in(section));
        if !sections.iter().any(is_told) {
            problems.extend(check(&settings).err().as_ref().map(Problem::of_several));
        }
    }
    Ok(Examined { settings, problems, sources })
}

pub(crate) fn print_openapi() -> anyhow::Result<()> {
    print(&engage_http::openapi_document().to_pretty_json()?)
}
