//! Erasing what a case has gathered about a person.

use async_trait::async_trait;
use diesel::QueryResult;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use engage_domain::{AttachmentId, ERASED, ERASED_EMAIL, ERASED_PHONE};
use engage_repository::{Erasure, ErasureRepository, RepositoryError};
use uuid::Uuid;

use crate::search::vector_text;
use crate::sql::{Sql, Value};
use crate::store::PostgresStore;

const SNAPSHOTS: &str = "
    UPDATE events SET snapshot = erased.snapshot
    FROM unnest(?::uuid[], ?::text[]) AS erased (id, snapshot)
    WHERE events.id = erased.id AND events.case_id = ? AND events.sequence < ?";

const UPDATES: &str = "UPDATE updates SET message = ? WHERE case_id = ? AND sequence < ?";

const ESCALATIONS: &str = "UPDATE escalations SET reason = ? WHERE case_id = ? AND sequence < ?";

/// Files become uploads that expired long ago and were never finished, so that nobody finds them any
/// more; those that were uploads before are it again.
const FILES: &str = "
    WITH taken AS (
        DELETE FROM attachments USING updates
        WHERE updates.id = attachments.update_id AND updates.case_id = ? AND updates.sequence < ?
        RETURNING attachments.id, attachments.content_type
    )
    INSERT INTO uploads (id, uploaded_by, filename, content_type, created_at, size, hash)
    SELECT id, NULL, ?, content_type, 'epoch', NULL, NULL FROM taken
    ON CONFLICT (id) DO UPDATE SET uploaded_by = NULL, filename = excluded.filename,
        created_at = excluded.created_at, size = NULL, hash = NULL
    RETURNING id";

/// The messages of the events before; those of the first event are joined by codes for the customer.
const OF_CASE: &str = "
    notifications.event_id IN (SELECT id FROM events WHERE case_id = ? AND sequence < ?)";

/// Messages with a text of their own tell staff of an endpoint, and nothing of the case.
const CANCEL: &str = "
    UPDATE notifications SET status = 'CANCELLED', finished_at = now()
    WHERE status IN ('PENDING', 'IN_FLIGHT') AND channel <> 'WEBHOOK' AND notice IS NULL AND";

/// In the order in which completions lock them.
const LOCK: &str = "SELECT id FROM notifications WHERE";

const ADDRESSES: &str = "
    UPDATE notifications SET address = CASE channel WHEN 'EMAIL' THEN ? ELSE ? END
    WHERE channel <> 'WEBHOOK' AND template LIKE '%-customer' AND";

const ERRORS: &str = "UPDATE notifications SET last_error = ? WHERE last_error IS NOT NULL AND";

const ATTEMPTS: &str = "
    UPDATE delivery_attempts SET reason = ? FROM notifications
    WHERE notifications.id = notification_id AND reason IS NOT NULL AND";

const ANSWERS: &str = "DELETE FROM idempotency_keys WHERE case_id = ? AND version < ?";

const CODES: &str = "DELETE FROM access_codes WHERE case_id = ?";

/// From where changes were asked for.
const ORIGINS: &str = "UPDATE events SET address = NULL WHERE case_id = ? AND sequence < ?";

/// What the audit log says of the case in values; that something was done stays.
const AUDIT: &str = "DELETE FROM audit_values WHERE case_id = ?";

const PROOFS: &str = "UPDATE cases SET access_generation = access_generation + 1 WHERE id = ?";

const WORDS: &str = "UPDATE case_search SET words = ?::tsvector WHERE case_id = ?";

#[async_trait]
impl ErasureRepository for PostgresStore {
    async fn erase(&self, erasure: Erasure) -> Result<Vec<AttachmentId>, RepositoryError> {
        let erased = async |c: &mut AsyncPgConnection| {
            c.transaction(async |c| erase(c, &erasure).await).await
        };
        let files = self.act(erased, |_| true).await?;
        Ok(files.into_iter().map(|id| AttachmentId::from_u128(id.as_u128())).collect())
    }
}

async fn erase(connection: &mut AsyncPgConnection, erasure: &Erasure) -> QueryResult<Vec<Uuid>> {
    let case = Uuid::from_u128(erasure.case.as_u128());
    let before = i64::from(erasure.before.get());
    let erased = || Value::from(ERASED.to_owned());
    let (ids, snapshots): (Vec<Uuid>, Vec<String>) = erasure
        .snapshots
        .iter()
        .map(|(id, snapshot)| (Uuid::from_u128(id.as_u128()), snapshot.clone()))
        .unzip();
    let of_case = |statement: &str| format!("{statement}{OF_CASE}");
    let statements: [Sql<()>; 12] = [
        Sql::prepared(SNAPSHOTS, [ids.into(), snapshots.into(), case.into(), before.into()]),
        Sql::prepared(UPDATES, [erased(), case.into(), before.into()]),
        Sql::prepared(ESCALATIONS, [erased(), case.into(), before.into()]),
        Sql::prepared(&of_case(CANCEL), [case.into(), before.into()]),
        Sql::prepared(
            &of_case(ADDRESSES),
            [
                ERASED_EMAIL.to_owned().into(),
                ERASED_PHONE.to_owned().into(),
                case.into(),
                before.into(),
            ],
        ),
        Sql::prepared(&of_case(ATTEMPTS), [erased(), case.into(), before.into()]),
        Sql::prepared(&of_case(ERRORS), [erased(), case.into(), before.into()]),
        Sql::prepared(ANSWERS, [case.into(), before.into()]),
        Sql::prepared(CODES, [case.into()]),
        Sql::prepared(AUDIT, [case.into()]),
        Sql::prepared(ORIGINS, [case.into(), before.into()]),
        Sql::prepared(WORDS, [vector_text(&erasure.words).into(), case.into()]),
    ];
    let lock: Sql<diesel::sql_types::Uuid> = Sql::prepared(
        &format!("{LOCK}{OF_CASE} ORDER BY id FOR UPDATE"),
        [case.into(), before.into()],
    );
    lock.load::<Uuid>(connection).await?;
    let rotate: Sql<()> = Sql::prepared(PROOFS, [case.into()]);
    rotate.execute(connection).await?;
    for statement in statements {
        statement.execute(connection).await?;
    }
    let files: Sql<diesel::sql_types::Uuid> =
        Sql::prepared(FILES, [case.into(), before.into(), erased()]);
    files.load(connection).await
}
