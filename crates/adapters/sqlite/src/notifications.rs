//! Messages, to be looked at and set right.

use std::num::NonZeroU32;
use std::time::Duration;

use async_trait::async_trait;
use diesel::dsl::count_star;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary, Integer, Nullable, Text};
use engage_domain::{Address, Channel, NotificationId, Timestamp};
use engage_repository::{
    AttemptRecord, DeadFilter, DeliveryReport, NotificationFilter, NotificationRepository,
    NotificationSummary, NotificationTotals, RepositoryError, Suppression,
};

use crate::case_rows::{case_number, checked, id_bits, id_bytes, number_columns, parse};
use crate::clock::{millis, now, since};
use crate::error::{InvalidColumn, repository_error};
use crate::notification_rows::address;
use crate::schema::{delivery_attempts, notifications};
use crate::sql::{Sql, Value};
use crate::store::SqliteStore;

const COLUMNS: &str = "
    SELECT message.id, cases.number_prefix, cases.number_year, cases.number_sequence, events.type,
        message.channel, message.template, message.address, message.status, message.attempts,
        message.last_error, message.due_at, message.created_at, message.finished_at
    FROM notifications AS message
    JOIN events ON events.id = message.event_id
    JOIN cases ON cases.id = events.case_id";

type Columns = (
    Binary,
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
    BigInt,
    BigInt,
    Nullable<BigInt>,
);

#[derive(Queryable)]
struct Row {
    id: Vec<u8>,
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
    due_at: i64,
    created_at: i64,
    finished_at: Option<i64>,
}

impl Row {
    fn into_summary(self) -> Result<NotificationSummary, InvalidColumn> {
        let finished_at = self.finished_at.map(Timestamp::from_millis);
        let due_at = Timestamp::from_millis(self.due_at);
        Ok(NotificationSummary {
            id: NotificationId::from_u128(id_bits(&self.id, "notification id")?),
            case_number: case_number(&self.number_prefix, self.number_year, self.number_sequence)?,
            event_type: parse(&self.event_type, "type")?,
            template: parse(&self.template, "template")?,
            address: address(&self.channel, &self.address)?,
            status: parse(&self.status, "notification status")?,
            attempts: checked(self.attempts, Some, "attempts")?,
            last_error: self.last_error,
            next_attempt_at: finished_at.is_none().then_some(due_at),
            created_at: Timestamp::from_millis(self.created_at),
            finished_at,
        })
    }
}

/// Pushes the criteria; nothing fits where no case can have the number.
fn push_filter<T>(sql: &mut Sql<T>, filter: &NotificationFilter) {
    sql.push(" WHERE true");
    push_in(sql, "message.status", filter.status.iter().map(|status| status.as_str()));
    push_in(sql, "message.channel", filter.channel.iter().map(|channel| channel.as_str()));
    push_in(sql, "events.type", filter.event_type.iter().map(|event| event.as_str()));
    if let Some(number) = &filter.case_number {
        match number_columns(number) {
            Ok((prefix, year, sequence)) => {
                sql.push(" AND cases.number_year = ").bind(i64::from(year));
                sql.push(" AND cases.number_sequence = ").bind(sequence);
                sql.push(" AND cases.number_prefix = ").bind(prefix);
            }
            Err(_) => {
                sql.push(" AND false");
            }
        }
    }
    if let Some(endpoint) = filter.endpoint {
        sql.push(" AND message.channel = 'WEBHOOK' AND message.address = ")
            .bind(endpoint.to_string());
    }
    if let Some(from) = filter.from {
        sql.push(" AND message.created_at >= ").bind(from.as_millis());
    }
    if let Some(to) = filter.to {
        sql.push(" AND message.created_at < ").bind(to.as_millis());
    }
}

/// The names are ours, and written out: an index of what is not finished is used only where that
/// stands in the statement.
fn push_in<T>(sql: &mut Sql<T>, column: &str, wanted: impl ExactSizeIterator<Item = &'static str>) {
    if wanted.len() > 0 {
        let names: Vec<_> = wanted.map(|name| format!("'{name}'")).collect();
        sql.push(&format!(" AND {column} IN ({})", names.join(", ")));
    }
}

const SEND_AGAIN: &str = "
    UPDATE notifications
    SET status = 'PENDING', attempts = 0, due_at = ?, finished_at = NULL, is_asked_again = 1
    WHERE status IN ('DEAD', 'CANCELLED') AND id = ?";

const CANCEL: &str = "
    UPDATE notifications
    SET status = 'CANCELLED', last_error = ?, finished_at = ?
    WHERE status IN ('PENDING', 'IN_FLIGHT') AND channel = ? AND address = ?";

/// What is said of a message that is on its way comes before its attempt was recorded. One that
/// arrived was finished when it was accepted, one that did not is finished now.
const REPORT: &str = "
    UPDATE notifications
    SET status = ?, last_error = coalesce(?, last_error), finished_at = coalesce(?, finished_at, ?)
    WHERE id = ? AND status IN ('SENT', 'IN_FLIGHT')";

const DELIVERED_SINCE: &str = "
    SELECT count(*) FROM notifications
    WHERE finished_at > ? AND status IN ('SENT', 'DELIVERED')";

const FAILED_SINCE: &str =
    "SELECT count(*) FROM notifications WHERE finished_at > ? AND status = 'DEAD'";

const OLDEST_DUE: &str = "
    SELECT min(due_at) FROM (
        SELECT min(due_at) AS due_at FROM notifications
        WHERE channel = 'EMAIL' AND status IN ('PENDING', 'IN_FLIGHT')
        UNION ALL
        SELECT min(due_at) FROM notifications
        WHERE channel = 'SMS' AND status IN ('PENDING', 'IN_FLIGHT')
        UNION ALL
        SELECT min(due_at) FROM notifications
        WHERE channel = 'WEBHOOK' AND status IN ('PENDING', 'IN_FLIGHT')
    )";

const OLDEST_UNSENT: &str = "
    SELECT 'EMAIL', min(created_at) FROM notifications
    WHERE channel = 'EMAIL' AND status IN ('PENDING', 'IN_FLIGHT') AND held_back_at IS NULL
    UNION ALL
    SELECT 'SMS', min(created_at) FROM notifications
    WHERE channel = 'SMS' AND status IN ('PENDING', 'IN_FLIGHT') AND held_back_at IS NULL
    UNION ALL
    SELECT 'WEBHOOK', min(created_at) FROM notifications
    WHERE channel = 'WEBHOOK' AND status IN ('PENDING', 'IN_FLIGHT') AND held_back_at IS NULL";

const HAS_DELIVERED: &str = "
    SELECT EXISTS (
        SELECT 1 FROM notifications
        WHERE finished_at > ? AND channel = ? AND status IN ('SENT', 'DELIVERED')
    )";

const HOUR: i64 = 3_600_000;

type Attempts = Vec<(i64, i64, String, Option<String>)>;

fn into_record(
    (started_at, took, outcome, reason): (i64, i64, String, Option<String>),
) -> Result<AttemptRecord, InvalidColumn> {
    Ok(AttemptRecord {
        started_at: Timestamp::from_millis(started_at),
        took: checked(took, |ms| Some(Duration::from_millis(ms)), "took_ms")?,
        outcome: parse(&outcome, "outcome")?,
        reason,
    })
}

/// How many messages stand how, and how many were accepted and given up lately.
type Sums = (Vec<(String, String, i64)>, i64, i64);

fn sums(connection: &mut SqliteConnection) -> QueryResult<Sums> {
    let counts = notifications::table
        .group_by((notifications::status, notifications::channel))
        .select((notifications::status, notifications::channel, count_star()))
        .load(connection)?;
    let an_hour_ago = now().saturating_sub(HOUR);
    let mut count = |select| {
        let select: Sql<BigInt> = Sql::prepared(select, [an_hour_ago.into()]);
        select.get_result(connection)
    };
    Ok((counts, count(DELIVERED_SINCE)?, count(FAILED_SINCE)?))
}

#[async_trait]
impl NotificationRepository for SqliteStore {
    async fn list_notifications(
        &self,
        filter: &NotificationFilter,
        page: NonZeroU32,
        limit: NonZeroU32,
    ) -> Result<Vec<NotificationSummary>, RepositoryError> {
        let offset = i64::from(page.get() - 1).saturating_mul(limit.get().into());
        let mut select: Sql<Columns> = Sql::new(COLUMNS);
        push_filter(&mut select, filter);
        select.push(" ORDER BY message.id DESC LIMIT ").bind(i64::from(limit.get()));
        select.push(" OFFSET ").bind(offset);
        let rows: Vec<Row> = self
            .readers()
            .read(move |connection| select.load(connection).map_err(repository_error))
            .await?;
        Ok(rows.into_iter().map(Row::into_summary).collect::<Result<_, _>>()?)
    }

    async fn count_notifications(
        &self,
        filter: &NotificationFilter,
    ) -> Result<u64, RepositoryError> {
        let mut select: Sql<BigInt> = Sql::new("SELECT count(*) FROM notifications AS message");
        if filter.case_number.is_some() || !filter.event_type.is_empty() {
            select.push(
                " JOIN events ON events.id = message.event_id \
                 JOIN cases ON cases.id = events.case_id",
            );
        }
        push_filter(&mut select, filter);
        let count: i64 = self
            .readers()
            .read(move |connection| select.get_result(connection).map_err(repository_error))
            .await?;
        count.try_into().map_err(RepositoryError::internal)
    }

    async fn find_notification(
        &self,
        id: NotificationId,
    ) -> Result<Option<(NotificationSummary, Vec<AttemptRecord>)>, RepositoryError> {
        let id = id_bytes(id.as_u128());
        let message: Sql<Columns> =
            Sql::prepared(&format!("{COLUMNS} WHERE message.id = ?"), [id.clone().into()]);
        let found: Option<(Row, Attempts)> = self
            .at_one_moment(move |connection| {
                let row = message.get_result(connection).optional().map_err(repository_error)?;
                let Some(row) = row else { return Ok(None) };
                let attempts = delivery_attempts::table
                    .filter(delivery_attempts::notification_id.eq(id))
                    .order_by(delivery_attempts::claim)
                    .select((
                        delivery_attempts::started_at,
                        delivery_attempts::took_ms,
                        delivery_attempts::outcome,
                        delivery_attempts::reason,
                    ))
                    .load(connection)
                    .map_err(repository_error)?;
                Ok(Some((row, attempts)))
            })
            .await?;
        let Some((row, attempts)) = found else { return Ok(None) };
        let attempts = attempts.into_iter().map(into_record).collect::<Result<_, _>>()?;
        Ok(Some((row.into_summary()?, attempts)))
    }

    async fn sum_up_notifications(&self) -> Result<NotificationTotals, RepositoryError> {
        let (rows, delivered, failed) =
            self.at_one_moment(|connection| sums(connection).map_err(repository_error)).await?;
        let whole = |number: i64| checked(number, Some, "count");
        let counts = rows.into_iter().map(|(status, channel, count)| {
            Ok((parse(&status, "notification status")?, parse(&channel, "channel")?, whole(count)?))
        });
        Ok(NotificationTotals {
            counts: counts.collect::<Result<_, InvalidColumn>>()?,
            oldest_unsent: self.oldest_unsent().await?,
            delivered_last_hour: whole(delivered)?,
            failed_last_hour: whole(failed)?,
        })
    }

    async fn oldest_due(&self) -> Result<Option<Duration>, RepositoryError> {
        let select: Sql<Nullable<BigInt>> = Sql::prepared(OLDEST_DUE, []);
        let due_at: Option<i64> = self
            .readers()
            .read(move |connection| select.get_result(connection).map_err(repository_error))
            .await?;
        Ok(due_at.filter(|at| *at <= now()).map(since))
    }

    async fn oldest_unsent(&self) -> Result<Vec<(Channel, Duration)>, RepositoryError> {
        let select: Sql<(Text, Nullable<BigInt>)> = Sql::prepared(OLDEST_UNSENT, []);
        let rows: Vec<(String, Option<i64>)> = self
            .readers()
            .read(move |connection| select.load(connection).map_err(repository_error))
            .await?;
        let oldest = rows
            .into_iter()
            .filter_map(|(channel, at)| at.map(|at| Ok((parse(&channel, "channel")?, since(at)))));
        Ok(oldest.collect::<Result<_, InvalidColumn>>()?)
    }

    async fn has_delivered(
        &self,
        channel: Channel,
        within: Duration,
    ) -> Result<bool, RepositoryError> {
        let values = [now().saturating_sub(millis(within)).into(), channel.as_str().into()];
        let select: Sql<BigInt> = Sql::prepared(HAS_DELIVERED, values);
        let found: i64 = self
            .readers()
            .read(move |connection| select.get_result(connection).map_err(repository_error))
            .await?;
        Ok(found == 1)
    }

    async fn send_again(&self, id: NotificationId) -> Result<bool, RepositoryError> {
        let id = id_bytes(id.as_u128());
        let changed = self.change(SEND_AGAIN, move |now| [now.into(), id.clone().into()]);
        Ok(changed.await? == 1)
    }

    async fn send_dead_again(&self, filter: &DeadFilter) -> Result<u64, RepositoryError> {
        self.send_all_dead_again(filter).await
    }

    async fn list_suppressions(
        &self,
        page: NonZeroU32,
        limit: NonZeroU32,
    ) -> Result<(Vec<Suppression>, u64), RepositoryError> {
        self.suppressions(page, limit).await
    }

    async fn cancel(&self, address: &Address, reason: &str) -> Result<u64, RepositoryError> {
        let (channel, address) = (address.channel().as_str(), address.to_string());
        let reason = reason.to_owned();
        self.change(CANCEL, move |now| {
            [reason.clone().into(), now.into(), channel.into(), address.clone().into()]
        })
        .await
    }

    async fn report(
        &self,
        id: NotificationId,
        report: DeliveryReport,
    ) -> Result<bool, RepositoryError> {
        let (status, reason) = match report {
            DeliveryReport::Delivered => ("DELIVERED", None),
            DeliveryReport::Failed { reason } => ("DEAD", Some(reason)),
        };
        let id = id_bytes(id.as_u128());
        let changed = self.change(REPORT, move |now| {
            let given_up_at = reason.is_some().then_some(now);
            [
                status.into(),
                reason.clone().into(),
                given_up_at.into(),
                now.into(),
                id.clone().into(),
            ]
        });
        Ok(changed.await? == 1)
    }
}

impl SqliteStore {
    /// Runs an update with the values of the time at which it is written, and returns how many
    /// rows it changed.
    async fn change<const N: usize>(
        &self,
        update: &'static str,
        values_at: impl Fn(i64) -> [Value; N] + Send + 'static,
    ) -> Result<u64, RepositoryError> {
        self.act(
            move |connection| {
                let update: Sql<()> = Sql::prepared(update, values_at(now()));
                let changed = update.execute(connection).map_err(repository_error)?;
                changed.try_into().map_err(RepositoryError::internal)
            },
            |count| *count > 0,
        )
        .await
    }
}

#[cfg(test)]
mod tests {
    use diesel::sql_types::Integer;
    use engage_domain::NotificationStatus;

    use super::*;

    #[tokio::test]
    async fn what_is_not_finished_is_counted_without_a_look_at_what_is() {
        let filter = NotificationFilter {
            status: vec![NotificationStatus::Pending, NotificationStatus::InFlight],
            channel: vec![Channel::Webhook],
            ..NotificationFilter::default()
        };
        let mut explain: Sql<(Integer, Integer, Integer, Text)> =
            Sql::new("EXPLAIN QUERY PLAN SELECT count(*) FROM notifications AS message");
        push_filter(&mut explain, &filter);
        let store = SqliteStore::in_memory().unwrap();
        let read = store.readers().read(move |connection| {
            explain.load::<(i32, i32, i32, String)>(connection).map_err(repository_error)
        });
        let plan: Vec<_> = read.await.unwrap().into_iter().map(|(.., step)| step).collect();
        let unfinished = ["notifications_due", "notifications_unsent"];
        assert!(unfinished.iter().any(|index| plan[0].contains(index)), "{plan:?}");
    }
}
