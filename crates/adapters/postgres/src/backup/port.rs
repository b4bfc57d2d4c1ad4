use std::path::Path;

use async_trait::async_trait;
use engage_repository::{
    BackupError, CopyFacts, CopyReader, CopyWriter, DatabaseBackup, Restored, WaitingNotifications,
};

use super::{PostgresBackup, copy, restore};

#[async_trait]
impl DatabaseBackup for PostgresBackup {
    fn kind(&self) -> &'static str {
        "postgres"
    }

    async fn copy(&self, _: &Path, to: &mut dyn CopyWriter) -> Result<CopyFacts, BackupError> {
        copy::copy(&self.connector, to).await
    }

    async fn check_target(&self, facts: &CopyFacts) -> Result<(), BackupError> {
        restore::check_target(&self.connector, facts).await
    }

    async fn restore(
        &self,
        from: &dyn CopyReader,
        waiting: WaitingNotifications,
    ) -> Result<Restored, BackupError> {
        restore::restore(&self.connector, from, waiting).await
    }
}
