//! Codes of participants. Transactions lock the row of the case first.

use std::time::Duration;

use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use engage_domain::{CaseId, NotificationId, PersonId};
use engage_repository::{AccessGeneration, NewAccessCode, RotatedAccess};
use engage_sql::schema::{cases, participant_codes};
use engage_sql::{AccessRow, DbId, DbTimestamp, ParticipantCodeRow, SqlId, SqlTimestamp, millis};

use super::{count, unreadable, write_generations};
use crate::sql::Sql;

/// The notification of the last code makes room for the next one: the same message to the same address
/// exists once for an event.
const REMOVE_ATTEMPTS: &str = "DELETE FROM delivery_attempts WHERE notification_id = ?";
const REMOVE_MESSAGE: &str = "DELETE FROM notifications WHERE id = ?";

const WRITE_DOWN: &str = "
    INSERT INTO notifications (id, event_id, channel, template, address, status, attempts, due_at,
        claim, created_at, expires_at, person_id)
    SELECT ?, events.id, ?, ?, ?, 'PENDING', 0, now(), 0, now(),
        now() + ?::bigint * interval '1 millisecond', ?::uuid
    FROM events WHERE events.case_id = ? AND events.sequence = 1";

const TRY: &str = "
    UPDATE participant_codes SET tries = tries + 1
    WHERE case_id = ? AND person_id = ? AND NOT is_redeemed AND tries < ?
        AND created_at > now() - ?::bigint * interval '1 millisecond'
    RETURNING notification_id";

/// Stores a code of a participant and its notification.
pub(super) async fn add(
    connection: &mut AsyncPgConnection,
    code: &NewAccessCode,
) -> QueryResult<bool> {
    let (case, person) = (DbId::from(code.case), DbId::from(code.person));
    let row = cases::table.find(case).select(AccessRow::as_select()).for_update();
    let Some(row) = row.first(connection).await.optional()? else { return Ok(false) };
    if !row.may_get_code(code.person, &code.message.address).map_err(unreadable)? {
        return Ok(false);
    }
    let last: Option<ParticipantCodeRow> = participant_codes::table
        .find((case, person))
        .select(ParticipantCodeRow::as_select())
        .first(connection)
        .await
        .optional()?;
    // A transaction that waited for the lock began before the last code.
    let now: Sql<SqlTimestamp> = Sql::prepared("SELECT clock_timestamp()", []);
    let now: DbTimestamp = now.get_result(connection).await?;
    let Some(next) = ParticipantCodeRow::following(last.as_ref(), code, now) else {
        return Ok(false);
    };
    if let Some(last) = last {
        for text in [REMOVE_ATTEMPTS, REMOVE_MESSAGE] {
            let remove: Sql<()> = Sql::prepared(text, [last.notification_id().into()]);
            remove.execute(connection).await?;
        }
    }
    diesel::insert_into(participant_codes::table)
        .values(&next)
        .on_conflict((participant_codes::case_id, participant_codes::person_id))
        .do_update()
        .set(&next)
        .execute(connection)
        .await?;
    write_message(code).execute(connection).await?;
    Ok(true)
}

fn write_message(code: &NewAccessCode) -> Sql<()> {
    let NewAccessCode { case, person, message, valid_for, .. } = code;
    let values = [
        DbId::from(message.id).into(),
        message.address.channel().as_str().into(),
        message.template.as_str().into(),
        message.address.to_string().into(),
        millis(*valid_for).into(),
        DbId::from(*person).into(),
        DbId::from(*case).into(),
    ];
    Sql::prepared(WRITE_DOWN, values)
}

/// Counts an attempt, and returns the notification of the code that is tried.
pub(super) fn attempt(
    case: CaseId,
    person: PersonId,
    valid_for: Duration,
    most_tries: u32,
) -> Sql<SqlId> {
    let (case, person) = (DbId::from(case), DbId::from(person));
    let limits = (count(most_tries), millis(valid_for));
    Sql::prepared(TRY, [case.into(), person.into(), limits.0.into(), limits.1.into()])
}

/// Redeems a code, and starts a new generation of the participant's proofs.
pub(super) async fn redeem(
    connection: &mut AsyncPgConnection,
    case: CaseId,
    person: PersonId,
    code: NotificationId,
) -> QueryResult<Option<AccessGeneration>> {
    let (id, person_id) = (DbId::from(case), DbId::from(person));
    let row = cases::table.find(id).select(AccessRow::as_select()).for_update();
    let Some(row) = row.first(connection).await.optional()? else { return Ok(None) };
    let unused = participant_codes::table
        .find((id, person_id))
        .filter(participant_codes::notification_id.eq(DbId::from(code)))
        .filter(participant_codes::is_redeemed.eq(false));
    let redeemed = diesel::update(unused)
        .set(participant_codes::is_redeemed.eq(true))
        .execute(connection)
        .await?;
    if redeemed == 0 {
        return Ok(None);
    }
    Ok(match write_generations(connection, &row, Some(person)).await? {
        RotatedAccess::To(generation) => Some(generation),
        RotatedAccess::NoSuchCase | RotatedAccess::NoSuchPerson => None,
    })
}
