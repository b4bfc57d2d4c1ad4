//! Commands for the templates of notifications.

use std::path::PathBuf;

use anyhow::Context;
use clap::Subcommand;

use super::output::print;
use crate::settings::Settings;
use crate::wiring;

#[derive(Subcommand)]
pub(crate) enum TemplateCommand {
    /// Render every template with sample data to a folder. Open its index.html first.
    Preview {
        /// Target folder, which is created if it is missing.
        folder: PathBuf,
    },
}

pub(crate) fn run(settings: &Settings, command: TemplateCommand) -> anyhow::Result<()> {
    let TemplateCommand::Preview { folder } = command;
    let files = wiring::channels::templates(settings)?.preview_files()?;
    let failed = || format!("cannot write to {}", folder.display());
    std::fs::create_dir_all(&folder).with_context(failed)?;
    for file in &files {
        std::fs::write(folder.join(&file.name), &file.contents).with_context(failed)?;
    }
    print(&format!("Wrote {} files. Open {}.", files.len(), folder.join("index.html").display()))
}
