//! Refusals that may be about one recipient or about the whole channel.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable};
use engage_repository::RefusedMessage;

use crate::case_rows::id_bytes;
use crate::clock::now;
use crate::sql::{Sql, execute};

const FORGET_OTHERS: &str = "DELETE FROM refusals WHERE channel = ? AND kind <> ?";

const NOTE: &str = "
    INSERT INTO refusals (notification_id, channel, kind, is_ours, depends_on_recipient)
    VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (notification_id) DO NOTHING";

const IS_OF_CHANNEL: &str = "
    SELECT count(DISTINCT CASE WHEN depends_on_recipient THEN lower(address) ELSE hex(id) END) > 1
        AND max(is_ours OR NOT depends_on_recipient)
    FROM refusals JOIN notifications ON id = notification_id
    WHERE refusals.channel = ?";

/// The last one is the message that is being attempted: it is put off in any case.
const MARK: &str = "
    UPDATE refusals SET is_of_channel = 1, is_undone = is_undone OR notification_id = ?
    WHERE channel = ? AND (NOT is_of_channel OR notification_id = ?)";

/// What was given up or tried for a refusal that turned out to be about the channel.
const UNDO: &str = "
    UPDATE notifications
    SET status = 'PENDING', attempts = max(attempts - 1, 0), due_at = ?, finished_at = NULL
    WHERE status IN ('DEAD', 'PENDING') AND id IN (
        SELECT notification_id FROM refusals WHERE is_of_channel AND NOT is_undone
    )";

const NOTE_UNDONE: &str = "
    UPDATE refusals SET is_undone = 1
    WHERE is_of_channel AND NOT is_undone
        AND (SELECT status FROM notifications WHERE id = notification_id) = 'PENDING'";

const FORGET: &str = "DELETE FROM refusals WHERE channel = ?";

const IS_ANY: &str = "SELECT EXISTS (SELECT 1 FROM refusals)";

/// A stopped channel may accept what was on its way when it stopped: that shows nothing.
const FORGET_AFTER: &str = "
    DELETE FROM refusals
    WHERE channel = (SELECT channel FROM notifications WHERE id = ?)
        AND channel IN (SELECT channel FROM channels WHERE stopped_at IS NULL)";

pub(super) fn note(
    connection: &mut SqliteConnection,
    refused: &RefusedMessage,
) -> QueryResult<bool> {
    let RefusedMessage { id, channel, kind, is_ours, depends_on_recipient } = refused;
    let channel = channel.as_str();
    execute(connection, FORGET_OTHERS, [channel.into(), kind.as_str().into()])?;
    let values = [
        id_bytes(id.as_u128()).into(),
        channel.into(),
        kind.as_str().into(),
        i64::from(*is_ours).into(),
        i64::from(*depends_on_recipient).into(),
    ];
    execute(connection, NOTE, values)?;
    let select: Sql<Nullable<BigInt>> = Sql::prepared(IS_OF_CHANNEL, [channel.into()]);
    let is_of_channel: Option<i64> = select.get_result(connection)?;
    if is_of_channel != Some(1) {
        return Ok(false);
    }
    let id = id_bytes(id.as_u128());
    execute(connection, MARK, [id.clone().into(), channel.into(), id.into()])?;
    undo(connection)?;
    Ok(true)
}

/// Undoes the attempts that were recorded after it was shown that their refusals were about the
/// channel.
fn undo(connection: &mut SqliteConnection) -> QueryResult<()> {
    execute(connection, UNDO, [now().into()])?;
    execute(connection, NOTE_UNDONE, [])
}

/// Begins anew, as the channel has started.
pub(super) fn settle(connection: &mut SqliteConnection, channel: &str) -> QueryResult<()> {
    undo(connection)?;
    execute(connection, FORGET, [channel.into()])
}

/// Looks what attempts that were recorded mean for refusals: those of a channel that accepted
/// messages were about single recipients, others may be undone by now.
pub(super) fn follow_up(
    connection: &mut SqliteConnection,
    accepted: &[&Vec<u8>],
) -> QueryResult<()> {
    let select: Sql<BigInt> = Sql::prepared(IS_ANY, []);
    let is_any: i64 = select.get_result(connection)?;
    if is_any == 0 {
        return Ok(());
    }
    for id in accepted {
        execute(connection, FORGET_AFTER, [(*id).clone().into()])?;
    }
    undo(connection)
}
