//! Erasure of the personal data of a case.

use async_trait::async_trait;
use diesel::QueryResult;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use engage_domain::text::ERASED;
use engage_domain::{AttachmentId, NotificationId};
use engage_repository::{Erasure, ErasureRepository, RepositoryError};
use engage_sql::{DbId, IS_ERASED, SqlId, erase_statements};

use crate::removal::{release_files_before, replace_snapshots};
use crate::search::vector_text;
use crate::sql::Sql;
use crate::store::PostgresStore;

/// Notifications with a notice inform staff of an endpoint, and contain nothing of the case.
const CANCEL: &str = "
    UPDATE notifications SET status = 'CANCELLED', finished_at = now()
    WHERE status IN ('PENDING', 'IN_FLIGHT') AND channel <> 'WEBHOOK' AND notice IS NULL AND ";

/// Locks them in the same order as completions do.
const LOCK: &str = "SELECT id FROM notifications WHERE ";

const ATTEMPTS: &str = "
    UPDATE delivery_attempts SET reason = ? FROM notifications
    WHERE notifications.id = notification_id AND reason IS NOT NULL AND ";

/// The id of a notification as hexadecimal digits.
const HEX_ID: &str = "replace(id::text, '-', '')";

const WORDS: &str = "UPDATE case_search SET words = ?::tsvector WHERE case_id = ?";

#[async_trait]
impl ErasureRepository for PostgresStore {
    async fn erase(&self, erasure: Erasure) -> Result<Vec<AttachmentId>, RepositoryError> {
        let erased = async |c: &mut AsyncPgConnection| {
            c.transaction(async |c| erase(c, &erasure).await).await
        };
        let files = self.act(erased, |_| true).await?;
        Ok(files.into_iter().map(DbId::get).collect())
    }
}

async fn erase(
    connection: &mut AsyncPgConnection,
    erasure: &Erasure,
) -> QueryResult<Vec<DbId<AttachmentId>>> {
    let case = DbId::from(erasure.case);
    let before = i64::from(erasure.before.get());
    let of_case = |statement: &str| format!("{statement}{IS_ERASED}");
    let own: [Sql<()>; 4] = [
        replace_snapshots(case, before, &erasure.snapshots),
        Sql::prepared(&of_case(CANCEL), [case.into(), before.into()]),
        Sql::prepared(&of_case(ATTEMPTS), [ERASED.into(), case.into(), before.into()]),
        Sql::prepared(WORDS, [vector_text(&erasure.words).into(), case.into()]),
    ];
    let lock = of_case(LOCK) + " ORDER BY id FOR UPDATE";
    let lock: Sql<SqlId> = Sql::prepared(&lock, [case.into(), before.into()]);
    lock.load::<DbId<NotificationId>>(connection).await?;
    for statement in erase_statements(erasure, HEX_ID).into_iter().chain(own) {
        statement.execute(connection).await?;
    }
    release_files_before(case, before).load(connection).await
}
