//! The outbox.

mod budgets;
mod claim;
mod complete;
mod digest;
mod refusals;
mod set_back;

use async_trait::async_trait;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use engage_domain::{Address, CaseNumber, Channel, NotificationId};
use engage_repository::{
    Admission, Attempt, Budget, ChannelStatus, Claim, ClaimToken, ClaimedMessage, OutboxRepository,
    RefusedMessage, RepositoryError,
};
use engage_sql::{ChannelRow, DbId, channel_counts, channel_statuses, millis, repository_error};

use crate::clock::{db_now, now};
use crate::schema::{channels, suppressed_addresses};
use crate::sql::Sql;
use crate::store::SqliteStore;
use claim::PROBE_INTERVAL;
use complete::NotificationUpdate;
pub(crate) use set_back::{LastSeen, give_back_claims};

const STOP: &str = "
    INSERT INTO channels (channel, stopped_at, reason, probe_due_at) VALUES (?, ?, ?, ?)
    ON CONFLICT (channel) DO UPDATE
    SET stopped_at = coalesce(channels.stopped_at, excluded.stopped_at), reason = excluded.reason,
        probe_due_at = coalesce(channels.probe_due_at, excluded.probe_due_at)";

const START: &str = "
    UPDATE channels SET stopped_at = NULL, reason = NULL, probe_due_at = NULL
    WHERE channel = ? AND stopped_at IS NOT NULL";

const LIFT: &str = "DELETE FROM suppressed_addresses WHERE channel = ? AND address = lower(?)";

const SUPPRESSION: &str = "
    SELECT reason FROM suppressed_addresses WHERE channel = ? AND address = lower(?)";

/// Cancels pending notifications only. One that is in flight may have arrived.
const CANCEL_EXPIRED: &str = "
    UPDATE notifications SET status = 'CANCELLED', last_error = ?, finished_at = ?
    WHERE status = 'PENDING' AND expires_at IS NOT NULL AND expires_at <= ? AND channel = ?";

/// Checked by a reader, so that the writer is not bothered if none has expired.
const HAS_EXPIRED: &str = "
    SELECT EXISTS (
        SELECT 1 FROM notifications
        WHERE status = 'PENDING' AND expires_at IS NOT NULL AND expires_at <= ? AND channel = ?
    )";

#[async_trait]
impl OutboxRepository for SqliteStore {
    async fn claim_due(&self, claim: Claim) -> Result<Vec<ClaimedMessage>, RepositoryError> {
        self.last_seen().heed(self.writer()).await?;
        let (channel, lease) = (claim.channel, millis(claim.lease));
        loop {
            let wanted = claim.clone();
            let chosen = self.readers().read(move |c| claim::choose(c, &wanted)).await?;
            if chosen.is_empty() {
                return Ok(Vec::new());
            }
            let take = move |c: &mut _| claim::take(c, channel, &chosen, lease);
            let taken = self.writer().write(take).await?;
            // If others claimed everything that was chosen, or all of it has to wait, more may be due.
            if !taken.is_empty() {
                return Ok(taken);
            }
        }
    }

    async fn cancel_expired(&self, channel: Channel, reason: &str) -> Result<u64, RepositoryError> {
        let select: Sql<BigInt> =
            Sql::prepared(HAS_EXPIRED, [now().into(), channel.as_str().into()]);
        let found: i64 = self
            .readers()
            .read(move |connection| select.get_result(connection).map_err(repository_error))
            .await?;
        if found == 0 {
            return Ok(0);
        }
        let reason = reason.to_owned();
        self.writer()
            .write(move |connection| {
                let now = now();
                let values =
                    [reason.as_str().into(), now.into(), now.into(), channel.as_str().into()];
                let update: Sql<()> = Sql::prepared(CANCEL_EXPIRED, values);
                let cancelled = update.execute(connection).map_err(repository_error)?;
                cancelled.try_into().map_err(RepositoryError::internal)
            })
            .await
    }

    async fn complete(&self, attempts: Vec<Attempt>) -> Result<Vec<bool>, RepositoryError> {
        let attempts: Vec<_> = attempts.into_iter().map(NotificationUpdate::from).collect();
        self.writer().write(move |connection| complete::record(connection, &attempts)).await
    }

    async fn stop_channel(&self, channel: Channel, reason: &str) -> Result<(), RepositoryError> {
        let reason = reason.to_owned();
        self.writer()
            .write(move |connection| {
                let now = now();
                let probe_due_at = now.saturating_add(PROBE_INTERVAL);
                let values = [
                    channel.as_str().into(),
                    now.into(),
                    reason.as_str().into(),
                    probe_due_at.into(),
                ];
                let update: Sql<()> = Sql::prepared(STOP, values);
                update.execute(connection).map_err(repository_error)?;
                Ok(())
            })
            .await
    }

    async fn note_refusal(&self, refused: RefusedMessage) -> Result<bool, RepositoryError> {
        self.writer().write(move |c| refusals::note(c, &refused).map_err(repository_error)).await
    }

    async fn start_channel(&self, channel: Channel) -> Result<(), RepositoryError> {
        self.writer()
            .write(move |connection| {
                let update: Sql<()> = Sql::prepared(START, [channel.as_str().into()]);
                update.execute(connection).map_err(repository_error)?;
                refusals::settle(connection, channel.as_str()).map_err(repository_error)
            })
            .await
    }

    async fn list_channels(&self) -> Result<Vec<ChannelStatus>, RepositoryError> {
        let rows: Vec<ChannelRow> = self
            .readers()
            .read(|connection| {
                channels::table
                    .select((channels::channel, channels::stopped_at, channels::reason))
                    .load(connection)
                    .map_err(repository_error)
            })
            .await?;
        Ok(channel_statuses(&rows))
    }

    async fn suppress(&self, address: &Address, reason: &str) -> Result<(), RepositoryError> {
        let (channel, address) =
            (address.channel().as_str(), address.to_string().to_ascii_lowercase());
        let reason = reason.to_owned();
        self.writer()
            .write(move |connection| {
                diesel::insert_into(suppressed_addresses::table)
                    .values((
                        suppressed_addresses::channel.eq(channel),
                        suppressed_addresses::address.eq(&address),
                        suppressed_addresses::reason.eq(&reason),
                        suppressed_addresses::created_at.eq(db_now()),
                    ))
                    .on_conflict((suppressed_addresses::channel, suppressed_addresses::address))
                    .do_nothing()
                    .execute(connection)
                    .map_err(repository_error)?;
                Ok(())
            })
            .await
    }

    async fn lift_suppression(&self, address: &Address) -> Result<bool, RepositoryError> {
        let (channel, address) = (address.channel().as_str(), address.to_string());
        self.act(
            move |connection| {
                let values = [channel.into(), address.as_str().into()];
                let delete: Sql<()> = Sql::prepared(LIFT, values);
                Ok(delete.execute(connection).map_err(repository_error)? > 0)
            },
            |is_lifted| *is_lifted,
        )
        .await
    }

    async fn find_suppression(&self, address: &Address) -> Result<Option<String>, RepositoryError> {
        let values = [address.channel().as_str().into(), address.to_string().into()];
        let select: Sql<Text> = Sql::prepared(SUPPRESSION, values);
        let read = move |c: &mut _| select.get_result(c).optional().map_err(repository_error);
        self.readers().read(read).await
    }

    async fn admit(
        &self,
        id: NotificationId,
        budgets: Vec<Budget>,
    ) -> Result<Admission, RepositoryError> {
        let id = DbId::from(id);
        self.writer().write(move |c| budgets::admit(c, id, &budgets)).await
    }

    async fn gather(
        &self,
        id: NotificationId,
        claim: ClaimToken,
    ) -> Result<Vec<CaseNumber>, RepositoryError> {
        self.writer().write(move |c| digest::gather(c, id, claim)).await
    }

    async fn count_held_back(&self) -> Result<Vec<(Channel, u64)>, RepositoryError> {
        let select: Sql<(Text, BigInt)> = Sql::prepared(digest::COUNT_HELD_BACK, []);
        let read = move |c: &mut _| select.load(c).map_err(repository_error);
        channel_counts(self.readers().read(read).await?)
    }
}

#[cfg(test)]
mod tests;
