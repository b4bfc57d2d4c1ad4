//! Refusals, which may concern one recipient or the whole channel.

use diesel::QueryResult;
use diesel::sql_types::{BigInt, Bool};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use engage_repository::{ChannelRefusals, RefusedMessage};
use engage_sql::DbId;

use crate::sql::{Sql, Value, execute};

const FORGET_OTHERS: &str = "DELETE FROM refusals WHERE channel = ? AND kind <> ?";

const NOTE: &str = "
    INSERT INTO refusals (notification_id, channel, kind, is_ours, depends_on_recipient)
    VALUES (?, ?, ?, ?::boolean, ?::boolean)
    ON CONFLICT (notification_id) DO NOTHING";

const CONSECUTIVE: &str = "
    SELECT count(DISTINCT CASE WHEN depends_on_recipient THEN lower(address) ELSE id::text END),
        coalesce(bool_or(is_ours OR NOT depends_on_recipient), false)
    FROM refusals JOIN notifications ON id = notification_id
    WHERE refusals.channel = ?";

/// The attempt at the last notification is still under way, and is retried in any case.
const MARK: &str = "
    UPDATE refusals SET is_of_channel = true, is_undone = is_undone OR notification_id = ?
    WHERE channel = ? AND (NOT is_of_channel OR notification_id = ?)";

/// Retries notifications whose refusal turned out to concern the channel.
const UNDO: &str = "
    WITH undone AS (
        UPDATE notifications
        SET status = 'PENDING', attempts = greatest(attempts - 1, 0), due_at = now(),
            finished_at = NULL
        WHERE status IN ('DEAD', 'PENDING') AND id IN (
            SELECT notification_id FROM refusals WHERE is_of_channel AND NOT is_undone
        )
        RETURNING id
    )
    UPDATE refusals SET is_undone = true WHERE notification_id IN (SELECT id FROM undone)";

const FORGET: &str = "DELETE FROM refusals WHERE channel = ?";

/// Records a refusal. Returns whether refusals concern the channel. If two are recorded at once, each
/// is inserted before either is evaluated, so that the later evaluation sees both.
pub(super) async fn note(
    connection: &mut AsyncPgConnection,
    refused: RefusedMessage,
) -> QueryResult<bool> {
    let RefusedMessage { id, channel, kind, is_ours, depends_on_recipient } = refused;
    let channel = || Value::from(channel.as_str());
    let flag = |flag: bool| Value::from(flag.to_string());
    execute(connection, FORGET_OTHERS, [channel(), kind.clone().into()]).await?;
    let id = DbId::from(id);
    let values = [id.into(), channel(), kind.into(), flag(is_ours), flag(depends_on_recipient)];
    execute(connection, NOTE, values).await?;
    let select: Sql<(BigInt, Bool)> = Sql::prepared(CONSECUTIVE, [channel()]);
    let (recipients, includes_trusted): (i64, bool) = select.get_result(&mut *connection).await?;
    let refusals = ChannelRefusals { recipients: recipients.unsigned_abs(), includes_trusted };
    if !refusals.concern_channel() {
        return Ok(false);
    }
    execute(connection, MARK, [id.into(), channel(), id.into()]).await?;
    undo(connection).await?;
    Ok(true)
}

/// Undoes attempts that were recorded after their refusals were found to concern the channel.
pub(super) async fn undo(connection: &mut AsyncPgConnection) -> QueryResult<()> {
    execute(connection, UNDO, []).await
}

/// Forgets all refusals of a channel that has started again.
pub(super) async fn settle(connection: &mut AsyncPgConnection, channel: &str) -> QueryResult<()> {
    undo(connection).await?;
    execute(connection, FORGET, [channel.into()]).await
}
