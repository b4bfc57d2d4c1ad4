//! The outbox. Its times are those of the database.

pub(crate) mod budgets;
mod claim;
mod complete;
mod digest;
mod refusals;

use std::collections::HashSet;

use async_trait::async_trait;
use diesel::OptionalExtension;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use engage_domain::{Address, CaseNumber, Channel, NotificationId};
use engage_repository::{
    Admission, Attempt, Budget, ChannelStatus, Claim, ClaimToken, ClaimedMessage, OutboxRepository,
    RefusedMessage, RepositoryError, SuppressionKey, TRIAL_DELIVERY_INTERVAL, digest_cases,
};
use engage_sql::{
    ChannelRow, DbId, channel_counts, channel_statuses, count_held_back, find_suppression,
    lift_suppression, millis, select_channels, start_channel,
};

use crate::sql::Sql;
use crate::store::PostgresStore;

const STOP: &str = "
    INSERT INTO channels (channel, stopped_at, reason, probe_due_at)
    VALUES (?, now(), ?, now() + ?::bigint * interval '1 millisecond')
    ON CONFLICT (channel) DO UPDATE
    SET stopped_at = coalesce(channels.stopped_at, excluded.stopped_at), reason = excluded.reason,
        probe_due_at = coalesce(channels.probe_due_at, excluded.probe_due_at)";

/// Cancels pending notifications only. One that is in flight may have arrived.
const CANCEL_EXPIRED: &str = "
    UPDATE notifications SET status = 'CANCELLED', last_error = ?, finished_at = now()
    WHERE status = 'PENDING' AND expires_at IS NOT NULL AND expires_at <= now() AND channel = ?";

const SUPPRESS: &str = "
    INSERT INTO suppressed_addresses (channel, address, reason, created_at)
    VALUES (?, lower(?), ?, now())
    ON CONFLICT DO NOTHING";

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
                // If others claimed everything that was chosen, or all of it has to wait, more may be due.
                Ok(Some(messages).filter(|messages| !messages.is_empty()))
            });
            if let Some(messages) = taken.await? {
                return Ok(messages);
            }
        }
    }

    async fn cancel_expired(&self, channel: Channel, reason: &str) -> Result<u64, RepositoryError> {
        let values = [reason.into(), channel.as_str().into()];
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
        let values =
            [channel.as_str().into(), reason.into(), millis(TRIAL_DELIVERY_INTERVAL).into()];
        let update: Sql<()> = Sql::prepared(STOP, values);
        self.connections().run(async |c| update.execute(c).await).await.map(drop)
    }

    async fn note_refusal(&self, refused: RefusedMessage) -> Result<bool, RepositoryError> {
        self.connections().run(async |c| refusals::note(c, refused).await).await
    }

    async fn start_channel(&self, channel: Channel) -> Result<(), RepositoryError> {
        let update = start_channel(channel);
        self.connections()
            .run(async |c| {
                update.execute(&mut *c).await?;
                refusals::settle(c, channel.as_str()).await
            })
            .await
    }

    async fn list_channels(&self) -> Result<Vec<ChannelStatus>, RepositoryError> {
        let select = select_channels();
        let rows: Vec<ChannelRow> = self.connections().run(async |c| select.load(c).await).await?;
        Ok(channel_statuses(&rows))
    }

    async fn suppress(&self, address: &Address, reason: &str) -> Result<(), RepositoryError> {
        let channel = address.channel().as_str();
        let values = [channel.into(), address.to_string().into(), reason.into()];
        let insert: Sql<()> = Sql::prepared(SUPPRESS, values);
        self.connections().run(async |c| insert.execute(c).await).await.map(drop)
    }

    async fn lift_suppression(&self, key: &SuppressionKey) -> Result<bool, RepositoryError> {
        let lift = async |connection: &mut AsyncPgConnection| {
            let mut lifted = 0;
            for statement in lift_suppression(key) {
                lifted += statement.execute(connection).await?;
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
        self.connections().run(async |c| select.get_result(c).await.optional()).await
    }

    async fn admit(
        &self,
        id: NotificationId,
        budgets: Vec<Budget>,
    ) -> Result<Admission, RepositoryError> {
        let id = DbId::from(id);
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
        let gather = async |c: &mut AsyncPgConnection| {
            c.transaction(async |c| digest::gather(c, id, claim).await).await
        };
        let digest = self.connections().run(gather).await?;
        digest_cases(&digest).map_err(RepositoryError::internal)
    }

    async fn count_held_back(&self) -> Result<Vec<(Channel, u64)>, RepositoryError> {
        let select = count_held_back();
        channel_counts(self.connections().run(async |c| select.load(c).await).await?)
    }
}
