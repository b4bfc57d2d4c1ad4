//! Digests: notifications that cover others which were held back.

use diesel::QueryResult;
use diesel::result::Error as DieselError;
use diesel::sql_types::{BigInt, Integer, Nullable, Text};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use engage_domain::{CaseNumber, EventId, NotificationId, PersonId};
use engage_repository::{ClaimToken, digest_text};
use engage_sql::{DbId, SqlId, case_number};

use crate::sql::{Sql, execute};

/// Channel, address, event and person of a notification that is about to cover others.
type ClaimedDigest = (String, String, DbId<EventId>, Option<DbId<PersonId>>);

/// The notification itself, which is locked while its claim is valid.
const CLAIMED: &str = "
    SELECT channel, address, event_id, person_id FROM notifications
    WHERE id = ? AND claim = ? AND status = 'IN_FLIGHT' FOR UPDATE";

/// In the order of their ids, as completions lock them. Skips those that another server claims now.
const HELD_BACK: &str = "
    SELECT id, event_id FROM notifications
    WHERE channel = ? AND lower(address) = lower(?) AND held_back_at IS NOT NULL
        AND status = 'PENDING' AND person_id IS NOT DISTINCT FROM ?::uuid
    ORDER BY id
    FOR UPDATE SKIP LOCKED";

const CANCEL: &str = "
    UPDATE notifications
    SET status = 'CANCELLED', finished_at = now(), held_back_at = NULL, last_error = ?
    WHERE id = ANY (?)";

const NUMBERS: &str = "
    SELECT DISTINCT number_prefix, number_year, number_sequence
    FROM events JOIN cases ON cases.id = events.case_id
    WHERE events.id = ANY (?)
        AND cases.id <> (SELECT case_id FROM events WHERE id = ?)";

const TELL: &str = "UPDATE notifications SET digest = ? WHERE id = ?";

/// Cancels the notifications that are held back for the recipient of a claimed one, and records their
/// cases in that one, which becomes their digest. Runs in the transaction of the caller. Returns the
/// recorded text.
pub(super) async fn gather(
    connection: &mut AsyncPgConnection,
    id: NotificationId,
    claim: ClaimToken,
) -> QueryResult<String> {
    let id = DbId::from(id);
    let claimed: Sql<(Text, Text, SqlId, Nullable<SqlId>)> =
        Sql::prepared(CLAIMED, [id.into(), claim.0.into()]);
    let claimed: Vec<ClaimedDigest> = claimed.load(connection).await?;
    let Some((channel, address, event, person)) = claimed.into_iter().next() else {
        return Ok(String::new());
    };
    let held_back: Sql<(SqlId, SqlId)> =
        Sql::prepared(HELD_BACK, [channel.into(), address.into(), person.into()]);
    let held_back: Vec<(DbId<NotificationId>, DbId<EventId>)> = held_back.load(connection).await?;
    let (ids, events): (Vec<_>, Vec<_>) = held_back.into_iter().unzip();
    if ids.is_empty() {
        return Ok(String::new());
    }
    let numbers: Sql<(Text, Integer, BigInt)> =
        Sql::prepared(NUMBERS, [events.into(), event.into()]);
    let numbers: Vec<(String, i32, i64)> = numbers.load(connection).await?;
    let digest = digest_text(cases(numbers)?);
    let reason = format!("told of in {}", id.get());
    execute(connection, CANCEL, [reason.into(), ids.into()]).await?;
    execute(connection, TELL, [digest.clone().into(), id.into()]).await?;
    Ok(digest)
}

/// Reads case numbers. Fails if one is not valid, so that no case is silently missing from a digest.
fn cases(numbers: Vec<(String, i32, i64)>) -> QueryResult<Vec<CaseNumber>> {
    let cases = numbers.into_iter().map(|(prefix, year, sequence)| {
        case_number(&prefix, year, sequence)
            .map_err(|error| DieselError::DeserializationError(Box::new(error)))
    });
    cases.collect()
}
