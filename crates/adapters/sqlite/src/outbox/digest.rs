//! Digests: notifications that cover others which were held back.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, Nullable, Text};
use engage_domain::{CaseId, CaseNumber, EventId, NotificationId, PersonId};
use engage_repository::{ClaimToken, RepositoryError, digest_cases, digest_text};
use engage_sql::{DbId, SqlId, case_number};

use crate::clock::now;
use crate::error::WorkResult;
use crate::sql::{Sql, execute};

/// Channel, address, event and person of a notification that is about to cover others.
type ClaimedDigest = (String, String, DbId<EventId>, Option<DbId<PersonId>>);

const CLAIMED: &str = "
    SELECT channel, address, event_id, person_id FROM notifications
    WHERE id = ? AND claim = ? AND status = 'IN_FLIGHT'";

const HELD_BACK: &str = "
    SELECT notifications.id, number_prefix, number_year, number_sequence, events.case_id
    FROM notifications INDEXED BY notifications_held_back
    JOIN events ON events.id = event_id JOIN cases ON cases.id = events.case_id
    WHERE channel = ? AND lower(notifications.address) = lower(?) AND held_back_at IS NOT NULL
        AND notifications.status = 'PENDING' AND notifications.person_id IS ?";

const CASE_OF: &str = "SELECT case_id FROM events WHERE id = ?";

const CANCEL: &str = "
    UPDATE notifications
    SET status = 'CANCELLED', finished_at = ?, held_back_at = NULL, last_error = ?
    WHERE id = ?";

const TELL: &str = "UPDATE notifications SET digest = ? WHERE id = ?";

type HeldBackColumns = (SqlId, Text, Integer, BigInt, SqlId);

/// A notification that is held back, and its case.
type HeldBackRow = (DbId<NotificationId>, String, i32, i64, DbId<CaseId>);

/// Cancels the notifications that are held back for the address of a claimed one, and records their
/// cases in that one, which becomes their digest. Runs in the transaction of the caller.
pub(super) fn gather(
    connection: &mut SqliteConnection,
    id: NotificationId,
    claim: ClaimToken,
) -> WorkResult<Vec<CaseNumber>> {
    let Some((own_case, held_back)) = held_back(connection, id, claim)? else {
        return Ok(Vec::new());
    };
    let mut numbers = Vec::new();
    for (held_back, prefix, year, sequence, case) in held_back {
        if case != own_case {
            numbers.push(case_number(&prefix, year, sequence)?);
        }
        let values = [now().into(), format!("told of in {id}").into(), held_back.into()];
        execute(connection, CANCEL, values)?;
    }
    let digest = digest_text(numbers);
    let values = [digest.clone().into(), DbId::from(id).into()];
    execute(connection, TELL, values)?;
    Ok(digest_cases(&digest).map_err(RepositoryError::internal)?)
}

/// Returns the notifications that are held back for the recipient of a claimed one, and its own case.
/// Returns nothing if the claim has ended or none is held back.
fn held_back(
    connection: &mut SqliteConnection,
    id: NotificationId,
    claim: ClaimToken,
) -> QueryResult<Option<(DbId<CaseId>, Vec<HeldBackRow>)>> {
    let claimed: Sql<(Text, Text, SqlId, Nullable<SqlId>)> =
        Sql::prepared(CLAIMED, [DbId::from(id).into(), claim.0.into()]);
    let claimed: Option<ClaimedDigest> = claimed.get_result(connection).optional()?;
    let Some((channel, address, event, person)) = claimed else { return Ok(None) };
    let case: Sql<SqlId> = Sql::prepared(CASE_OF, [event.into()]);
    let case: DbId<CaseId> = case.get_result(connection)?;
    let values = [channel.into(), address.into(), person.into()];
    let select: Sql<HeldBackColumns> = Sql::prepared(HELD_BACK, values);
    let rows: Vec<HeldBackRow> = select.load(connection)?;
    Ok((!rows.is_empty()).then_some((case, rows)))
}
