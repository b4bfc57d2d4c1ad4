//! Codes of participants. Transactions lock the row of the case before its codes, and notifications before
//! both, as erasures and corrections do.

use std::time::Duration;

use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use engage_domain::{CaseId, NotificationId, PersonId};
use engage_repository::{AccessGeneration, NewAccessCode, RotatedAccess};
use engage_sql::schema::{cases, participant_codes};
use engage_sql::{
    AccessRow, DbId, DbTimestamp, ParticipantCodeRow, SqlId, SqlTimestamp, count_column, millis,
};

use super::generations::{unreadable, write_generations};
use crate::sql::{Sql, execute};

/// Selects the notifications of earlier codes of a person.
const EARLIER: &str = "
    SELECT id FROM notifications
    WHERE event_id = (SELECT id FROM events WHERE case_id = ? AND sequence = 1)
        AND template = ? AND person_id = ?
    ORDER BY id";

/// The notifications of earlier codes make room for the next one: the same message to the same address
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
    loop {
        let added = connection.transaction(async |c| try_to_add(c, code).await).await?;
        if let Some(is_added) = added {
            return Ok(is_added);
        }
    }
}

/// Stores a code unless another one was stored before the case was locked. Returns `None` then.
///
/// The other one's notification is not locked, and locking it after the case could deadlock.
async fn try_to_add(
    connection: &mut AsyncPgConnection,
    code: &NewAccessCode,
) -> QueryResult<Option<bool>> {
    let (case, person) = (DbId::from(code.case), DbId::from(code.person));
    let locked: Vec<DbId<NotificationId>> = earlier(code, " FOR UPDATE").load(connection).await?;
    let row = cases::table.find(case).select(AccessRow::as_select()).for_update();
    let Some(row) = row.first(connection).await.optional()? else { return Ok(Some(false)) };
    if !row.may_get_code(code.person, &code.message.address).map_err(unreadable)? {
        return Ok(Some(false));
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
        return Ok(Some(false));
    };
    let present: Vec<DbId<NotificationId>> = earlier(code, "").load(connection).await?;
    if present != locked {
        return Ok(None);
    }
    remove(connection, &present).await?;
    diesel::insert_into(participant_codes::table)
        .values(&next)
        .on_conflict((participant_codes::case_id, participant_codes::person_id))
        .do_update()
        .set(&next)
        .execute(connection)
        .await?;
    write_message(code).execute(connection).await?;
    Ok(Some(true))
}

fn earlier(code: &NewAccessCode, lock: &str) -> Sql<SqlId> {
    let values = [
        DbId::from(code.case).into(),
        code.message.template.as_str().into(),
        DbId::from(code.person).into(),
    ];
    Sql::prepared(&format!("{EARLIER}{lock}"), values)
}

/// Removes locked notifications with their attempts. While they are locked, no attempt is added.
async fn remove(
    connection: &mut AsyncPgConnection,
    messages: &[DbId<NotificationId>],
) -> QueryResult<()> {
    for message in messages {
        for text in [REMOVE_ATTEMPTS, REMOVE_MESSAGE] {
            execute(connection, text, [(*message).into()]).await?;
        }
    }
    Ok(())
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
    let limits = (count_column(most_tries), millis(valid_for));
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
