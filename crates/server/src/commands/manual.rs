//! Commands that print completion scripts and manual pages of the program.

use std::io::Write;
use std::path::Path;

use anyhow::Context;
use clap::Command;
use clap_complete::Shell;
use clap_mangen::Man;

pub(crate) fn print_completions(mut program: Command, shell: Shell) -> anyhow::Result<()> {
    let name = program.get_name().to_owned();
    // The generator would panic if the reader of standard output had closed the pipe.
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut program, name, &mut script);
    write_out(&script)
}

pub(crate) fn print_page(program: Command) -> anyhow::Result<()> {
    let mut page = Vec::new();
    Man::new(program).render(&mut page).context("cannot render the manual page")?;
    write_out(&page)
}

/// Writes the page of the program and one for each command to a folder.
pub(crate) fn write_pages(program: Command, folder: &Path) -> anyhow::Result<()> {
    let failed = || format!("cannot write to {}", folder.display());
    std::fs::create_dir_all(folder).with_context(failed)?;
    clap_mangen::generate_to(program, folder).with_context(failed)?;
    write_out(format!("Wrote the manual pages to {}.\n", folder.display()).as_bytes())
}

fn write_out(text: &[u8]) -> anyhow::Result<()> {
    std::io::stdout().write_all(text).context("cannot write to standard output")
}
