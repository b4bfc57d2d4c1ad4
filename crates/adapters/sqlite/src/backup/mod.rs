//! Copies of a database file, made while others write, and their restoration.

mod copy;
mod facts;
mod port;
mod restore;

use std::path::PathBuf;

/// Backups of a database file.
#[derive(Debug, Clone)]
pub struct SqliteBackup {
    path: PathBuf,
}

impl SqliteBackup {
    /// Creates a handle for a file, which need not exist.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }
}

/// Name of the one part of a copy.
const PART: &str = "engage.db";
