use std::path::Path;

use async_trait::async_trait;
use engage_repository::{
    BackupError, CopyFacts, CopyReader, CopyWriter, DatabaseBackup, Restored, WaitingNotifications,
};

use super::{SqliteBackup, copy, restore};

#[async_trait]
impl DatabaseBackup for SqliteBackup {
    fn kind(&self) -> &'static str {
        "sqlite"
    }

    async fn copy(
        &self,
        scratch: &Path,
        to: &mut dyn CopyWriter,
    ) -> Result<CopyFacts, BackupError> {
        copy::copy(&self.path, scratch, to)
    }

    async fn check_target(&self, facts: &CopyFacts) -> Result<(), BackupError> {
        restore::check_target(&self.path, facts)
    }

    async fn restore(
        &self,
        from: &dyn CopyReader,
        waiting: WaitingNotifications,
    ) -> Result<Restored, BackupError> {
        restore::restore(&self.path, from, waiting)
    }
}
