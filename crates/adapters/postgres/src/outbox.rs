//! Messages on their way out. Their times are the database's.

use std::num::NonZeroU32;
use std::time::Duration;

use async_trait::async_trait;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use engage_domain::{Address, Channel, Event, NotificationId};
use engage_repository::{
    ClaimToken, ClaimedMessage, Completion, OutboxMessage, OutboxRepository, RepositoryError,
};
use serde::Serialize;
use uuid::Uuid;

use crate::case_rows::{case_number, parse};
use crate::error::InvalidColumn;
use crate::sql::Sql;
use crate::store::PostgresStore;

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// A message as it is first written down; the statement adds what is the same of all.
#[derive(Serialize)]
pub(crate) struct NotificationRow {
    id: Uuid,
    event_id: Uuid,
    channel: &'static str,
    template: &'static str,
    address: String,
}

impl NotificationRow {
    pub(crate) fn new(event: &Event, message: &OutboxMessage) -> Self {
        Self {
            id: Uuid::from_u128(message.id.as_u128()),
            event_id: Uuid::from_u128(event.id.as_u128()),
            channel: message.address.channel().as_str(),
            template: message.template.as_str(),
            address: message.address.to_string(),
        }
    }
}

/// Claims by lease: no lock is held while a message is delivered, and the end of the lease is the
/// time at which the message is due again.
const CLAIM: &str = "
    WITH claimed AS (
        UPDATE notifications
        SET status = 'IN_FLIGHT', attempts = attempts + 1, claim = claim + 1,
            due_at = now() + ?::bigint * interval '1 millisecond'
        WHERE id IN (
            SELECT id FROM notifications
            WHERE status IN ('PENDING', 'IN_FLIGHT') AND due_at <= now()
            ORDER BY due_at, id
            LIMIT ?
            FOR UPDATE SKIP LOCKED
        )
        RETURNING *
    )
    SELECT claimed.id, claimed.claim, claimed.attempts, cases.number_prefix, cases.number_year,
        cases.number_sequence, claimed.channel, claimed.template, claimed.address, events.snapshot
    FROM claimed
    JOIN events ON events.id = claimed.event_id
    JOIN cases ON cases.id = events.case_id
    ORDER BY claimed.id";

/// Without an instant at which it is due again, a message is finished.
const COMPLETE: &str = "
    UPDATE notifications
    SET status = outcome.status,
        attempts = attempts - outcome.uncounted,
        due_at = coalesce(now() + outcome.wait * interval '1 millisecond', due_at),
        last_error = coalesce(outcome.error, last_error),
        finished_at = CASE WHEN outcome.wait IS NULL THEN now() END
    FROM (VALUES (?::uuid, ?::bigint, ?::text, ?::integer, ?::bigint, ?::text))
        AS outcome (id, claim, status, uncounted, wait, error)
    WHERE notifications.id = outcome.id AND notifications.claim = outcome.claim
        AND notifications.status = 'IN_FLIGHT'";

#[derive(Queryable)]
struct ClaimedRow {
    id: Uuid,
    claim: i64,
    attempts: i32,
    number_prefix: String,
    number_year: i32,
    number_sequence: i64,
    channel: String,
    template: String,
    address: String,
    snapshot: String,
}

type ClaimedColumns = (SqlUuid, BigInt, Integer, Text, Integer, BigInt, Text, Text, Text, Text);

impl ClaimedRow {
    fn into_message(self) -> Result<ClaimedMessage, InvalidColumn> {
        let channel: Channel = parse(&self.channel, "channel")?;
        let address = Address::parse(channel, &self.address);
        Ok(ClaimedMessage {
            id: NotificationId::from_u128(self.id.as_u128()),
            claim: ClaimToken(self.claim),
            attempt: self.attempts.try_into().map_err(|_| InvalidColumn { column: "attempts" })?,
            case_number: case_number(&self.number_prefix, self.number_year, self.number_sequence)?,
            template: parse(&self.template, "template")?,
            address: address.ok_or(InvalidColumn { column: "address" })?,
            snapshot: self.snapshot,
        })
    }
}

#[async_trait]
impl OutboxRepository for PostgresStore {
    async fn claim_due(
        &self,
        limit: NonZeroU32,
        lease: Duration,
    ) -> Result<Vec<ClaimedMessage>, RepositoryError> {
        let claim: Sql<ClaimedColumns> =
            Sql::prepared(CLAIM, [millis(lease).into(), i64::from(limit.get()).into()]);
        let rows: Vec<ClaimedRow> = self.connections().run(async |c| claim.load(c).await).await?;
        Ok(rows.into_iter().map(ClaimedRow::into_message).collect::<Result<_, _>>()?)
    }

    async fn complete(
        &self,
        id: NotificationId,
        claim: ClaimToken,
        completion: Completion,
    ) -> Result<bool, RepositoryError> {
        let (status, uncounted, due_after, last_error) = match completion {
            Completion::Sent => ("SENT", 0, None, None),
            Completion::Dead { reason } => ("DEAD", 0, None, Some(reason)),
            Completion::Retry { after, reason } => ("PENDING", 0, Some(after), Some(reason)),
            Completion::Deferred { after, reason } => ("PENDING", 1, Some(after), Some(reason)),
            Completion::Released => ("PENDING", 1, Some(Duration::ZERO), None),
        };
        let complete: Sql<()> = Sql::prepared(
            COMPLETE,
            [
                Uuid::from_u128(id.as_u128()).into(),
                claim.0.into(),
                status.to_owned().into(),
                uncounted.into(),
                due_after.map(millis).into(),
                last_error.into(),
            ],
        );
        let changed = self.connections().run(async |c| complete.execute(c).await).await?;
        Ok(changed == 1)
    }
}
