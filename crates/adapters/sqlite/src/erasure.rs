//! Erasing what a case has gathered about a person.

use async_trait::async_trait;
use diesel::prelude::*;
use diesel::sql_types::Binary;
use engage_domain::{AttachmentId, ERASED, ERASED_EMAIL, ERASED_PHONE};
use engage_repository::{Erasure, ErasureRepository, RepositoryError};

use crate::case_rows::{id_bits, id_bytes};
use crate::clock::now;
use crate::error::repository_error;
use crate::search::{WordsRow, replace_words};
use crate::sql::{Sql, Value};
use crate::store::SqliteStore;

const SNAPSHOT: &str =
    "UPDATE events SET snapshot = ? WHERE id = ? AND case_id = ? AND sequence < ?";

const UPDATES: &str = "UPDATE updates SET message = ? WHERE case_id = ? AND sequence < ?";

const ESCALATIONS: &str = "UPDATE escalations SET reason = ? WHERE case_id = ? AND sequence < ?";

const FILES: &str = "
    SELECT attachments.id FROM attachments JOIN updates ON updates.id = attachments.update_id
    WHERE updates.case_id = ? AND updates.sequence < ?";

/// Files become uploads that expired long ago and were never finished, so that nobody finds them any
/// more; those that were uploads before are it again.
const RELEASE: &str = "
    INSERT INTO uploads (id, uploaded_by, filename, content_type, created_at, size, hash)
    SELECT id, NULL, ?, content_type, 0, NULL, NULL FROM attachments WHERE id = ?
    ON CONFLICT (id) DO UPDATE SET uploaded_by = NULL, filename = excluded.filename,
        created_at = excluded.created_at, size = NULL, hash = NULL";

const TAKE: &str = "DELETE FROM attachments WHERE id = ?";

/// The messages of the events before; those of the first event are joined by codes for the customer.
const OF_CASE: &str = " event_id IN (SELECT id FROM events WHERE case_id = ? AND sequence < ?)";

/// Messages with a text of their own tell staff of an endpoint, and nothing of the case.
const CANCEL: &str = "
    UPDATE notifications SET status = 'CANCELLED', finished_at = ?
    WHERE status IN ('PENDING', 'IN_FLIGHT') AND channel <> 'WEBHOOK' AND notice IS NULL AND";

const ADDRESSES: &str = "
    UPDATE notifications SET address = CASE channel WHEN 'EMAIL' THEN ? ELSE ? END
    WHERE channel <> 'WEBHOOK' AND template LIKE '%-customer' AND";

const ERRORS: &str = "UPDATE notifications SET last_error = ? WHERE last_error IS NOT NULL AND";

const ATTEMPTS: &str = "
    UPDATE delivery_attempts SET reason = ?
    WHERE reason IS NOT NULL AND notification_id IN (
        SELECT notifications.id FROM notifications JOIN events ON events.id = event_id
        WHERE events.case_id = ? AND events.sequence < ?
    )";

const ANSWERS: &str = "DELETE FROM idempotency_keys WHERE case_id = ? AND version < ?";

const CODES: &str = "DELETE FROM access_codes WHERE case_id = ?";

const PROOFS: &str = "UPDATE cases SET access_generation = access_generation + 1 WHERE id = ?";

#[async_trait]
impl ErasureRepository for SqliteStore {
    async fn erase(&self, erasure: Erasure) -> Result<Vec<AttachmentId>, RepositoryError> {
        let files = self.writer().write(move |connection| erase(connection, &erasure)).await?;
        let id = |bytes: Vec<u8>| Ok(AttachmentId::from_u128(id_bits(&bytes, "attachment id")?));
        files.into_iter().map(id).collect()
    }
}

fn erase(
    connection: &mut SqliteConnection,
    erasure: &Erasure,
) -> Result<Vec<Vec<u8>>, RepositoryError> {
    let case = id_bytes(erasure.case.as_u128());
    replace_words(connection, &case, &WordsRow::from(&erasure.words))?;
    erase_rows(connection, erasure, &case).map_err(repository_error)
}

fn erase_rows(
    connection: &mut SqliteConnection,
    erasure: &Erasure,
    case: &[u8],
) -> QueryResult<Vec<Vec<u8>>> {
    let case = || Value::from(case.to_vec());
    let before = || Value::from(i64::from(erasure.before.get()));
    let erased = || Value::from(ERASED);
    let of_case = |statement: &str| format!("{statement}{OF_CASE}");
    run(connection, PROOFS, [case()])?;
    for (id, snapshot) in &erasure.snapshots {
        let id = id_bytes(id.as_u128());
        run(connection, SNAPSHOT, [snapshot.as_str().into(), id.into(), case(), before()])?;
    }
    run(connection, UPDATES, [erased(), case(), before()])?;
    run(connection, ESCALATIONS, [erased(), case(), before()])?;
    run(connection, &of_case(CANCEL), [now().into(), case(), before()])?;
    let nobody = [ERASED_EMAIL.into(), ERASED_PHONE.into(), case(), before()];
    run(connection, &of_case(ADDRESSES), nobody)?;
    run(connection, &of_case(ERRORS), [erased(), case(), before()])?;
    run(connection, ATTEMPTS, [erased(), case(), before()])?;
    run(connection, ANSWERS, [case(), before()])?;
    run(connection, CODES, [case()])?;
    let files: Sql<Binary> = Sql::prepared(FILES, [case(), before()]);
    let files: Vec<Vec<u8>> = files.load(connection)?;
    for file in &files {
        run(connection, RELEASE, [erased(), file.clone().into()])?;
        run(connection, TAKE, [file.clone().into()])?;
    }
    Ok(files)
}

fn run<const N: usize>(
    connection: &mut SqliteConnection,
    statement: &str,
    values: [Value; N],
) -> QueryResult<()> {
    let statement: Sql<()> = Sql::prepared(statement, values);
    statement.execute(connection).map(drop)
}
