//! Standard output of the commands: lines, and lists for people, for scripts and as JSON.

use std::io::{IsTerminal, Write, stdout};

use anyhow::Context;
use serde_json::Value;

/// Writes a line to standard output. Unlike `println!`, it fails if the reader has closed the pipe.
pub(crate) fn print(line: &str) -> anyhow::Result<()> {
    writeln!(stdout(), "{line}").context("cannot write to standard output")
}

#[derive(clap::Args)]
pub(crate) struct ListOptions {
    /// Print one JSON array.
    #[arg(long)]
    pub(super) json: bool,
}

/// Prints one JSON array.
pub(super) fn print_json(items: Vec<Value>) -> anyhow::Result<()> {
    print(&Value::Array(items).to_string())
}

/// Prints rows with aligned columns below headings if standard output is a terminal, and otherwise
/// one tab-separated line per row.
pub(super) fn print_table<const N: usize>(
    headings: [&str; N],
    rows: Vec<[String; N]>,
) -> anyhow::Result<()> {
    let lines = if stdout().is_terminal() {
        aligned(headings, rows)
    } else {
        rows.iter().map(|row| row.join("\t")).collect()
    };
    lines.iter().try_for_each(|line| print(line))
}

fn aligned<const N: usize>(headings: [&str; N], rows: Vec<[String; N]>) -> Vec<String> {
    let mut table = vec![headings.map(str::to_owned)];
    table.extend(rows);
    let width_of = |column: usize| table.iter().map(|row| row[column].chars().count()).max();
    let widths: [usize; N] = std::array::from_fn(|column| width_of(column).unwrap_or_default());
    let line = |row: &[String; N]| {
        let cells = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    table.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = [["jörg", "ADMIN"], ["a", "AGENT"]].map(|row| row.map(str::to_owned));
        assert_eq!(
            aligned(["ID", "ROLE"], rows.to_vec()),
            ["ID    ROLE", "jörg  ADMIN", "a     AGENT"]
        );
        assert_eq!(aligned(["IDENTIFIER", "ROLE"], Vec::new()), ["IDENTIFIER  ROLE"]);
    }
}
