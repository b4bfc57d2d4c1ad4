//! Messages on their way out. Their times are the database's.

mod budgets;
mod claim;
mod complete;
mod digest;
mod refusals;

use std::collections::HashSet;

use async_trait::async_trait;
use diesel::sql_types::{BigInt, Nullable, Text, Timestamptz};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use engage_domain::{Address, CaseNumber, Channel, NotificationId};
use engage_repository::{
    Admission, Attempt, Budget, ChannelStatus, Claim, ClaimToken, ClaimedMessage, OutboxRepository,
    RefusedMessage, RepositoryError, digest_cases,
};
use uuid::Uuid;

use crate::case_rows::parse;
use crate::db_timestamp::DbTimestamp;
use crate::sql::Sql;
use crate::store::PostgresStore;

const STOP: &str = "
    UPDATE channels
    SET stopped_at = coalesce(stopped_at, now()), reason = ?,
        probe_due_at = coalesce(probe_due_at, now() + interval '1 minute')
    WHERE channel = ?";

const START: &str = "
    UPDATE channels SET stopped_at = NULL, reason = NULL, probe_due_at = NULL
    WHERE channel = ? AND stopped_at IS NOT NULL";

/// Of those that wait: what is on its way may have arrived.
const CANCEL_EXPIRED: &str = "
    UPDATE notifications SET status = 'CANCELLED', last_error = ?, finished_at = now()
    WHERE status = 'PENDING' AND expires_at IS NOT NULL AND expires_at <= now() AND channel = ?";

const SUPPRESS: &str = "
    INSERT INTO suppressed_addresses (channel, address, reason, created_at)
    VALUES (?, lower(?), ?, now())
    ON CONFLICT DO NOTHING";

const LIFT: &str = "DELETE FROM suppressed_addresses WHERE channel = ? AND address = lower(?)";

const SUPPRESSION: &str = "
    SELECT reason FROM suppressed_addresses WHERE channel = ? AND address = lower(?)";

#[async_trait]
impl OutboxRepository for PostgresStore {
    async fn claim_due(&self, claim: Claim) -> Result<Vec<ClaimedMessage>, RepositoryError> {
        loop {
            let (wanted, connections) = (claim.clone(), self.connections());
            let taken = connections.run(async move |connection| {
                let chosen = claim::choose(connection, &wanted).await?;
                if chosen.is_empty() {
                    return Ok(Some(Vec::new()));
                }
                let rows = chosen.take(connection, &wanted).await?;
                let messages = claim::read(connection, rows).await?;
                // If others took all that was chosen, or all waits for others, more may be due.
                Ok(Some(messages).filter(|messages| !messages.is_empty()))
            });
            if let Some(messages) = taken.await? {
                return Ok(messages);
            }
        }
    }

    async fn cancel_expired(&self, channel: Channel, reason: &str) -> Result<u64, RepositoryError> {
        let values = [reason.to_owned().into(), channel.as_str().to_owned().into()];
        let update: Sql<()> = Sql::prepared(CANCEL_EXPIRED, values);
        let cancelled = self.connections().run(async |c| update.execute(c).await).await?;
        cancelled.try_into().map_err(RepositoryError::internal)
    }

    async fn complete(&self, attempts: Vec<Attempt>) -> Result<Vec<bool>, RepositoryError> {
        let keys: Vec<_> = attempts.iter().map(complete::key).collect();
        let update = complete::update(attempts)?;
        let done = self.connections().run(async |c| {
            let done: Vec<complete::Done> = update.load(&mut *c).await?;
            if done.iter().any(|(.., is_to_be_undone)| *is_to_be_undone) {
                refusals::undo(c).await?;
            }
            Ok(done)
        });
        let mut done: HashSet<complete::Key> =
            done.await?.into_iter().map(|(id, claim, _)| (id, claim)).collect();
        Ok(keys.iter().map(|key| done.remove(key)).collect())
    }

    async fn stop_channel(&self, channel: Channel, reason: &str) -> Result<(), RepositoryError> {
        let reason = reason.to_owned();
        let channel = channel.as_str().to_owned();
        let update: Sql<()> = Sql::prepared(STOP, [reason.into(), channel.into()]);
        self.connections().run(async |c| update.execute(c).await).await.map(drop)
    }

    async fn note_refusal(&self, refused: RefusedMessage) -> Result<bool, RepositoryError> {
        self.connections().run(async |c| refusals::note(c, refused).await).await
    }

    async fn start_channel(&self, channel: Channel) -> Result<(), RepositoryError> {
        let update: Sql<()> = Sql::prepared(START, [channel.as_str().to_owned().into()]);
        self.connections()
            .run(async |c| {
                update.execute(&mut *c).await?;
                refusals::settle(c, channel.as_str()).await
            })
            .await
    }

    async fn list_channels(&self) -> Result<Vec<ChannelStatus>, RepositoryError> {
        let select: Sql<(Text, Nullable<Timestamptz>, Nullable<Text>)> =
            Sql::prepared("SELECT channel, stopped_at, reason FROM channels", []);
        let rows: Vec<(String, Option<DbTimestamp>, Option<String>)> =
            self.connections().run(async |c| select.load(c).await).await?;
        let mut channels = Vec::new();
        for (channel, stopped_at, reason) in rows {
            let stopped = stopped_at.map(|at| at.0).zip(reason);
            channels.push(ChannelStatus { channel: parse(&channel, "channel")?, stopped });
        }
        channels.sort_by_key(|status| status.channel);
        Ok(channels)
    }

    async fn suppress(&self, address: &Address, reason: &str) -> Result<(), RepositoryError> {
        let channel = address.channel().as_str().to_owned();
        let values = [channel.into(), address.to_string().into(), reason.to_owned().into()];
        let insert: Sql<()> = Sql::prepared(SUPPRESS, values);
        self.connections().run(async |c| insert.execute(c).await).await.map(drop)
    }

    async fn lift_suppression(&self, address: &Address) -> Result<bool, RepositoryError> {
        let channel = address.channel().as_str().to_owned();
        let delete: Sql<()> = Sql::prepared(LIFT, [channel.into(), address.to_string().into()]);
        let lifted = self.act(async |c| delete.execute(c).await, |lifted| *lifted > 0).await?;
        Ok(lifted > 0)
    }

    async fn find_suppression(&self, address: &Address) -> Result<Option<String>, RepositoryError> {
        let values = [address.channel().as_str().to_owned().into(), address.to_string().into()];
        let select: Sql<Text> = Sql::prepared(SUPPRESSION, values);
        let found: Vec<String> = self.connections().run(async |c| select.load(c).await).await?;
        Ok(found.into_iter().next())
    }

    async fn admit(
        &self,
        id: NotificationId,
        budgets: Vec<Budget>,
    ) -> Result<Admission, RepositoryError> {
        let id = Uuid::from_u128(id.as_u128());
        let admit = async |c: &mut AsyncPgConnection| {
            c.transaction(async |c| budgets::admit(c, id, &budgets).await).await
        };
        self.connections().run(admit).await
    }

    async fn gather(
        &self,
        id: NotificationId,
        claim: ClaimToken,
    ) -> Result<Vec<CaseNumber>, RepositoryError> {
        let id = Uuid::from_u128(id.as_u128());
        let gather = async |c: &mut AsyncPgConnection| {
            c.transaction(async |c| digest::gather(c, id, claim).await).await
        };
        let digest = self.connections().run(gather).await?;
        digest_cases(&digest).map_err(RepositoryError::internal)
    }

    async fn count_held_back(&self) -> Result<Vec<(Channel, u64)>, RepositoryError> {
        let select: Sql<(Text, BigInt)> = Sql::prepared(digest::COUNT_HELD_BACK, []);
        let rows: Vec<(String, i64)> =
            self.connections().run(async |c| select.load(c).await).await?;
        let read = |(channel, count): (String, i64)| {
            Ok((parse(&channel, "channel")?, u64::try_from(count).unwrap_or(0)))
        };
        rows.into_iter().map(read).collect()
    }
}
