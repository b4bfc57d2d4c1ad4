//! Notifications, for inspection and correction.

use std::num::NonZeroU32;
use std::time::Duration;

use async_trait::async_trait;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};
use engage_domain::{Address, Channel, NotificationId};
use engage_repository::{
    AttemptRecord, DeadFilter, DeliveryReport, NotificationFilter, NotificationRepository,
    NotificationSummary, NotificationTotals, RepositoryError, Suppression,
};
use engage_sql::{
    AttemptRow, DbId, DbTimestamp, InvalidColumn, NotificationRow, SqlTimestamp, channel_names,
    count_by_status, count_notifications, limit_and_offset, millis, notification_summaries,
    notification_totals, parse, select_attempts, select_notification, select_notifications,
};

use crate::clock::{now, since};
use crate::dead_letter_retries::SEND_AGAIN;
use crate::sql::{Sql, Value, push_criteria};
use crate::store::SqliteStore;

const CANCEL: &str = "
    UPDATE notifications
    SET status = 'CANCELLED', last_error = ?, finished_at = ?
    WHERE status IN ('PENDING', 'IN_FLIGHT') AND channel = ? AND address = ?";

/// A report may arrive before the attempt is recorded, while the notification is in flight. A delivered
/// notification was finished when it was accepted, a failed one is finished now.
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
    SELECT min((
        SELECT min(due_at) FROM notifications
        WHERE channel = known.value AND status IN ('PENDING', 'IN_FLIGHT')
    ))
    FROM json_each(?) AS known";

const OLDEST_UNSENT: &str = "
    SELECT known.value, (
        SELECT min(created_at) FROM notifications
        WHERE channel = known.value AND status IN ('PENDING', 'IN_FLIGHT') AND held_back_at IS NULL
    )
    FROM json_each(?) AS known";

const HAS_DELIVERED: &str = "
    SELECT EXISTS (
        SELECT 1 FROM notifications
        WHERE finished_at > ? AND channel = ? AND status IN ('SENT', 'DELIVERED')
    )";

const HOUR: i64 = 3_600_000;

/// The numbers of notifications by status and channel, and those accepted and given up in the last hour.
type Sums = (Vec<(String, String, i64)>, (i64, i64));

fn sums(connection: &mut SqliteConnection) -> QueryResult<Sums> {
    let counts = count_by_status().load(connection)?;
    let an_hour_ago = now().saturating_sub(HOUR);
    let mut count = |select| {
        let select: Sql<BigInt> = Sql::prepared(select, [an_hour_ago.into()]);
        select.get_result(connection)
    };
    Ok((counts, (count(DELIVERED_SINCE)?, count(FAILED_SINCE)?)))
}

#[async_trait]
impl NotificationRepository for SqliteStore {
    async fn list_notifications(
        &self,
        filter: &NotificationFilter,
        page: NonZeroU32,
        limit: NonZeroU32,
    ) -> Result<Vec<NotificationSummary>, RepositoryError> {
        let select = select_notifications(filter, limit_and_offset(page, limit), push_criteria);
        let rows: Vec<NotificationRow> = self.readers().read(move |c| Ok(select.load(c)?)).await?;
        Ok(notification_summaries(rows)?)
    }

    async fn count_notifications(
        &self,
        filter: &NotificationFilter,
    ) -> Result<u64, RepositoryError> {
        let count = count_notifications(filter, push_criteria);
        let count: i64 = self.readers().read(move |c| Ok(count.get_result(c)?)).await?;
        count.try_into().map_err(RepositoryError::internal)
    }

    async fn find_notification(
        &self,
        id: NotificationId,
    ) -> Result<Option<(NotificationSummary, Vec<AttemptRecord>)>, RepositoryError> {
        let (select, attempts) = (select_notification(id.into()), select_attempts(id.into()));
        let found: Option<(NotificationRow, Vec<AttemptRow>)> = self
            .at_one_moment(move |connection| {
                let row = select.get_result(connection).optional()?;
                let Some(row) = row else { return Ok(None) };
                Ok(Some((row, attempts.load(connection)?)))
            })
            .await?;
        let known = found.filter(|(row, _)| row.has_known_template());
        let Some((row, attempts)) = known else { return Ok(None) };
        let attempts =
            attempts.into_iter().map(AttemptRow::into_record).collect::<Result<_, _>>()?;
        Ok(Some((row.into_summary()?, attempts)))
    }

    async fn sum_up_notifications(&self) -> Result<NotificationTotals, RepositoryError> {
        let (counts, last_hour) = self.at_one_moment(|connection| Ok(sums(connection)?)).await?;
        Ok(notification_totals(counts, last_hour, self.oldest_unsent().await?)?)
    }

    async fn oldest_due(&self) -> Result<Option<Duration>, RepositoryError> {
        let select: Sql<Nullable<SqlTimestamp>> =
            Sql::prepared(OLDEST_DUE, [channel_names().into()]);
        let due_at: Option<DbTimestamp> =
            self.readers().read(move |c| Ok(select.get_result(c)?)).await?;
        Ok(due_at.filter(|at| at.as_millis() <= now()).map(since))
    }

    async fn oldest_unsent(&self) -> Result<Vec<(Channel, Duration)>, RepositoryError> {
        let select: Sql<(Text, Nullable<SqlTimestamp>)> =
            Sql::prepared(OLDEST_UNSENT, [channel_names().into()]);
        let rows: Vec<(String, Option<DbTimestamp>)> =
            self.readers().read(move |c| Ok(select.load(c)?)).await?;
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
        let found: i64 = self.readers().read(move |c| Ok(select.get_result(c)?)).await?;
        Ok(found == 1)
    }

    async fn send_again(&self, id: NotificationId) -> Result<bool, RepositoryError> {
        let id = DbId::from(id);
        let changed = self.change(SEND_AGAIN, move |now| [now.into(), id.into()]);
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
        let id = DbId::from(id);
        let changed = self.change(REPORT, move |now| {
            let given_up_at = reason.is_some().then_some(now);
            [status.into(), reason.clone().into(), given_up_at.into(), now.into(), id.into()]
        });
        Ok(changed.await? == 1)
    }
}

impl SqliteStore {
    /// Runs an update with the values for the time at which it is written. Returns the number of
    /// changed rows.
    async fn change<const N: usize>(
        &self,
        update: &'static str,
        values_at: impl Fn(i64) -> [Value; N] + Send + 'static,
    ) -> Result<u64, RepositoryError> {
        let change = move |connection: &mut SqliteConnection| {
            let update: Sql<()> = Sql::prepared(update, values_at(now()));
            Ok(update.execute(connection)?)
        };
        let changed = self.act(change, |changed| *changed > 0).await?;
        changed.try_into().map_err(RepositoryError::internal)
    }
}

#[cfg(test)]
mod tests {
    use diesel::sql_types::Integer;
    use engage_domain::notify::NotificationStatus;
    use engage_sql::notification_criteria;

    use super::*;

    #[tokio::test]
    async fn unfinished_notifications_are_counted_without_reading_finished_ones() {
        let filter = NotificationFilter {
            status: vec![NotificationStatus::Pending, NotificationStatus::InFlight],
            channel: vec![Channel::Webhook],
            ..NotificationFilter::default()
        };
        let mut explain: Sql<(Integer, Integer, Integer, Text)> =
            Sql::new("EXPLAIN QUERY PLAN SELECT count(*) FROM notifications AS message");
        push_criteria(explain.push(" WHERE true"), notification_criteria(&filter));
        let store = SqliteStore::in_memory().unwrap();
        let read = store.readers().read(move |c| Ok(explain.load::<(i32, i32, i32, String)>(c)?));
        let plan: Vec<_> = read.await.unwrap().into_iter().map(|(.., step)| step).collect();
        let unfinished = ["notifications_due", "notifications_unsent"];
        assert!(unfinished.iter().any(|index| plan[0].contains(index)), "{plan:?}");
    }
}
