//! The `engage` binary: settings, wiring, commands.

mod commands;
mod demo;
mod exposure;
mod identity;
mod logging;
mod process;
mod process_metrics;
mod secret;
mod settings;
mod storage;
mod system;
mod wiring;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::commands::audit::AuditCommand;
use crate::commands::serve::ServeOptions;
use crate::commands::staff::StaffCommand;
use crate::commands::template::TemplateCommand;
use crate::commands::webhook::WebhookCommand;
use crate::settings::Settings;

#[derive(Parser)]
#[command(name = "engage", version, about = "A customer-support desk over HTTP.")]
struct Arguments {
    /// The file with settings; engage.toml in the working directory where it is there.
    #[arg(long, global = true, env = "ENGAGE_CONFIG")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the API, and deliver messages.
    Serve(ServeOptions),
    /// Bring the database's tables up to date.
    Migrate,
    /// Deliver messages, without serving the API: beside servers on PostgreSQL that were started
    /// with --no-dispatch, or with it.
    Dispatch,
    /// Manage members of staff and their tokens.
    #[command(subcommand)]
    Staff(StaffCommand),
    /// Manage the endpoints of other systems.
    #[command(subcommand)]
    Webhook(WebhookCommand),
    /// See what was done by whom, and whether the log of that is whole.
    #[command(subcommand)]
    Audit(AuditCommand),
    /// See what messages look like.
    #[command(subcommand)]
    Template(TemplateCommand),
    /// Check the settings, and print those in force.
    CheckConfig,
    /// Print the API's description (OpenAPI 3.1).
    Openapi,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("engage: {}", in_words(&error));
            ExitCode::FAILURE
        }
    }
}

/// An error with its causes, in one line; what was said already is not said again.
fn in_words(error: &anyhow::Error) -> String {
    let mut words = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if words.is_empty() {
            words = cause;
        } else if !words.contains(&cause) {
            words = format!("{words}: {cause}");
        }
    }
    words
}

async fn run(Arguments { config, command }: Arguments) -> anyhow::Result<()> {
    match command {
        Command::Openapi => return commands::print_openapi(),
        Command::CheckConfig => return commands::check_config(config.as_deref()),
        _ => {}
    }
    let settings = Settings::load(config.as_deref())?;
    logging::start(&settings.log)?;
    if !matches!(command, Command::Template(_)) {
        // What these write is nobody else's business, whatever the shell was told.
        process::keep_files_private();
    }
    match command {
        // Boxed, since it is large, and every command would have room for it.
        Command::Serve(options) => Box::pin(commands::serve::run(settings, options)).await,
        Command::Migrate => commands::migrate(&settings).await,
        Command::Dispatch => commands::dispatch::run(settings).await,
        Command::Staff(command) => commands::staff::run(&settings, command).await,
        Command::Webhook(command) => commands::webhook::run(&settings, command).await,
        Command::Audit(command) => commands::audit::run(&settings, command).await,
        Command::Template(command) => commands::template::run(&settings, command),
        Command::CheckConfig => commands::check_config(config.as_deref()),
        Command::Openapi => commands::print_openapi(),
    }
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::*;

    #[test]
    fn a_cause_is_told_once() {
        let cause = std::io::Error::other("file is not a database");
        let told = anyhow::Error::from(cause).context("cannot open x.db: file is not a database");
        assert_eq!(in_words(&told), "cannot open x.db: file is not a database");
        let told = anyhow!("connection refused").context("cannot connect").context("cannot serve");
        assert_eq!(in_words(&told), "cannot serve: cannot connect: connection refused");
        assert_eq!(in_words(&anyhow!("alone")), "alone");
    }
}
