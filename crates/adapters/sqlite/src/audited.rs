//! Changes that commit an audit record with them.

use diesel::SqliteConnection;
use engage_repository::RepositoryError;

use crate::audit_rows::append;
use crate::error::WorkResult;
use crate::store::SqliteStore;

impl SqliteStore {
    /// Writes as the writer does. If the write changed something, the audit record of this handle, if
    /// any, is committed with it.
    pub(crate) async fn act<T, F, C>(
        &self,
        mut work: F,
        has_changed: C,
    ) -> Result<T, RepositoryError>
    where
        T: Send + 'static,
        F: FnMut(&mut SqliteConnection) -> WorkResult<T> + Send + 'static,
        C: Fn(&T) -> bool + Send + 'static,
    {
        let record = self.record().cloned();
        self.writer()
            .write(move |connection| {
                let done = work(connection)?;
                match &record {
                    Some(record) if has_changed(&done) => append(connection, record)?,
                    _ => {}
                }
                Ok(done)
            })
            .await
    }
}
