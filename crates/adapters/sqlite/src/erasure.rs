//! Erasure of the personal data of a case.

use async_trait::async_trait;
use diesel::prelude::*;
use engage_domain::AttachmentId;
use engage_domain::text::ERASED;
use engage_repository::{Erasure, ErasureRepository, RepositoryError};
use engage_sql::{DbId, IS_ERASED, SqlId, erase_statements};

use crate::audit_rows::append;
use crate::clock::now;
use crate::removal::{release_files, replace_snapshots};
use crate::search::{WordsRow, replace_words};
use crate::secure_delete::{empty_log, overwrite_free_pages, without_traces};
use crate::sql::{Sql, Value, execute};
use crate::store::SqliteStore;
use crate::writer::in_transaction;

const FILES: &str = "
    SELECT attachments.id FROM attachments JOIN updates ON updates.id = attachments.update_id
    WHERE updates.case_id = ? AND updates.sequence < ?";

/// Notifications with a notice inform staff of an endpoint, and contain nothing of the case.
const CANCEL: &str = "
    UPDATE notifications SET status = 'CANCELLED', finished_at = ?
    WHERE status IN ('PENDING', 'IN_FLIGHT') AND channel <> 'WEBHOOK' AND notice IS NULL AND ";

/// The id of a notification as hexadecimal digits.
const HEX_ID: &str = "lower(hex(id))";

const ATTEMPTS: &str = "
    UPDATE delivery_attempts SET reason = ?
    WHERE reason IS NOT NULL AND notification_id IN (
        SELECT notifications.id FROM notifications JOIN events ON events.id = event_id
        WHERE events.case_id = ? AND events.sequence < ?
    )";

#[async_trait]
impl ErasureRepository for SqliteStore {
    async fn erase(&self, erasure: Erasure) -> Result<Vec<AttachmentId>, RepositoryError> {
        let record = self.record().cloned();
        let erase = move |connection: &mut _| {
            without_traces(connection, |connection| {
                let files = in_transaction(connection, |connection| {
                    let files = erase(connection, &erasure)?;
                    if let Some(record) = &record {
                        append(connection, record)?;
                    }
                    Ok(files)
                })?;
                in_transaction(connection, overwrite_free_pages)?;
                Ok(files)
            })
        };
        let files = self.writer().run(erase).await?;
        tokio::spawn(empty_log(self.writer().clone()));
        Ok(files.into_iter().map(DbId::get).collect())
    }
}

fn erase(
    connection: &mut SqliteConnection,
    erasure: &Erasure,
) -> QueryResult<Vec<DbId<AttachmentId>>> {
    replace_words(connection, erasure.case.into(), &WordsRow::from(&erasure.words))?;
    for statement in erase_statements(erasure, HEX_ID) {
        statement.execute(connection)?;
    }
    let case = || Value::from(DbId::from(erasure.case));
    let before = || Value::from(i64::from(erasure.before.get()));
    let erased = || Value::from(ERASED);
    let (id, version) = (DbId::from(erasure.case), i64::from(erasure.before.get()));
    replace_snapshots(connection, id, version, &erasure.snapshots)?;
    let cancel = format!("{CANCEL}{IS_ERASED}");
    execute(connection, &cancel, [now().into(), case(), before()])?;
    execute(connection, ATTEMPTS, [erased(), case(), before()])?;
    let files: Sql<SqlId> = Sql::prepared(FILES, [case(), before()]);
    let files: Vec<DbId<AttachmentId>> = files.load(connection)?;
    release_files(connection, &files)?;
    Ok(files)
}
