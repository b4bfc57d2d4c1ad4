//! The outbox.

pub(crate) mod budgets;
mod claim;
mod clock_set_back;
mod complete;
mod digest;
mod refusals;
mod trial_delivery;

use async_trait::async_trait;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use engage_domain::{Address, CaseNumber, Channel, NotificationId};
use engage_repository::{
    Admission, Attempt, Budget, ChannelStatus, Claim, ClaimToken, ClaimedMessage, OutboxRepository,
    RefusedMessage, RepositoryError, SuppressionKey,
};
use engage_sql::{
    ChannelRow, DbId, NotificationUpdate, channel_counts, channel_statuses, count_held_back,
    find_suppression, lift_suppression, millis, select_channels, start_channel,
};

use crate::clock::now;
use crate::sql::{Sql, execute};
use crate::store::SqliteStore;
pub(crate) use clock_set_back::{LastSeen, give_back_claims};

const STOP: &str = "
    INSERT INTO channels (channel, stopped_at, reason, probe_due_at) VALUES (?, ?, ?, ?)
    ON CONFLICT (channel) DO UPDATE
    SET stopped_at = coalesce(channels.stopped_at, excluded.stopped_at), reason = excluded.reason,
        probe_due_at = coalesce(channels.probe_due_at, excluded.probe_due_at)";

const SUPPRESS: &str = "
    INSERT INTO suppressed_addresses (channel, address, reason, created_at)
    VALUES (?, lower(?), ?, ?)
    ON CONFLICT DO NOTHING";

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
            let chosen = self.readers().read(move |c| Ok(claim::choose(c, &wanted)?)).await?;
            if chosen.is_empty() {
                return Ok(Vec::new());
            }
            let take = move |c: &mut _| Ok(claim::take(c, channel, &chosen, lease)?);
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
        let found: i64 = self.readers().read(move |c| Ok(select.get_result(c)?)).await?;
        if found == 0 {
            return Ok(0);
        }
        let reason = reason.to_owned();
        let cancel = move |connection: &mut SqliteConnection| {
            let now = now();
            let values = [reason.as_str().into(), now.into(), now.into(), channel.as_str().into()];
            let update: Sql<()> = Sql::prepared(CANCEL_EXPIRED, values);
            Ok(update.execute(connection)?)
        };
        let cancelled = self.writer().write(cancel).await?;
        cancelled.try_into().map_err(RepositoryError::internal)
    }

    async fn complete(&self, attempts: Vec<Attempt>) -> Result<Vec<bool>, RepositoryError> {
        let attempts: Vec<_> = attempts.into_iter().map(NotificationUpdate::from).collect();
        self.writer().write(move |c| Ok(complete::record(c, &attempts)?)).await
    }

    async fn stop_channel(&self, channel: Channel, reason: &str) -> Result<(), RepositoryError> {
        let reason = reason.to_owned();
        let stop = move |connection: &mut SqliteConnection| {
            let trial_due_at = trial_delivery::next_due_at().into();
            let values =
                [channel.as_str().into(), now().into(), reason.as_str().into(), trial_due_at];
            Ok(execute(connection, STOP, values)?)
        };
        self.writer().write(stop).await
    }

    async fn note_refusal(&self, refused: RefusedMessage) -> Result<bool, RepositoryError> {
        self.writer().write(move |c| Ok(refusals::note(c, &refused)?)).await
    }

    async fn start_channel(&self, channel: Channel) -> Result<(), RepositoryError> {
        let start = move |connection: &mut SqliteConnection| {
            start_channel(channel).execute(connection)?;
            Ok(refusals::settle(connection, channel.as_str())?)
        };
        self.writer().write(start).await
    }

    async fn list_channels(&self) -> Result<Vec<ChannelStatus>, RepositoryError> {
        let select = select_channels();
        let rows: Vec<ChannelRow> = self.readers().read(move |c| Ok(select.load(c)?)).await?;
        Ok(channel_statuses(&rows))
    }

    async fn suppress(&self, address: &Address, reason: &str) -> Result<(), RepositoryError> {
        let (address, reason) = (address.clone(), reason.to_owned());
        let suppress = move |connection: &mut SqliteConnection| {
            let channel = address.channel().as_str().into();
            let address = address.to_string().into();
            let values = [channel, address, reason.as_str().into(), now().into()];
            Ok(execute(connection, SUPPRESS, values)?)
        };
        self.writer().write(suppress).await
    }

    async fn lift_suppression(&self, key: &SuppressionKey) -> Result<bool, RepositoryError> {
        let key = key.clone();
        let lift = move |connection: &mut SqliteConnection| {
            let mut lifted = 0;
            for statement in lift_suppression(&key) {
                lifted += statement.execute(connection)?;
            }
            Ok(lifted)
        };
        Ok(self.act(lift, |lifted| *lifted > 0).await? > 0)
    }

    async fn find_suppression(
        &self,
        key: &SuppressionKey,
    ) -> Result<Option<String>, RepositoryError> {
        let select = find_suppression(key);
        self.readers().read(move |c| Ok(select.get_result(c).optional()?)).await
    }

    async fn admit(
        &self,
        id: NotificationId,
        budgets: Vec<Budget>,
    ) -> Result<Admission, RepositoryError> {
        let id = DbId::from(id);
        self.writer().write(move |c| Ok(budgets::admit(c, id, &budgets, now())?)).await
    }

    async fn gather(
        &self,
        id: NotificationId,
        claim: ClaimToken,
    ) -> Result<Vec<CaseNumber>, RepositoryError> {
        self.writer().write(move |c| digest::gather(c, id, claim)).await
    }

    async fn count_held_back(&self) -> Result<Vec<(Channel, u64)>, RepositoryError> {
        let select = count_held_back();
        channel_counts(self.readers().read(move |c| Ok(select.load(c)?)).await?)
    }
}

#[cfg(test)]
mod tests;
