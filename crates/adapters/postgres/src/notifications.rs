//! Notifications, for inspection and correction.

use std::num::NonZeroU32;
use std::sync::LazyLock;
use std::time::Duration;

use async_trait::async_trait;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Nullable, Text};
use diesel_async::RunQueryDsl;
use engage_domain::{Address, Channel, NotificationId};
use engage_repository::{
    AttemptRecord, DeadFilter, DeliveryReport, NOTIFICATIONS_WITH_CASE, NotificationFilter,
    NotificationRepository, NotificationSummary, NotificationTotals, RepositoryError, Suppression,
};
use engage_sql::{
    AttemptRow, DbId, InvalidColumn, NotificationColumnTypes, NotificationRow, SELECT_NOTIFICATION,
    channel_names, count_by_status, count_notifications, limit_and_offset, millis,
    notification_summaries, notification_totals, number_columns, parse, select_attempts,
    select_notification, select_notifications,
};

use crate::dead_letter_retries::SEND_AGAIN;
use crate::sql::{Sql, push_criteria};
use crate::store::PostgresStore;

/// Returns the statement that reads the notifications of one case.
///
/// They are found before they are sorted. Otherwise PostgreSQL might walk all notifications in order.
fn of_case(page: &str) -> String {
    format!(
        "WITH own AS MATERIALIZED ({SELECT_NOTIFICATION} WHERE cases.number_year = ?
            AND cases.number_sequence = ? AND cases.number_prefix = ?)
        SELECT * FROM own ORDER BY id DESC {page}"
    )
}

static ANY_PAGE_OF_CASE: LazyLock<String> = LazyLock::new(|| of_case("LIMIT ? OFFSET ?"));

/// Reads the notifications that are shown with the details of a case. The limit is written out: with a
/// bound limit, PostgreSQL plans the statement anew each time.
static SHOWN_WITH_CASE: LazyLock<String> =
    LazyLock::new(|| of_case(&format!("LIMIT {NOTIFICATIONS_WITH_CASE}")));

/// Selects notifications.
fn select(
    filter: &NotificationFilter,
    (limit, offset): (i64, i64),
) -> Sql<NotificationColumnTypes> {
    if let Some(number) = &filter.case_number
        && *filter == NotificationFilter::of_case(number.clone())
        && let Ok((prefix, year, sequence)) = number_columns(number)
    {
        let number = [year.into(), sequence.into(), prefix.into()];
        if (limit, offset) == (NOTIFICATIONS_WITH_CASE.into(), 0) {
            return Sql::prepared(&SHOWN_WITH_CASE, number);
        }
        let [year, sequence, prefix] = number;
        let values = [year, sequence, prefix, limit.into(), offset.into()];
        return Sql::prepared(&ANY_PAGE_OF_CASE, values);
    }
    select_notifications(filter, (limit, offset), push_criteria)
}

const CANCEL: &str = "
    UPDATE notifications
    SET status = 'CANCELLED', last_error = ?, finished_at = now()
    WHERE status IN ('PENDING', 'IN_FLIGHT') AND channel = ? AND address = ?";

/// A report may arrive before the attempt is recorded, while the notification is in flight. A delivered
/// notification was finished when it was accepted.
const REPORT: &str = "
    UPDATE notifications
    SET status = report.status, last_error = coalesce(report.error, last_error),
        finished_at = CASE report.status WHEN 'DELIVERED' THEN coalesce(finished_at, now())
            ELSE now() END
    FROM (VALUES (?::uuid, ?::text, ?::text)) AS report (id, status, error)
    WHERE notifications.id = report.id AND notifications.status IN ('SENT', 'IN_FLIGHT')";

const OLDEST_DUE: &str = "
    SELECT max(EXTRACT(epoch FROM now() - due_at) * 1000)::bigint
    FROM unnest(?::text[]) AS known (channel)
    CROSS JOIN LATERAL (
        SELECT due_at FROM notifications
        WHERE notifications.channel = known.channel AND status IN ('PENDING', 'IN_FLIGHT')
        ORDER BY due_at LIMIT 1
    ) AS oldest
    WHERE due_at <= now()";

const OLDEST_UNSENT: &str = "
    SELECT known.channel, (EXTRACT(epoch FROM now() - created_at) * 1000)::bigint
    FROM unnest(?::text[]) AS known (channel)
    CROSS JOIN LATERAL (
        SELECT created_at FROM notifications
        WHERE notifications.channel = known.channel AND status IN ('PENDING', 'IN_FLIGHT')
            AND held_back_at IS NULL
        ORDER BY created_at LIMIT 1
    ) AS oldest";

const HAS_DELIVERED: &str = "
    SELECT EXISTS (
        SELECT FROM notifications
        WHERE finished_at > now() - ?::bigint * interval '1 millisecond' AND channel = ?
            AND status IN ('SENT', 'DELIVERED')
    )";

#[async_trait]
impl NotificationRepository for PostgresStore {
    async fn list_notifications(
        &self,
        filter: &NotificationFilter,
        page: NonZeroU32,
        limit: NonZeroU32,
    ) -> Result<Vec<NotificationSummary>, RepositoryError> {
        let select = select(filter, limit_and_offset(page, limit));
        let rows: Vec<NotificationRow> =
            self.connections().run(async |c| select.load(c).await).await?;
        Ok(notification_summaries(rows)?)
    }

    async fn count_notifications(
        &self,
        filter: &NotificationFilter,
    ) -> Result<u64, RepositoryError> {
        let count = count_notifications(filter, push_criteria);
        let count: i64 = self.connections().run(async |c| count.get_result(c).await).await?;
        count.try_into().map_err(RepositoryError::internal)
    }

    async fn find_notification(
        &self,
        id: NotificationId,
    ) -> Result<Option<(NotificationSummary, Vec<AttemptRecord>)>, RepositoryError> {
        let (select, attempts) = (select_notification(id.into()), select_attempts(id.into()));
        let found: Option<(NotificationRow, Vec<AttemptRow>)> = self
            .connections()
            .run(async |c| {
                let row: Option<NotificationRow> = select.get_result(&mut *c).await.optional()?;
                let Some(row) = row else { return Ok(None) };
                Ok(Some((row, attempts.load(c).await?)))
            })
            .await?;
        let known = found.filter(|(row, _)| row.has_known_template());
        let Some((row, attempts)) = known else { return Ok(None) };
        let attempts =
            attempts.into_iter().map(AttemptRow::into_record).collect::<Result<_, _>>()?;
        Ok(Some((row.into_summary()?, attempts)))
    }

    async fn sum_up_notifications(&self) -> Result<NotificationTotals, RepositoryError> {
        let counts = count_by_status();
        let lately: Sql<(BigInt, BigInt)> = Sql::prepared(
            "SELECT count(*) FILTER (WHERE status IN ('SENT', 'DELIVERED')),
                 count(*) FILTER (WHERE status = 'DEAD')
             FROM notifications WHERE finished_at > now() - interval '1 hour'",
            [],
        );
        let (counts, last_hour): (Vec<(String, String, i64)>, (i64, i64)) = self
            .connections()
            .run(async |c| Ok((counts.load(&mut *c).await?, lately.get_result(c).await?)))
            .await?;
        Ok(notification_totals(counts, last_hour, self.oldest_unsent().await?)?)
    }

    async fn oldest_due(&self) -> Result<Option<Duration>, RepositoryError> {
        let select: Sql<Nullable<BigInt>> = Sql::prepared(OLDEST_DUE, [channel_names().into()]);
        let millis: Option<i64> =
            self.connections().run(async |c| select.get_result(c).await).await?;
        Ok(millis.map(|millis| Duration::from_millis(millis.unsigned_abs())))
    }

    async fn oldest_unsent(&self) -> Result<Vec<(Channel, Duration)>, RepositoryError> {
        let select: Sql<(Text, BigInt)> = Sql::prepared(OLDEST_UNSENT, [channel_names().into()]);
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
        let values = [millis(within).into(), channel.as_str().into()];
        let select: Sql<Bool> = Sql::prepared(HAS_DELIVERED, values);
        self.connections().run(async |c| select.get_result(c).await).await
    }

    async fn send_again(&self, id: NotificationId) -> Result<bool, RepositoryError> {
        let update: Sql<()> = Sql::prepared(SEND_AGAIN, [DbId::from(id).into()]);
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
        let channel = address.channel().as_str();
        let values = [reason.into(), channel.into(), address.to_string().into()];
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
        let values = [DbId::from(id).into(), status.into(), reason.into()];
        let update: Sql<()> = Sql::prepared(REPORT, values);
        Ok(self.changed(update).await? == 1)
    }
}

impl PostgresStore {
    async fn changed(&self, update: Sql<()>) -> Result<u64, RepositoryError> {
        let changed = self.act(async |c| update.execute(c).await, |changed| *changed > 0).await?;
        changed.try_into().map_err(RepositoryError::internal)
    }
}
