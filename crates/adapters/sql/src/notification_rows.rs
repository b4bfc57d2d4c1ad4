//! Notifications and what is reported about them, as rows.

use std::time::Duration;

use diesel::prelude::*;
use engage_domain::{Address, Channel, NotificationId, Template};
use engage_repository::{AttemptRecord, NotificationSummary, NotificationTotals};

use crate::case_number::case_number;
use crate::column::{checked, parse};
use crate::db_id::DbId;
use crate::db_timestamp::DbTimestamp;
use crate::error::InvalidColumn;
use crate::sql_types::{BigInt, Integer, Nullable, SqlId, SqlTimestamp, Text};
use crate::statement::Statement;

/// Reads an address from its columns.
pub fn address(channel: &str, text: &str) -> Result<Address, InvalidColumn> {
    let channel: Channel = parse(channel, "channel")?;
    Address::parse(channel, text).ok_or(InvalidColumn { column: "address" })
}

/// Returns an address as the customer of a case gave it, and as the case stores it. Channels normalize
/// addresses.
pub fn customer_address(address: &Address) -> String {
    if let Address::Email(email) = address { email.to_string() } else { address.to_string() }
}

/// Type of an event. A type that programs of earlier releases do not know is in a column of its own.
pub(crate) const EVENT_TYPE: &str = "coalesce(events.recent_type, events.type)";

/// Selects the columns of a [`NotificationRow`] from the tables `message`, `events` and `cases`.
pub const SELECT_NOTIFICATION: &str = "
    SELECT message.id, cases.number_prefix, cases.number_year, cases.number_sequence,
        coalesce(events.recent_type, events.type), message.channel, message.template, message.address, message.status, message.attempts,
        message.last_error, message.due_at, message.created_at, message.finished_at
    FROM notifications AS message
    JOIN events ON events.id = message.event_id
    JOIN cases ON cases.id = events.case_id";

/// SQL types of the columns of a [`NotificationRow`].
pub type NotificationColumnTypes = (
    SqlId,
    Text,
    Integer,
    BigInt,
    Text,
    Text,
    Text,
    Text,
    Text,
    Integer,
    Nullable<Text>,
    SqlTimestamp,
    SqlTimestamp,
    Nullable<SqlTimestamp>,
);

/// A notification as staff see it.
#[derive(Queryable)]
pub struct NotificationRow {
    id: DbId<NotificationId>,
    number_prefix: String,
    number_year: i32,
    number_sequence: i64,
    event_type: String,
    channel: String,
    template: String,
    address: String,
    status: String,
    attempts: i32,
    last_error: Option<String>,
    due_at: DbTimestamp,
    created_at: DbTimestamp,
    finished_at: Option<DbTimestamp>,
}

impl NotificationRow {
    /// Checks whether this program has the template. A newer one that works beside it may have others.
    pub fn has_known_template(&self) -> bool {
        self.template.parse::<Template>().is_ok()
    }

    /// Converts the row to a summary.
    pub fn into_summary(self) -> Result<NotificationSummary, InvalidColumn> {
        let finished_at = self.finished_at.map(|at| at.0);
        Ok(NotificationSummary {
            id: self.id.get(),
            case_number: case_number(&self.number_prefix, self.number_year, self.number_sequence)?,
            event_type: parse(&self.event_type, "type")?,
            template: parse(&self.template, "template")?,
            address: address(&self.channel, &self.address)?,
            status: parse(&self.status, "notification status")?,
            attempts: checked(self.attempts, Some, "attempts")?,
            last_error: self.last_error,
            next_attempt_at: finished_at.is_none().then_some(self.due_at.0),
            created_at: self.created_at.0,
            finished_at,
        })
    }
}

/// Converts the rows of a list. Leaves out those whose templates only a newer program has.
pub fn notification_summaries(
    rows: Vec<NotificationRow>,
) -> Result<Vec<NotificationSummary>, InvalidColumn> {
    let known = rows.into_iter().filter(NotificationRow::has_known_template);
    known.map(NotificationRow::into_summary).collect()
}

type AttemptColumnTypes = (SqlTimestamp, BigInt, Text, Nullable<Text>);

/// Selects a notification by its id.
pub fn select_notification(id: DbId<NotificationId>) -> Statement<NotificationColumnTypes> {
    Statement::prepared(&format!("{SELECT_NOTIFICATION} WHERE message.id = ?"), [id.into()])
}

/// Selects the attempts at a notification, the first one first.
pub fn select_attempts(id: DbId<NotificationId>) -> Statement<AttemptColumnTypes> {
    let text = "SELECT started_at, took_ms, outcome, reason FROM delivery_attempts
        WHERE notification_id = ? ORDER BY claim";
    Statement::prepared(text, [id.into()])
}

/// An attempt to deliver a notification.
#[derive(Queryable)]
pub struct AttemptRow {
    started_at: DbTimestamp,
    took_ms: i64,
    outcome: String,
    reason: Option<String>,
}

impl AttemptRow {
    /// Converts the row to the record of an attempt.
    pub fn into_record(self) -> Result<AttemptRecord, InvalidColumn> {
        Ok(AttemptRecord {
            started_at: self.started_at.0,
            took: checked(self.took_ms, |ms| Some(Duration::from_millis(ms)), "took_ms")?,
            outcome: parse(&self.outcome, "outcome")?,
            reason: self.reason,
        })
    }
}

/// Counts all notifications by status and channel.
pub fn count_by_status() -> Statement<(Text, Text, BigInt)> {
    let text = "SELECT status, channel, count(*) FROM notifications GROUP BY status, channel";
    Statement::prepared(text, [])
}

/// Converts the numbers of notifications by status and channel, and those of the last hour.
pub fn notification_totals(
    counts: Vec<(String, String, i64)>,
    (delivered, failed): (i64, i64),
    oldest_unsent: Vec<(Channel, Duration)>,
) -> Result<NotificationTotals, InvalidColumn> {
    let whole = |number: i64| checked(number, Some, "count");
    let counts = counts.into_iter().map(|(status, channel, count)| {
        Ok((parse(&status, "notification status")?, parse(&channel, "channel")?, whole(count)?))
    });
    Ok(NotificationTotals {
        counts: counts.collect::<Result<_, InvalidColumn>>()?,
        oldest_unsent,
        delivered_last_hour: whole(delivered)?,
        failed_last_hour: whole(failed)?,
    })
}
