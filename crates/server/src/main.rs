//! The `engage` binary: settings, wiring, commands.

mod commands;
mod demo;
mod exit;
mod exposure;
mod identity;
mod in_words;
mod logging;
mod process;
mod process_metrics;
mod secret;
mod service_manager;
mod settings;
mod sockets;
mod storage;
mod traces;
mod wiring;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::{CommandFactory, Parser, Subcommand};
use clap_complete::Shell;
use tokio::runtime::Runtime;

use crate::commands::audit::AuditCommand;
use crate::commands::backup::BackupOptions;
use crate::commands::doctor::DoctorOptions;
use crate::commands::health::HealthOptions;
use crate::commands::init::InitOptions;
use crate::commands::restore::RestoreOptions;
use crate::commands::serve::ServeOptions;
use crate::commands::staff::StaffCommand;
use crate::commands::template::TemplateCommand;
use crate::commands::webhook::WebhookCommand;
use crate::exit::{Exit, OrExit};
use crate::in_words::in_words;
use crate::service_manager::ServiceManager;
use crate::settings::Settings;
use crate::traces::Traces;

#[derive(Parser)]
#[command(name = "engage", version, about = "A backend for customer-support cases.")]
struct Arguments {
    /// The settings file. By default, engage.toml in the working directory, if it exists.
    #[arg(long, global = true, env = "ENGAGE_CONFIG")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Prepare a new installation: write engage.toml, create the tables and the first
    /// administrator. Asks for what is not given if there is a terminal.
    Init(InitOptions),
    /// Serve the API and deliver notifications.
    Serve(ServeOptions),
    /// Update the database tables.
    Migrate,
    /// Deliver notifications without serving the API, alongside servers on PostgreSQL, with or
    /// without --no-dispatch.
    Dispatch,
    /// Check settings, database, folders, mail server and exposure, and tell what to do.
    Doctor(DoctorOptions),
    /// Ask a running server whether it is ready. Fails if it is not.
    Health(HealthOptions),
    /// Manage members of staff and their tokens.
    #[command(subcommand)]
    Staff(StaffCommand),
    /// Manage webhook endpoints of other systems.
    #[command(subcommand)]
    Webhook(WebhookCommand),
    /// Verify or export the audit log.
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Copy the database and the attachments into one file while servers are running.
    Backup(BackupOptions),
    /// Restore a backup into an empty database.
    Restore(RestoreOptions),
    /// Preview notifications.
    #[command(subcommand)]
    Template(TemplateCommand),
    /// Check the settings, and print those in force.
    CheckConfig,
    /// Print the API description (OpenAPI 3.1).
    Openapi,
    /// Print a script that completes commands and options in a shell.
    Completions {
        /// The shell.
        shell: Shell,
    },
    /// Print the manual page, or write the pages of all commands to a folder.
    Man {
        /// Target folder, which is created if it is missing. By default, the page of engage is
        /// printed.
        folder: Option<PathBuf>,
    },
}

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(unusable) => return show(&unusable),
    };
    match start(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("engage: {}", in_words(&error));
            Exit::of(&error).into()
        }
    }
}

/// Prints what the command line asks for, help or the version, or what is wrong with it.
fn show(unusable: &clap::Error) -> ExitCode {
    match unusable.print() {
        Ok(()) if !unusable.use_stderr() => ExitCode::SUCCESS,
        Ok(()) => Exit::Usage.into(),
        Err(_) => Exit::Failure.into(),
    }
}

/// Runs a command on a runtime of its own.
fn start(Arguments { config, command }: Arguments) -> anyhow::Result<()> {
    // Before the runtime, which has threads.
    let manager = match command {
        Command::Serve(_) | Command::Dispatch => ServiceManager::take(),
        _ => ServiceManager::none(),
    };
    let runtime = Runtime::new().context("cannot start threads")?;
    runtime.block_on(run(config.as_deref(), command, manager))
}

async fn run(
    config: Option<&Path>,
    command: Command,
    manager: ServiceManager,
) -> anyhow::Result<()> {
    match command {
        // Boxed because it is large, and its size would add to that of every command.
        Command::Serve(options) => {
            let (settings, traces) = load_with_traces(config)?;
            let ended = Box::pin(commands::serve::run(settings, options, manager)).await;
            traces.stop().await;
            ended
        }
        Command::Init(options) => commands::init::run(options).await,
        Command::Migrate => commands::migrate(&load_privately(config)?).await,
        Command::Dispatch => {
            let (settings, traces) = load_with_traces(config)?;
            let ended = commands::dispatch::run(settings, manager).await;
            traces.stop().await;
            ended
        }
        Command::Doctor(options) => {
            process::keep_files_private();
            commands::doctor::run(config, &options).await
        }
        Command::Health(options) => commands::health::run(&load(config)?, options).await,
        Command::Staff(command) => commands::staff::run(&load_privately(config)?, command).await,
        Command::Webhook(command) => {
            commands::webhook::run(&load_privately(config)?, command).await
        }
        Command::Audit(command) => commands::audit::run(&load_privately(config)?, command).await,
        Command::Backup(BackupOptions { check: Some(check), .. }) => {
            commands::backup::check(&check)
        }
        Command::Backup(options) => commands::backup::run(&load_privately(config)?, &options).await,
        Command::Restore(options) => {
            commands::restore::run(&load_privately(config)?, &options).await
        }
        Command::Template(command) => commands::template::run(&load(config)?, command),
        Command::CheckConfig => commands::check_config(config),
        Command::Openapi => commands::print_openapi(),
        Command::Completions { shell } => {
            commands::manual::print_completions(Arguments::command(), shell)
        }
        Command::Man { folder: None } => commands::manual::print_page(Arguments::command()),
        Command::Man { folder: Some(folder) } => {
            commands::manual::write_pages(Arguments::command(), &folder)
        }
    }
}

/// Loads the settings and starts to log accordingly.
fn load(config: Option<&Path>) -> anyhow::Result<Settings> {
    let settings = Settings::load(config).or_exit(Exit::Configuration)?;
    logging::start(&settings.log, None).or_exit(Exit::Configuration)?;
    Ok(settings)
}

/// Loads the settings for a command that runs as a server: its files are private, and it exports
/// traces.
fn load_with_traces(config: Option<&Path>) -> anyhow::Result<(Settings, Traces)> {
    let settings = Settings::load(config).or_exit(Exit::Configuration)?;
    let (spans, traces) = Traces::start(&settings).or_exit(Exit::Configuration)?;
    logging::start(&settings.log, spans).or_exit(Exit::Configuration)?;
    process::keep_files_private();
    Ok((settings, traces))
}

/// Loads the settings for a command whose files are private, regardless of the umask of the shell.
fn load_privately(config: Option<&Path>) -> anyhow::Result<Settings> {
    let settings = load(config)?;
    process::keep_files_private();
    Ok(settings)
}
