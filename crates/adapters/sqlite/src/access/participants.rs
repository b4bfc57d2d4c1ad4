//! Codes of participants. The writer thread is alone, so what is read here stays as it is until the
//! commit.

use std::time::Duration;

use diesel::prelude::*;
use engage_domain::{CaseId, NotificationId, PersonId};
use engage_repository::{AccessGeneration, NewAccessCode, RotatedAccess};
use engage_sql::schema::{cases, participant_codes};
use engage_sql::{AccessRow, DbId, ParticipantCodeRow, SqlId, count_column, millis};

use super::generations::write_generations;
use super::message::write_message;
use crate::clock::{after, db_now};
use crate::error::WorkResult;
use crate::sql::{Sql, execute};

/// Selects the notifications of earlier codes of a person.
const EARLIER: &str = "
    SELECT id FROM notifications
    WHERE event_id = (SELECT id FROM events WHERE case_id = ? AND sequence = 1)
        AND template = ? AND person_id = ?";

/// The notifications of earlier codes make room for the next one: the same message to the same address
/// exists once for an event.
const REMOVE_ATTEMPTS: &str = "DELETE FROM delivery_attempts WHERE notification_id = ?";
const REMOVE_MESSAGE: &str = "DELETE FROM notifications WHERE id = ?";

/// Stores a code of a participant and its notification.
pub(super) fn add(connection: &mut SqliteConnection, code: &NewAccessCode) -> WorkResult<bool> {
    let (case, person) = (DbId::from(code.case), DbId::from(code.person));
    let row =
        cases::table.find(case).select(AccessRow::as_select()).first(connection).optional()?;
    let Some(row) = row else { return Ok(false) };
    if !row.may_get_code(code.person, &code.message.address)? {
        return Ok(false);
    }
    let last: Option<ParticipantCodeRow> = participant_codes::table
        .find((case, person))
        .select(ParticipantCodeRow::as_select())
        .first(connection)
        .optional()?;
    let now = db_now();
    let Some(next) = ParticipantCodeRow::following(last.as_ref(), code, now) else {
        return Ok(false);
    };
    remove_earlier(connection, code)?;
    diesel::insert_into(participant_codes::table)
        .values(&next)
        .on_conflict((participant_codes::case_id, participant_codes::person_id))
        .do_update()
        .set(&next)
        .execute(connection)?;
    write_message(connection, code, now.as_millis())?;
    Ok(true)
}

/// Removes the notifications of earlier codes with their attempts.
fn remove_earlier(connection: &mut SqliteConnection, code: &NewAccessCode) -> QueryResult<()> {
    let values = [
        DbId::from(code.case).into(),
        code.message.template.as_str().into(),
        DbId::from(code.person).into(),
    ];
    let earlier: Sql<SqlId> = Sql::prepared(EARLIER, values);
    let earlier: Vec<DbId<NotificationId>> = earlier.load(connection)?;
    for message in earlier {
        execute(connection, REMOVE_ATTEMPTS, [message.into()])?;
        execute(connection, REMOVE_MESSAGE, [message.into()])?;
    }
    Ok(())
}

/// Counts an attempt, and returns the notification of the code that is tried.
pub(super) fn count_attempt(
    connection: &mut SqliteConnection,
    case: CaseId,
    person: PersonId,
    valid_for: Duration,
    most_tries: u32,
) -> WorkResult<Option<DbId<NotificationId>>> {
    let usable = participant_codes::table
        .find((DbId::from(case), DbId::from(person)))
        .filter(participant_codes::is_redeemed.eq(false))
        .filter(participant_codes::tries.lt(count_column(most_tries)))
        .filter(participant_codes::created_at.gt(after(-millis(valid_for))));
    let tried = diesel::update(usable)
        .set(participant_codes::tries.eq(participant_codes::tries + 1))
        .returning(participant_codes::notification_id)
        .get_result(connection)
        .optional()?;
    Ok(tried)
}

/// Redeems a code, and starts a new generation of the participant's proofs.
pub(super) fn redeem(
    connection: &mut SqliteConnection,
    case: CaseId,
    person: PersonId,
    code: NotificationId,
) -> WorkResult<Option<AccessGeneration>> {
    let (id, person_id) = (DbId::from(case), DbId::from(person));
    let unused = participant_codes::table
        .find((id, person_id))
        .filter(participant_codes::notification_id.eq(DbId::from(code)))
        .filter(participant_codes::is_redeemed.eq(false));
    let redeemed =
        diesel::update(unused).set(participant_codes::is_redeemed.eq(true)).execute(connection)?;
    if redeemed == 0 {
        return Ok(None);
    }
    let row = cases::table.find(id).select(AccessRow::as_select()).first(connection)?;
    Ok(match write_generations(connection, &row, Some(person))? {
        RotatedAccess::To(generation) => Some(generation),
        RotatedAccess::NoSuchCase | RotatedAccess::NoSuchPerson => None,
    })
}
