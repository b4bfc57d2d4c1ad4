//! Messages on their way out.

mod budgets;
mod claim;
mod complete;
mod digest;
mod refusals;
mod set_back;

use async_trait::async_trait;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use engage_domain::{Address, CaseNumber, Channel, NotificationId, Timestamp};
use engage_repository::{
    Admission, Attempt, Budget, ChannelStatus, Claim, ClaimToken, ClaimedMessage, OutboxRepository,
    RefusedMessage, RepositoryError,
};

use crate::case_rows::{id_bytes, parse};
use crate::clock::{millis, now};
use crate::error::repository_error;
use crate::schema::{channels, suppressed_addresses};
use crate::sql::Sql;
use crate::store::SqliteStore;
use claim::PROBE_INTERVAL;
use complete::NotificationUpdate;
pub(crate) use set_back::{LastSeen, give_back_claims};

const STOP: &str = "
    UPDATE channels
    SET stopped_at = coalesce(stopped_at, ?), reason = ?, probe_due_at = coalesce(probe_due_at, ?)
    WHERE channel = ?";

const START: &str = "
    UPDATE channels SET stopped_at = NULL, reason = NULL, probe_due_at = NULL
    WHERE channel = ? AND stopped_at IS NOT NULL";

const LIFT: &str = "DELETE FROM suppressed_addresses WHERE channel = ? AND address = lower(?)";

const SUPPRESSION: &str = "
    SELECT reason FROM suppressed_addresses WHERE channel = ? AND address = lower(?)";

/// Of those that wait: what is on its way may have arrived.
const CANCEL_EXPIRED: &str = "
    UPDATE notifications SET status = 'CANCELLED', last_error = ?, finished_at = ?
    WHERE status = 'PENDING' AND expires_at IS NOT NULL AND expires_at <= ? AND channel = ?";

/// Whether there is any: asked by those who read, so that nobody writes for nothing.
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
            // Where others took all that was chosen, or all waits for others, more may be due.
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
                    now.into(),
                    reason.as_str().into(),
                    probe_due_at.into(),
                    channel.as_str().into(),
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
        let rows: Vec<(String, Option<i64>, Option<String>)> = self
            .readers()
            .read(|connection| {
                channels::table
                    .select((channels::channel, channels::stopped_at, channels::reason))
                    .load(connection)
                    .map_err(repository_error)
            })
            .await?;
        let mut channels = Vec::new();
        for (channel, stopped_at, reason) in rows {
            let stopped = stopped_at.map(Timestamp::from_millis).zip(reason);
            channels.push(ChannelStatus { channel: parse(&channel, "channel")?, stopped });
        }
        channels.sort_by_key(|status| status.channel);
        Ok(channels)
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
                        suppressed_addresses::created_at.eq(now()),
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
        let id = id_bytes(id.as_u128());
        self.writer().write(move |c| budgets::admit(c, &id, &budgets)).await
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
        let rows: Vec<(String, i64)> = self.readers().read(read).await?;
        let read = |(channel, count): (String, i64)| {
            Ok((parse(&channel, "channel")?, u64::try_from(count).unwrap_or(0)))
        };
        rows.into_iter().map(read).collect()
    }
}

#[cfg(test)]
mod tests;
