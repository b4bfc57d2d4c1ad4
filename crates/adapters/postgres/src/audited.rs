//! Changes that commit an audit record with them.

use diesel::QueryResult;
use diesel::result::Error::BrokenTransactionManager;
use diesel_async::{AsyncConnection, AsyncPgConnection, TransactionManager};
use engage_repository::RepositoryError;
use engage_sql::repository_error;

use crate::audit_rows::append;
use crate::store::PostgresStore;

impl PostgresStore {
    /// Runs work on a connection. If it changed something, the audit record of this handle, if any, is
    /// committed in the same transaction. Leaves errors of statements to the caller.
    pub(crate) async fn try_act<T>(
        &self,
        work: impl AsyncFnOnce(&mut AsyncPgConnection) -> QueryResult<T>,
        has_changed: impl Fn(&T) -> bool,
    ) -> Result<QueryResult<T>, RepositoryError> {
        let Some(record) = self.record() else { return self.connections().try_run(work).await };
        let written = async |c: &mut AsyncPgConnection| {
            let done = work(c).await?;
            if has_changed(&done) {
                append(c, record).await?;
            }
            Ok(done)
        };
        self.connections().try_run(async |c| in_transaction(c, written).await).await
    }

    /// Runs work like [`Self::try_act`], and converts errors of statements.
    pub(crate) async fn act<T>(
        &self,
        work: impl AsyncFnOnce(&mut AsyncPgConnection) -> QueryResult<T>,
        has_changed: impl Fn(&T) -> bool,
    ) -> Result<T, RepositoryError> {
        self.try_act(work, has_changed).await?.map_err(repository_error)
    }
}

type Manager = <AsyncPgConnection as AsyncConnection>::TransactionManager;

/// Runs work in a transaction. Unlike `AsyncConnection::transaction`, it accepts work whose future is not
/// known to be `Send`.
async fn in_transaction<T>(
    connection: &mut AsyncPgConnection,
    work: impl AsyncFnOnce(&mut AsyncPgConnection) -> QueryResult<T>,
) -> QueryResult<T> {
    Manager::begin_transaction(connection).await?;
    match work(connection).await {
        Ok(done) => Manager::commit_transaction(connection).await.map(|()| done),
        Err(error) => match Manager::rollback_transaction(connection).await {
            Ok(()) | Err(BrokenTransactionManager) => Err(error),
            Err(not_rolled_back) => Err(not_rolled_back),
        },
    }
}
