//! Trial deliveries of a stopped channel.

use diesel::prelude::*;
use engage_domain::Channel;
use engage_repository::TRIAL_DELIVERY_INTERVAL;
use engage_sql::{DbTimestamp, millis};

use crate::clock::{after, now};
use crate::schema::channels;

/// State of a channel. A stopped one gives out one notification at a time, and only if it is due.
pub(super) enum Gate {
    Open,
    Trial,
    Shut,
}

/// Returns the state of a channel.
pub(super) fn gate(connection: &mut SqliteConnection, channel: Channel) -> QueryResult<Gate> {
    let due_at: Option<Option<DbTimestamp>> = channels::table
        .find(channel.as_str())
        .select(channels::probe_due_at)
        .first(connection)
        .optional()?;
    // A channel that never stopped has no row.
    Ok(match due_at.flatten() {
        None => Gate::Open,
        Some(at) if at.as_millis() <= now() => Gate::Trial,
        Some(_) => Gate::Shut,
    })
}

/// Returns the time at which the next trial delivery is due.
pub(super) fn next_due_at() -> DbTimestamp {
    after(millis(TRIAL_DELIVERY_INTERVAL))
}

/// Makes the next trial delivery of a stopped channel due after the interval.
pub(super) fn put_off_next(connection: &mut SqliteConnection, channel: Channel) -> QueryResult<()> {
    diesel::update(channels::table.find(channel.as_str()))
        .set(channels::probe_due_at.eq(next_due_at()))
        .execute(connection)?;
    Ok(())
}
