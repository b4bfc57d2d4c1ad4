//! What the program can be told to do.

pub(crate) mod delivery;
pub(crate) mod dispatch;
pub(crate) mod serve;
pub(crate) mod staff;
pub(crate) mod template;
pub(crate) mod webhook;

use std::io::Write;

use anyhow::Context;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tracing::info;

use crate::settings::Settings;
use crate::storage::Storage;
use crate::{channels, desk, identity, secret};

/// Writes a line to standard output; fails, unlike `println!`, where nobody reads it any more.
pub(crate) fn print(line: &str) -> anyhow::Result<()> {
    writeln!(std::io::stdout(), "{line}").context("cannot write to standard output")
}

/// The signals that end a server.
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

    /// Returns when one of them comes.
    async fn told_to_stop(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => info!("told to stop (SIGTERM)"),
            _ = self.interrupt.recv() => info!("told to stop (SIGINT)"),
        }
    }
}

pub(crate) async fn migrate(settings: &Settings) -> anyhow::Result<()> {
    Storage::migrate(&settings.database).await?;
    print(&format!("The tables of {} are up to date.", settings.database.url))
}

pub(crate) fn check_config(settings: &Settings) -> anyhow::Result<()> {
    desk::policies(settings)?;
    desk::routing(settings);
    desk::contacts(settings);
    channels::templates(settings)?;
    secret::check(settings)?;
    identity::provider(settings)?;
    print("The settings are valid.")?;
    print(&format!("server.bind        = {}", settings.server.bind))?;
    print(&format!("database.url       = {}", settings.database.url))?;
    print(&format!("database.pool_size = {}", settings.database.pool_size))?;
    print(&format!("attachments.url    = {}", settings.attachments.url))?;
    print(&format!("case_number.prefix = {}", settings.case_number.prefix))?;
    match &settings.email.url {
        Some(url) => print(&format!("email.url          = {url}"))?,
        None => print(&format!("email.folder       = {}", settings.email.folder.display()))?,
    }
    print(&format!("email.from         = {}", settings.email.from))?;
    print(&format!("email.team_inbox   = {}", settings.email.team_inbox))?;
    print(&format!("email.management   = {}", settings.email.management))?;
    print(&format!("email.operations   = {}", settings.email.operations))?;
    print(&format!("sms.on_call        = {} numbers", settings.sms.on_call.len()))?;
    if let Some(issuer) = &settings.auth.jwt.issuer {
        print(&format!("auth.jwt.issuer    = {issuer}"))?;
    }
    print(&format!("log.filter         = {}", settings.log.filter))
}

pub(crate) fn print_openapi() -> anyhow::Result<()> {
    print(&engage_http::openapi_document().to_pretty_json()?)
}
