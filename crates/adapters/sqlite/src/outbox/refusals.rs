//! Refusals, which may concern one recipient or the whole channel.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool};
use engage_domain::NotificationId;
use engage_repository::{ChannelRefusals, RefusedMessage};
use engage_sql::DbId;

use crate::clock::now;
use crate::sql::{Sql, execute};

const FORGET_OTHERS: &str = "DELETE FROM refusals WHERE channel = ? AND kind <> ?";

const NOTE: &str = "
    INSERT INTO refusals (notification_id, channel, kind, is_ours, depends_on_recipient)
    VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (notification_id) DO NOTHING";

const CONSECUTIVE: &str = "
    SELECT count(DISTINCT CASE WHEN depends_on_recipient THEN lower(address) ELSE hex(id) END),
        coalesce(max(is_ours OR NOT depends_on_recipient), false)
    FROM refusals JOIN notifications ON id = notification_id
    WHERE refusals.channel = ?";

/// The attempt at the last notification is still under way, and is retried in any case.
const MARK: &str = "
    UPDATE refusals SET is_of_channel = 1, is_undone = is_undone OR notification_id = ?
    WHERE channel = ? AND (NOT is_of_channel OR notification_id = ?)";

/// Retries notifications whose refusal turned out to concern the channel.
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

/// A stopped channel may still accept a notification that was in flight, which shows nothing.
const FORGET_AFTER: &str = "
    DELETE FROM refusals
    WHERE channel = (SELECT channel FROM notifications WHERE id = ?)
        AND channel NOT IN (SELECT channel FROM channels WHERE stopped_at IS NOT NULL)";

pub(super) fn note(
    connection: &mut SqliteConnection,
    refused: &RefusedMessage,
) -> QueryResult<bool> {
    let RefusedMessage { id, channel, kind, is_ours, depends_on_recipient } = refused;
    let channel = channel.as_str();
    execute(connection, FORGET_OTHERS, [channel.into(), kind.as_str().into()])?;
    let values = [
        DbId::from(*id).into(),
        channel.into(),
        kind.as_str().into(),
        i64::from(*is_ours).into(),
        i64::from(*depends_on_recipient).into(),
    ];
    execute(connection, NOTE, values)?;
    let select: Sql<(BigInt, Bool)> = Sql::prepared(CONSECUTIVE, [channel.into()]);
    let (recipients, includes_trusted): (i64, bool) = select.get_result(connection)?;
    let refusals = ChannelRefusals { recipients: recipients.unsigned_abs(), includes_trusted };
    if !refusals.concern_channel() {
        return Ok(false);
    }
    let id = DbId::from(*id);
    execute(connection, MARK, [id.into(), channel.into(), id.into()])?;
    undo(connection)?;
    Ok(true)
}

/// Undoes attempts that were recorded after their refusals were found to concern the channel.
fn undo(connection: &mut SqliteConnection) -> QueryResult<()> {
    execute(connection, UNDO, [now().into()])?;
    execute(connection, NOTE_UNDONE, [])
}

/// Forgets all refusals of a channel that has started again.
pub(super) fn settle(connection: &mut SqliteConnection, channel: &str) -> QueryResult<()> {
    undo(connection)?;
    execute(connection, FORGET, [channel.into()])
}

/// Updates refusals after attempts were recorded. Those of a channel that accepted notifications
/// concerned single recipients. Others may have to be undone now.
pub(super) fn follow_up(
    connection: &mut SqliteConnection,
    accepted: &[DbId<NotificationId>],
) -> QueryResult<()> {
    let select: Sql<BigInt> = Sql::prepared(IS_ANY, []);
    let is_any: i64 = select.get_result(connection)?;
    if is_any == 0 {
        return Ok(());
    }
    for id in accepted {
        execute(connection, FORGET_AFTER, [(*id).into()])?;
    }
    undo(connection)
}
