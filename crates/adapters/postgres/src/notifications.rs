//! Messages, to be looked at and set right.

use std::num::NonZeroU32;
use std::sync::LazyLock;
use std::time::Duration;

use async_trait::async_trait;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use engage_domain::{Address, Channel, NotificationId};
use engage_repository::{
    AttemptRecord, DeadFilter, DeliveryReport, NOTIFICATIONS_WITH_CASE, NotificationFilter,
    NotificationRepository, NotificationSummary, NotificationTotals, RepositoryError, Suppression,
};
use uuid::Uuid;

use crate::case_rows::{case_number, checked, number_columns, parse};
use crate::db_timestamp::{DbTimestamp, millis};
use crate::error::InvalidColumn;
use crate::notification_rows::address;
use crate::sql::Sql;
use crate::store::PostgresStore;

const COLUMNS: &str = "
    SELECT message.id, cases.number_prefix, cases.number_year, cases.number_sequence, events.type,
        message.channel, message.template, message.address, message.status, message.attempts,
        message.last_error, message.due_at, message.created_at, message.finished_at
    FROM notifications AS message
    JOIN events ON events.id = message.event_id
    JOIN cases ON cases.id = events.case_id";

type Columns = (
    SqlUuid,
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
    Timestamptz,
    Timestamptz,
    Nullable<Timestamptz>,
);

#[derive(Queryable)]
struct Row {
    id: Uuid,
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

impl Row {
    fn into_summary(self) -> Result<NotificationSummary, InvalidColumn> {
        let finished_at = self.finished_at.map(|at| at.0);
        Ok(NotificationSummary {
            id: NotificationId::from_u128(self.id.as_u128()),
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

/// Returns the statement that reads the notifications of one case.
///
/// They are found before they are sorted; otherwise PostgreSQL might look for them among all notifications
/// in their order.
fn of_case(page: &str) -> String {
    format!(
        "WITH own AS MATERIALIZED ({COLUMNS} WHERE cases.number_year = ?
            AND cases.number_sequence = ? AND cases.number_prefix = ?)
        SELECT * FROM own ORDER BY id DESC {page}"
    )
}

static ANY_PAGE_OF_CASE: LazyLock<String> = LazyLock::new(|| of_case("LIMIT ? OFFSET ?"));

/// Reads the notifications that are shown with the details of a case. The limit is written out: with a
/// bound limit, PostgreSQL plans the statement anew each time.
static SHOWN_WITH_CASE: LazyLock<String> =
    LazyLock::new(|| of_case(&format!("LIMIT {NOTIFICATIONS_WITH_CASE}")));

/// Pushes the criteria; nothing fits where no case can have the number.
fn push_filter<T>(sql: &mut Sql<T>, filter: &NotificationFilter) {
    let texts = |values: &[&str]| values.iter().map(ToString::to_string).collect::<Vec<_>>();
    let lists = [
        ("message.status", texts(&filter.status.iter().map(|s| s.as_str()).collect::<Vec<_>>())),
        ("message.channel", texts(&filter.channel.iter().map(|c| c.as_str()).collect::<Vec<_>>())),
        ("events.type", texts(&filter.event_type.iter().map(|e| e.as_str()).collect::<Vec<_>>())),
    ];
    sql.push(" WHERE true");
    for (column, wanted) in lists {
        if !wanted.is_empty() {
            sql.push(&format!(" AND {column} = ANY(")).bind(wanted).push(")");
        }
    }
    if let Some(number) = &filter.case_number {
        match number_columns(number) {
            Ok((prefix, year, sequence)) => {
                sql.push(" AND cases.number_year = ").bind(year);
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
        sql.push(" AND message.created_at >= ").bind(DbTimestamp(from));
    }
    if let Some(to) = filter.to {
        sql.push(" AND message.created_at < ").bind(DbTimestamp(to));
    }
}

const SEND_AGAIN: &str = "
    UPDATE notifications
    SET status = 'PENDING', attempts = 0, due_at = now(), finished_at = NULL,
        is_asked_again = true
    WHERE status IN ('DEAD', 'CANCELLED') AND id = ?";

const CANCEL: &str = "
    UPDATE notifications
    SET status = 'CANCELLED', last_error = ?, finished_at = now()
    WHERE status IN ('PENDING', 'IN_FLIGHT') AND channel = ? AND address = ?";

/// What is said of a message that is on its way comes before its attempt was recorded. One that
/// arrived was finished when it was accepted.
const REPORT: &str = "
    UPDATE notifications
    SET status = report.status, last_error = coalesce(report.error, last_error),
        finished_at = CASE report.status WHEN 'DELIVERED' THEN coalesce(finished_at, now())
            ELSE now() END
    FROM (VALUES (?::uuid, ?::text, ?::text)) AS report (id, status, error)
    WHERE notifications.id = report.id AND notifications.status IN ('SENT', 'IN_FLIGHT')";

const OLDEST_DUE: &str = "
    SELECT max(EXTRACT(epoch FROM now() - due_at) * 1000)::bigint FROM (
        (SELECT due_at FROM notifications WHERE channel = 'EMAIL'
            AND status IN ('PENDING', 'IN_FLIGHT') ORDER BY due_at LIMIT 1)
        UNION ALL
        (SELECT due_at FROM notifications WHERE channel = 'SMS'
            AND status IN ('PENDING', 'IN_FLIGHT') ORDER BY due_at LIMIT 1)
        UNION ALL
        (SELECT due_at FROM notifications WHERE channel = 'WEBHOOK'
            AND status IN ('PENDING', 'IN_FLIGHT') ORDER BY due_at LIMIT 1)
    ) AS oldest WHERE due_at <= now()";

const OLDEST_UNSENT: &str = "
    (SELECT channel, (EXTRACT(epoch FROM now() - created_at) * 1000)::bigint FROM notifications
        WHERE channel = 'EMAIL' AND status IN ('PENDING', 'IN_FLIGHT') AND held_back_at IS NULL
        ORDER BY created_at LIMIT 1)
    UNION ALL
    (SELECT channel, (EXTRACT(epoch FROM now() - created_at) * 1000)::bigint FROM notifications
        WHERE channel = 'SMS' AND status IN ('PENDING', 'IN_FLIGHT') AND held_back_at IS NULL
        ORDER BY created_at LIMIT 1)
    UNION ALL
    (SELECT channel, (EXTRACT(epoch FROM now() - created_at) * 1000)::bigint FROM notifications
        WHERE channel = 'WEBHOOK' AND status IN ('PENDING', 'IN_FLIGHT') AND held_back_at IS NULL
        ORDER BY created_at LIMIT 1)";

const HAS_DELIVERED: &str = "
    SELECT EXISTS (
        SELECT FROM notifications
        WHERE finished_at > now() - ?::bigint * interval '1 millisecond' AND channel = ?
            AND status IN ('SENT', 'DELIVERED')
    )";

type Attempts = Vec<(DbTimestamp, i64, String, Option<String>)>;

#[async_trait]
impl NotificationRepository for PostgresStore {
    async fn list_notifications(
        &self,
        filter: &NotificationFilter,
        page: NonZeroU32,
        limit: NonZeroU32,
    ) -> Result<Vec<NotificationSummary>, RepositoryError> {
        let limit = i64::from(limit.get());
        let offset = i64::from(page.get() - 1).saturating_mul(limit);
        let select = match &filter.case_number {
            Some(number) if *filter == NotificationFilter::of_case(number.clone()) => {
                let Ok((prefix, year, sequence)) = number_columns(number) else {
                    return Ok(Vec::new());
                };
                let number = [year.into(), sequence.into(), prefix.into()];
                if (limit, offset) == (NOTIFICATIONS_WITH_CASE.into(), 0) {
                    Sql::prepared(&SHOWN_WITH_CASE, number)
                } else {
                    let [year, sequence, prefix] = number;
                    let values = [year, sequence, prefix, limit.into(), offset.into()];
                    Sql::prepared(&ANY_PAGE_OF_CASE, values)
                }
            }
            _ => {
                let mut select: Sql<Columns> = Sql::new(COLUMNS);
                push_filter(&mut select, filter);
                select.push(" ORDER BY message.id DESC LIMIT ").bind(limit);
                select.push(" OFFSET ").bind(offset);
                select
            }
        };
        let rows: Vec<Row> = self.connections().run(async |c| select.load(c).await).await?;
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
        let count: i64 = self.connections().run(async |c| select.get_result(c).await).await?;
        count.try_into().map_err(RepositoryError::internal)
    }

    async fn find_notification(
        &self,
        id: NotificationId,
    ) -> Result<Option<(NotificationSummary, Vec<AttemptRecord>)>, RepositoryError> {
        let id = Uuid::from_u128(id.as_u128());
        let message: Sql<Columns> =
            Sql::prepared(&format!("{COLUMNS} WHERE message.id = ?"), [id.into()]);
        let attempts: Sql<(Timestamptz, BigInt, Text, Nullable<Text>)> = Sql::prepared(
            "SELECT started_at, took_ms, outcome, reason FROM delivery_attempts
             WHERE notification_id = ? ORDER BY claim",
            [id.into()],
        );
        let found: Option<(Row, Attempts)> = self
            .connections()
            .run(async |c| {
                let row: Option<Row> = message.get_result(&mut *c).await.optional()?;
                let Some(row) = row else { return Ok(None) };
                Ok(Some((row, attempts.load(c).await?)))
            })
            .await?;
        let Some((row, attempts)) = found else { return Ok(None) };
        let attempts = attempts.into_iter().map(|(started_at, took, outcome, reason)| {
            Ok(AttemptRecord {
                started_at: started_at.0,
                took: checked(took, |ms| Some(Duration::from_millis(ms)), "took_ms")?,
                outcome: parse(&outcome, "outcome")?,
                reason,
            })
        });
        let attempts = attempts.collect::<Result<_, InvalidColumn>>()?;
        Ok(Some((row.into_summary()?, attempts)))
    }

    async fn sum_up_notifications(&self) -> Result<NotificationTotals, RepositoryError> {
        let counts: Sql<(Text, Text, BigInt)> = Sql::prepared(
            "SELECT status, channel, count(*) FROM notifications GROUP BY status, channel",
            [],
        );
        let lately: Sql<(BigInt, BigInt)> = Sql::prepared(
            "SELECT count(*) FILTER (WHERE status IN ('SENT', 'DELIVERED')),
                 count(*) FILTER (WHERE status = 'DEAD')
             FROM notifications WHERE finished_at > now() - interval '1 hour'",
            [],
        );
        let (rows, (delivered, failed)): (Vec<(String, String, i64)>, (i64, i64)) = self
            .connections()
            .run(async |c| Ok((counts.load(&mut *c).await?, lately.get_result(c).await?)))
            .await?;
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
        let millis: Option<i64> =
            self.connections().run(async |c| select.get_result(c).await).await?;
        Ok(millis.map(|millis| Duration::from_millis(millis.unsigned_abs())))
    }

    async fn oldest_unsent(&self) -> Result<Vec<(Channel, Duration)>, RepositoryError> {
        let select: Sql<(Text, BigInt)> = Sql::prepared(OLDEST_UNSENT, []);
        let rows: Vec<(String, i64)> =
            self.connections().run(async |c| select.load(c).await).await?;
        let oldest = rows.into_iter().map(|(channel, millis)| {
            let age = Duration::from_millis(u64::try_from(millis).unwrap_or(0));
            Ok((parse(&channel, "channel")?, age))
        });
        Ok(oldest.collect::<Result<_, InvalidColumn>>()?)
    }

    async fn has_delivered(
        &self,
        channel: Channel,
        within: Duration,
    ) -> Result<bool, RepositoryError> {
        let values = [millis(within).into(), channel.as_str().to_owned().into()];
        let select: Sql<Bool> = Sql::prepared(HAS_DELIVERED, values);
        self.connections().run(async |c| select.get_result(c).await).await
    }

    async fn send_again(&self, id: NotificationId) -> Result<bool, RepositoryError> {
        let id = Uuid::from_u128(id.as_u128());
        let update: Sql<()> = Sql::prepared(SEND_AGAIN, [id.into()]);
        Ok(self.changed(update).await? == 1)
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
        let channel = address.channel().as_str().to_owned();
        let values = [reason.to_owned().into(), channel.into(), address.to_string().into()];
        let update: Sql<()> = Sql::prepared(CANCEL, values);
        self.changed(update).await
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
        let id = Uuid::from_u128(id.as_u128());
        let update: Sql<()> =
            Sql::prepared(REPORT, [id.into(), status.to_owned().into(), reason.into()]);
        Ok(self.changed(update).await? == 1)
    }
}

impl PostgresStore {
    async fn changed(&self, update: Sql<()>) -> Result<u64, RepositoryError> {
        let changed = self.act(async |c| update.execute(c).await, |changed| *changed > 0).await?;
        changed.try_into().map_err(RepositoryError::internal)
    }
}
