//! Messages that tell of others that were held back.

use diesel::QueryResult;
use diesel::result::Error as DieselError;
use diesel::sql_types::{BigInt, Integer, Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use engage_domain::{CaseNumber, NotificationId};
use engage_repository::{ClaimToken, digest_text};
use uuid::Uuid;

use crate::case_rows::case_number;
use crate::sql::Sql;

/// By the channel first: the index of what is held back has it.
pub(super) const COUNT_HELD_BACK: &str = "
    SELECT channel, count(*) FROM notifications
    WHERE held_back_at IS NOT NULL AND status = 'PENDING'
    GROUP BY channel";

/// The message itself, locked while it is claimed.
const CLAIMED: &str = "
    SELECT channel, address, event_id FROM notifications
    WHERE id = ? AND claim = ? AND status = 'IN_FLIGHT' FOR UPDATE";

/// In the order of their ids, as completions lock them; what another claims now is left to it.
const HELD_BACK: &str = "
    SELECT id, event_id FROM notifications
    WHERE channel = ? AND lower(address) = lower(?) AND held_back_at IS NOT NULL
        AND status = 'PENDING'
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

/// Cancels what is held back for the address of a message and writes down that it tells of these, in a
/// transaction of the caller's. Returns the text that was written down.
pub(super) async fn gather(
    connection: &mut AsyncPgConnection,
    id: Uuid,
    claim: ClaimToken,
) -> QueryResult<String> {
    let claimed: Sql<(Text, Text, SqlUuid)> = Sql::prepared(CLAIMED, [id.into(), claim.0.into()]);
    let claimed: Vec<(String, String, Uuid)> = claimed.load(connection).await?;
    let Some((channel, address, event)) = claimed.into_iter().next() else {
        return Ok(String::new());
    };
    let held_back: Sql<(SqlUuid, SqlUuid)> =
        Sql::prepared(HELD_BACK, [channel.into(), address.into()]);
    let held_back: Vec<(Uuid, Uuid)> = held_back.load(connection).await?;
    let (ids, events): (Vec<_>, Vec<_>) = held_back.into_iter().unzip();
    if ids.is_empty() {
        return Ok(String::new());
    }
    let numbers: Sql<(Text, Integer, BigInt)> =
        Sql::prepared(NUMBERS, [events.into(), event.into()]);
    let numbers: Vec<(String, i32, i64)> = numbers.load(connection).await?;
    let digest = digest_text(cases(numbers)?);
    let reason = format!("told of in {}", NotificationId::from_u128(id.as_u128()));
    let cancel: Sql<()> = Sql::prepared(CANCEL, [reason.into(), ids.into()]);
    cancel.execute(connection).await?;
    let tell: Sql<()> = Sql::prepared(TELL, [digest.clone().into(), id.into()]);
    tell.execute(connection).await?;
    Ok(digest)
}

/// Fails on a number that the domain refuses, so that no case is left out of a digest unseen.
fn cases(numbers: Vec<(String, i32, i64)>) -> QueryResult<Vec<CaseNumber>> {
    let cases = numbers.into_iter().map(|(prefix, year, sequence)| {
        case_number(&prefix, year, sequence)
            .map_err(|error| DieselError::DeserializationError(Box::new(error)))
    });
    cases.collect()
}
