//! What both stores need for backups.

use diesel::backend::Backend;
use diesel::migration::{Migration, MigrationSource};
use engage_repository::BackupError;

/// Error text of notifications that were held when a backup was restored.
pub const HELD_REASON: &str =
    "held when a backup was restored; send it again if it is still wanted";

/// Fails if one of these migrations is not among those of this program.
pub fn check_known<DB: Backend>(
    migrations: &impl MigrationSource<DB>,
    applied: &[String],
) -> Result<(), BackupError> {
    let own: Vec<Box<dyn Migration<DB>>> =
        migrations.migrations().map_err(BackupError::database)?;
    let is_own = |version: &str| own.iter().any(|one| one.name().version().to_string() == version);
    match applied.iter().find(|version| !is_own(version)) {
        Some(unknown) => Err(BackupError::UnknownMigration { migration: unknown.clone() }),
        None => Ok(()),
    }
}
