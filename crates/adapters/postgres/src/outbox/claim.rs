//! Claims of due notifications.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Integer, Nullable, Text};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use engage_domain::{CaseId, NotificationId, PersonId, Template};
use engage_repository::{
    Claim, ClaimCapacity, ClaimToken, ClaimedMessage, FAILURES_BEFORE_OVERTAKING,
    TRIAL_DELIVERY_INTERVAL, digest_cases,
};
use engage_sql::{
    DbId, DbTimestamp, InvalidColumn, LOOKED_AT, MessageRecipient, NO_LONGER_TAKES_PART, SqlId,
    SqlTimestamp, address, case_number, checked, millis, parse, trace_context,
};

use crate::sql::{Sql, execute};

/// Number of notifications of an address, for each one that may be claimed, for which the claim checks
/// whether they have to wait for others. Each check takes three index lookups.
const LOOKED_BEFORE: u32 = 2;

/// Selects due notifications with templates that this program has, the longest due first. Others are left
/// to a newer program that works beside it. Also selects for how many milliseconds each has to wait for
/// notifications of earlier events of its case to the same address that have not arrived: 0 if these
/// are in flight, null if there are none.
///
/// The earlier notifications are found by subqueries of one table each, for which PostgreSQL can only use
/// the index. It would plan a join by statistics, which do not cover a queue that has just filled, and
/// read all notifications for each one. For the same reason the subqueries do not compare the channel,
/// which would offer the index of due notifications. No two channels share an address.
const CHOOSE: &str = "
    WITH front AS (
        SELECT id, event_id, address, due_at FROM notifications
        WHERE channel = ? AND status IN ('PENDING', 'IN_FLIGHT') AND due_at <= now()
            AND address <> ALL (?) AND template = ANY (?)
            AND NOT EXISTS (
                SELECT FROM channels
                WHERE channel = ? AND stopped_at IS NOT NULL AND probe_due_at > now()
            )
        ORDER BY due_at, id
        LIMIT ?
    ), near AS (
        SELECT *, row_number() OVER (PARTITION BY address ORDER BY due_at, id) AS place FROM front
    )
    SELECT id, address, ceil(1000 * extract(epoch FROM (
        SELECT max((
            SELECT max(CASE before.status WHEN 'PENDING' THEN before.due_at ELSE now() END)
            FROM notifications AS before
            WHERE before.event_id = earlier.id AND before.address = message.address
                AND before.held_back_at IS NULL
                AND (before.status = 'PENDING' AND before.attempts < ?
                    OR before.status = 'IN_FLIGHT' AND before.attempts <= ?)
        ))
        FROM events AS earlier
        WHERE earlier.case_id = (SELECT case_id FROM events WHERE id = message.event_id)
            AND earlier.sequence < (SELECT sequence FROM events WHERE id = message.event_id)
    ) - now()))::bigint
    FROM near AS message
    WHERE place <= ?
    ORDER BY due_at, id";

/// Claims notifications by a lease, at whose end they are due again. No lock is held during a delivery.
/// A notification that had no other to wait for when it was chosen has none now.
///
/// A notification that waits for another's retry becomes due with that retry. Otherwise it would stay in
/// front of everything that is due later.
///
/// Notifications that another server claims at the same time are skipped. The trial delivery of a
/// stopped channel belongs to the server that moves its time, which happens only if a notification is due.
const TAKE: &str = "
    WITH put_off AS (
        UPDATE notifications SET due_at = now() + wait * interval '1 millisecond'
        FROM unnest(?::uuid[], ?::bigint[]) AS waiting (waiting_id, wait)
        WHERE id = waiting_id AND status = 'PENDING' AND due_at <= now()
    ), chosen AS (
        SELECT * FROM unnest(?::uuid[]) WITH ORDINALITY AS chosen (id, place)
    ), trial AS (
        UPDATE channels SET probe_due_at = now() + ?::bigint * interval '1 millisecond'
        WHERE channel = ? AND probe_due_at <= now() AND EXISTS (SELECT FROM chosen)
        RETURNING channel
    ), free AS (
        SELECT notifications.id FROM notifications
        WHERE notifications.id IN (
                SELECT id FROM chosen
                ORDER BY place
                LIMIT (
                    SELECT CASE WHEN stopped_at IS NULL THEN NULL
                        ELSE (SELECT count(*) FROM trial) END
                    FROM channels WHERE channel = ?
                )
            )
            AND status IN ('PENDING', 'IN_FLIGHT') AND due_at <= now()
        FOR UPDATE SKIP LOCKED
    ), claimed AS (
        UPDATE notifications
        SET status = 'IN_FLIGHT', attempts = attempts + 1, claim = claim + 1,
            due_at = now() + ?::bigint * interval '1 millisecond'
        WHERE id IN (SELECT id FROM free)
        RETURNING *
    )
    SELECT claimed.id, claimed.claim, claimed.attempts, cases.number_prefix, cases.number_year,
        cases.number_sequence, claimed.channel, claimed.template, claimed.address,
        coalesce(claimed.notice, events.snapshot), EXISTS (SELECT FROM trial), cases.id,
        cases.access_generation, claimed.is_asked_again,
        claimed.expires_at, coalesce(claimed.expires_at <= now(), false),
        events.actor_kind = 'CUSTOMER', events.address, claimed.admitted_at IS NOT NULL,
        claimed.held_back_at IS NOT NULL, coalesce(claimed.digest, ''), events.traceparent,
        events.tracestate, claimed.person_id,
        CASE WHEN claimed.person_id IS NOT NULL THEN cases.participants END,
        CASE WHEN claimed.person_id IS NOT NULL THEN cases.participant_generations END
    FROM claimed
    JOIN chosen ON chosen.id = claimed.id
    JOIN events ON events.id = claimed.event_id
    JOIN cases ON cases.id = events.case_id
    ORDER BY chosen.place";

/// Gives up notifications that cannot be read. They would come back at the end of each lease.
const GIVE_UP: &str = "
    UPDATE notifications SET status = 'DEAD', finished_at = now(), last_error = reason
    FROM unnest(?::uuid[], ?::text[]) AS unreadable (unreadable_id, reason)
    WHERE id = unreadable_id AND status = 'IN_FLIGHT'";

/// Cancels notifications to participants who no longer take part.
const CANCEL: &str = "
    UPDATE notifications SET status = 'CANCELLED', finished_at = now(), last_error = ?
    WHERE id = ANY (?::uuid[]) AND status = 'IN_FLIGHT'";

/// Notifications that may be claimed, and those that have to wait.
#[derive(Default)]
pub(super) struct Chosen {
    ids: Vec<DbId<NotificationId>>,
    waiting: Vec<DbId<NotificationId>>,
    waits: Vec<i64>,
}

type DueColumns = (SqlId, Text, Nullable<BigInt>);

/// A due notification; see [`CHOOSE`].
type DueRow = (DbId<NotificationId>, String, Option<i64>);

type ClaimedColumns = (
    SqlId,
    BigInt,
    Integer,
    Text,
    Integer,
    BigInt,
    Text,
    Text,
    Text,
    Text,
    Bool,
    SqlId,
    Integer,
    Bool,
    Nullable<SqlTimestamp>,
    Bool,
    Bool,
    Nullable<Text>,
    Bool,
    Bool,
    Text,
    Nullable<Text>,
    Nullable<Text>,
    Nullable<SqlId>,
    Nullable<Text>,
    Nullable<Text>,
);

/// Chooses the notifications that may be claimed, the longest due first.
pub(super) async fn choose(
    connection: &mut AsyncPgConnection,
    claim: &Claim,
) -> QueryResult<Chosen> {
    let mut capacity = ClaimCapacity::of(claim);
    let channel = claim.channel.as_str();
    let full: Vec<_> = capacity.full().into_iter().map(str::to_owned).collect();
    let failures = i64::from(FAILURES_BEFORE_OVERTAKING);
    let select: Sql<DueColumns> = Sql::prepared(
        CHOOSE,
        [
            channel.into(),
            full.into(),
            Template::ALL.iter().map(|known| known.as_str().to_owned()).collect::<Vec<_>>().into(),
            channel.into(),
            (i64::from(claim.limit.get()) * i64::from(LOOKED_AT)).into(),
            failures.into(),
            failures.into(),
            (i64::from(claim.most_per_address.get()) * i64::from(LOOKED_BEFORE)).into(),
        ],
    );
    let due: Vec<DueRow> = select.load(connection).await?;
    let mut chosen = Chosen::default();
    for (id, address, wait) in due {
        match wait {
            _ if !capacity.has_one_for(&address) => {}
            None => {
                capacity.take(address);
                chosen.ids.push(id);
            }
            Some(wait) if wait > 0 => {
                chosen.waiting.push(id);
                chosen.waits.push(wait);
            }
            Some(_) => {}
        }
    }
    Ok(chosen)
}

impl Chosen {
    pub(super) fn is_empty(&self) -> bool {
        self.ids.is_empty() && self.waiting.is_empty()
    }

    /// Claims the chosen notifications that are still due.
    pub(super) async fn take(
        self,
        connection: &mut AsyncPgConnection,
        claim: &Claim,
    ) -> QueryResult<Vec<ClaimedRow>> {
        let channel = claim.channel.as_str();
        let select: Sql<ClaimedColumns> = Sql::prepared(
            TAKE,
            [
                self.waiting.into(),
                self.waits.into(),
                self.ids.into(),
                millis(TRIAL_DELIVERY_INTERVAL).into(),
                channel.into(),
                channel.into(),
                millis(claim.lease).into(),
            ],
        );
        select.load(connection).await
    }
}

// The same flags as the notification that is built from it.
#[allow(clippy::struct_excessive_bools)]
#[derive(Queryable)]
pub(super) struct ClaimedRow {
    id: DbId<NotificationId>,
    claim: i64,
    attempts: i32,
    number_prefix: String,
    number_year: i32,
    number_sequence: i64,
    channel: String,
    template: String,
    address: String,
    snapshot: String,
    is_trial: bool,
    case_id: DbId<CaseId>,
    access_generation: i32,
    is_asked_again: bool,
    expires_at: Option<DbTimestamp>,
    is_expired: bool,
    is_caused_by_customer: bool,
    client: Option<String>,
    is_admitted: bool,
    is_held_back: bool,
    digest: String,
    traceparent: Option<String>,
    tracestate: Option<String>,
    person: Option<DbId<PersonId>>,
    participants: Option<String>,
    participant_generations: Option<String>,
}

/// Returns the notifications of claimed rows. Gives up rows that are not valid, which another program has
/// changed, so that they do not block others, and cancels those whose recipient is gone.
pub(super) async fn read(
    connection: &mut AsyncPgConnection,
    rows: Vec<ClaimedRow>,
) -> QueryResult<Vec<ClaimedMessage>> {
    let mut messages = Vec::new();
    let (mut ids, mut reasons, mut ended) = (Vec::new(), Vec::new(), Vec::new());
    for row in rows {
        let id = row.id;
        match row.into_message() {
            Ok(message) if message.has_recipient() => messages.push(message),
            Ok(_) => ended.push(id),
            Err(error) => {
                tracing::error!(notification = %id.get(), %error, "a notification cannot be read");
                ids.push(id);
                reasons.push(error.to_string());
            }
        }
    }
    if !ids.is_empty() {
        execute(connection, GIVE_UP, [ids.into(), reasons.into()]).await?;
    }
    if !ended.is_empty() {
        execute(connection, CANCEL, [NO_LONGER_TAKES_PART.into(), ended.into()]).await?;
    }
    Ok(messages)
}

impl ClaimedRow {
    fn into_message(self) -> Result<ClaimedMessage, InvalidColumn> {
        let stored = (self.participants.as_deref(), self.participant_generations.as_deref());
        let recipient = MessageRecipient::new(self.person, self.access_generation, stored)?;
        Ok(ClaimedMessage {
            id: self.id.get(),
            claim: ClaimToken(self.claim),
            attempt: checked(self.attempts, Some, "attempts")?,
            case_id: self.case_id.get(),
            access_generation: recipient.access_generation,
            case_number: case_number(&self.number_prefix, self.number_year, self.number_sequence)?,
            template: parse(&self.template, "template")?,
            address: address(&self.channel, &self.address)?,
            person: recipient.person,
            participants: recipient.participants,
            snapshot: self.snapshot,
            expires_at: self.expires_at.map(|at| at.0),
            is_expired: self.is_expired,
            is_asked_again: self.is_asked_again,
            is_trial: self.is_trial,
            is_caused_by_customer: self.is_caused_by_customer,
            // An address that cannot be read does not lose the notification.
            client: self.client.as_deref().and_then(|text| text.parse().ok()),
            trace: trace_context(self.traceparent.as_deref(), self.tracestate.as_deref()),
            is_admitted: self.is_admitted,
            is_held_back: self.is_held_back,
            gathered: digest_cases(&self.digest).map_err(|_| InvalidColumn { column: "digest" })?,
        })
    }
}
