//! The notification that delivers a code.

use diesel::prelude::*;
use engage_repository::NewAccessCode;
use engage_sql::{DbId, millis};

use crate::sql::execute;

const WRITE_DOWN: &str = "
    INSERT INTO notifications (id, event_id, channel, template, address, status, attempts,
        due_at, claim, created_at, expires_at, person_id)
    SELECT message.id, events.id, message.channel, message.template, message.address,
        'PENDING', 0, message.now, 0, message.now, message.expires_at, message.person_id
    FROM (
        SELECT ? AS id, ? AS channel, ? AS template, ? AS address, ? AS now, ? AS expires_at,
            ? AS person_id
    ) AS message
    JOIN events ON events.case_id = ? AND events.sequence = 1";

/// Stores the notification that delivers a code.
pub(super) fn write_message(
    connection: &mut SqliteConnection,
    code: &NewAccessCode,
    now: i64,
) -> QueryResult<()> {
    let NewAccessCode { case, person, message, valid_for, .. } = code;
    let participant = (!person.is_customer_of(*case)).then(|| DbId::from(*person));
    let values = [
        DbId::from(message.id).into(),
        message.address.channel().as_str().into(),
        message.template.as_str().into(),
        message.address.to_string().into(),
        now.into(),
        now.saturating_add(millis(*valid_for)).into(),
        participant.into(),
        DbId::from(*case).into(),
    ];
    execute(connection, WRITE_DOWN, values)
}
