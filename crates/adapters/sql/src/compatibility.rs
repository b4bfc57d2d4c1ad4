//! The check that this program can work on tables that a newer one may have migrated.

use diesel::backend::Backend;
use diesel::migration::{Migration, MigrationSource};
use thiserror::Error;

/// Error returned when a newer program has migrated the tables and this one is too old for them.
#[derive(Debug, Error)]
#[error(
    "the database was migrated by a newer version of engage and needs a program that includes the \
     migration {needed}; the newest migration of this program is {own}: start the newer version, or \
     restore the backup from before the upgrade"
)]
pub struct TooOld {
    /// Oldest migration whose program works on the tables.
    pub needed: String,
    /// Newest migration of this program.
    pub own: String,
}

/// Compares the requirement that the tables state, if any, with this program's newest migration.
pub fn check_compatibility(needed: Option<String>, own: String) -> Result<(), TooOld> {
    match needed {
        Some(needed) if own < needed => Err(TooOld { needed, own }),
        _ => Ok(()),
    }
}

/// Returns the version of the newest migration of this program.
pub fn newest_migration<DB: Backend>(
    migrations: &impl MigrationSource<DB>,
) -> diesel::migration::Result<String> {
    let all: Vec<Box<dyn Migration<DB>>> = migrations.migrations()?;
    Ok(all.iter().map(|one| one.name().version().to_string()).max().unwrap_or_default())
}
