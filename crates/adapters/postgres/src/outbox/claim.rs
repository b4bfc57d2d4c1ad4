//! Claiming messages.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use engage_domain::{CaseId, NotificationId, Template};
use engage_repository::{Claim, ClaimCapacity, ClaimToken, ClaimedMessage, digest_cases};
use uuid::Uuid;

use crate::case_rows::{access_generation, case_number, parse};
use crate::db_timestamp::{DbTimestamp, millis};
use crate::error::InvalidColumn;
use crate::notification_rows::address;
use crate::sql::Sql;

/// How many due messages are looked at for each that is wanted: of those in front, many may be for
/// one address, of which only some may go.
const LOOKED_AT: u32 = 8;

/// For how many messages of an address, for each that may go, it is looked whether something is
/// before it: each look takes three steps by index.
const LOOKED_BEFORE: u32 = 2;

/// What is due, the longest due first, of the templates that this program knows: those of a newer one
/// that works beside it are left to that. And for how many milliseconds it has to wait for messages
/// of earlier events of its case to the same address that are still to arrive: 0 where they are on
/// their way, nothing where there are none.
///
/// What is before a message is asked in subqueries of one table each, which leave PostgreSQL
/// nothing but the index. A join it would choose by statistics, which know nothing of a queue that
/// has just filled: it went through all messages there are, for each one. That is also why the
/// channel is not compared there: it would offer the index of what is due, and no two channels
/// have an address in common.
const CHOOSE: &str = "
    WITH front AS (
        SELECT id, event_id, address, due_at FROM notifications
        WHERE channel = ? AND status IN ('PENDING', 'IN_FLIGHT') AND due_at <= now()
            AND address <> ALL (?) AND template = ANY (?)
            AND (
                SELECT stopped_at IS NULL OR probe_due_at <= now() FROM channels WHERE channel = ?
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
                AND (before.status = 'PENDING' AND before.attempts < 4
                    OR before.status = 'IN_FLIGHT' AND before.attempts <= 4)
        ))
        FROM events AS earlier
        WHERE earlier.case_id = (SELECT case_id FROM events WHERE id = message.event_id)
            AND earlier.sequence < (SELECT sequence FROM events WHERE id = message.event_id)
    ) - now()))::bigint
    FROM near AS message
    WHERE place <= ?
    ORDER BY due_at, id";

/// Claims by lease: no lock is held while a message is delivered, and the end of the lease is the
/// time at which the message is due again. What had nothing before it when it was chosen has
/// nothing before it now.
///
/// What waits for a message that is to be tried again waits as long as that, or it would stand in
/// the way of all that is due after it.
///
/// What another claims at the same time is skipped. A probe is taken by the one who gets to move
/// its time, which waits for a message that is due.
const TAKE: &str = "
    WITH put_off AS (
        UPDATE notifications SET due_at = now() + wait * interval '1 millisecond'
        FROM unnest(?::uuid[], ?::bigint[]) AS waiting (waiting_id, wait)
        WHERE id = waiting_id AND status = 'PENDING' AND due_at <= now()
    ), chosen AS (
        SELECT * FROM unnest(?::uuid[]) WITH ORDINALITY AS chosen (id, place)
    ), probe AS (
        UPDATE channels SET probe_due_at = now() + interval '1 minute'
        WHERE channel = ? AND probe_due_at <= now() AND EXISTS (SELECT FROM chosen)
        RETURNING channel
    ), free AS (
        SELECT notifications.id FROM notifications
        WHERE notifications.id IN (
                SELECT id FROM chosen
                ORDER BY place
                LIMIT (
                    SELECT CASE WHEN stopped_at IS NULL THEN NULL
                        ELSE (SELECT count(*) FROM probe) END
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
        coalesce(claimed.notice, events.snapshot), EXISTS (SELECT FROM probe), cases.id,
        cases.access_generation, claimed.is_asked_again,
        claimed.expires_at, coalesce(claimed.expires_at <= now(), false),
        events.actor_kind = 'CUSTOMER', events.address, claimed.admitted_at IS NOT NULL,
        claimed.held_back_at IS NOT NULL, coalesce(claimed.digest, '')
    FROM claimed
    JOIN chosen ON chosen.id = claimed.id
    JOIN events ON events.id = claimed.event_id
    JOIN cases ON cases.id = events.case_id
    ORDER BY chosen.place";

/// Ends what this store cannot read any more: it would come back at each end of its lease.
const GIVE_UP: &str = "
    UPDATE notifications SET status = 'DEAD', finished_at = now(), last_error = reason
    FROM unnest(?::uuid[], ?::text[]) AS unreadable (unreadable_id, reason)
    WHERE id = unreadable_id AND status = 'IN_FLIGHT'";

/// What may be claimed, and what has to wait.
#[derive(Default)]
pub(super) struct Chosen {
    ids: Vec<Uuid>,
    waiting: Vec<Uuid>,
    waits: Vec<i64>,
}

type DueColumns = (SqlUuid, Text, Nullable<BigInt>);

/// What is due; see [`CHOOSE`].
type DueRow = (Uuid, String, Option<i64>);

type ClaimedColumns = (
    SqlUuid,
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
    SqlUuid,
    Integer,
    Bool,
    Nullable<Timestamptz>,
    Bool,
    Bool,
    Nullable<Text>,
    Bool,
    Bool,
    Text,
);

/// Chooses what may be claimed, the longest due first.
pub(super) async fn choose(
    connection: &mut AsyncPgConnection,
    claim: &Claim,
) -> QueryResult<Chosen> {
    let mut capacity = ClaimCapacity::of(claim);
    let channel = claim.channel.as_str().to_owned();
    let full: Vec<_> = capacity.full().into_iter().map(str::to_owned).collect();
    let select: Sql<DueColumns> = Sql::prepared(
        CHOOSE,
        [
            channel.clone().into(),
            full.into(),
            Template::ALL.iter().map(|known| known.as_str().to_owned()).collect::<Vec<_>>().into(),
            channel.into(),
            (i64::from(claim.limit.get()) * i64::from(LOOKED_AT)).into(),
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

    /// Claims what was chosen and is still due.
    pub(super) async fn take(
        self,
        connection: &mut AsyncPgConnection,
        claim: &Claim,
    ) -> QueryResult<Vec<ClaimedRow>> {
        let channel = claim.channel.as_str().to_owned();
        let select: Sql<ClaimedColumns> = Sql::prepared(
            TAKE,
            [
                self.waiting.into(),
                self.waits.into(),
                self.ids.into(),
                channel.clone().into(),
                channel.into(),
                millis(claim.lease).into(),
            ],
        );
        select.load(connection).await
    }
}

// As the message that is made of it.
#[allow(clippy::struct_excessive_bools)]
#[derive(Queryable)]
pub(super) struct ClaimedRow {
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
    is_probe: bool,
    case_id: Uuid,
    access_generation: i32,
    is_asked_again: bool,
    expires_at: Option<DbTimestamp>,
    is_expired: bool,
    is_caused_by_customer: bool,
    client: Option<String>,
    is_admitted: bool,
    is_held_back: bool,
    digest: String,
}

/// Returns the messages of claimed rows, and gives up rows that are no messages: something else has
/// changed them, and they must not stand in the way of others.
pub(super) async fn read(
    connection: &mut AsyncPgConnection,
    rows: Vec<ClaimedRow>,
) -> QueryResult<Vec<ClaimedMessage>> {
    let mut messages = Vec::new();
    let (mut ids, mut reasons) = (Vec::new(), Vec::new());
    for row in rows {
        let id = row.id;
        match row.into_message() {
            Ok(message) => messages.push(message),
            Err(error) => {
                tracing::error!(notification = %id, %error, "a message cannot be read");
                ids.push(id);
                reasons.push(error.to_string());
            }
        }
    }
    if !ids.is_empty() {
        let update: Sql<()> = Sql::prepared(GIVE_UP, [ids.into(), reasons.into()]);
        update.execute(connection).await?;
    }
    Ok(messages)
}

impl ClaimedRow {
    fn into_message(self) -> Result<ClaimedMessage, InvalidColumn> {
        Ok(ClaimedMessage {
            id: NotificationId::from_u128(self.id.as_u128()),
            claim: ClaimToken(self.claim),
            attempt: self.attempts.try_into().map_err(|_| InvalidColumn { column: "attempts" })?,
            case_id: CaseId::from_u128(self.case_id.as_u128()),
            access_generation: access_generation(self.access_generation)?,
            case_number: case_number(&self.number_prefix, self.number_year, self.number_sequence)?,
            template: parse(&self.template, "template")?,
            address: address(&self.channel, &self.address)?,
            snapshot: self.snapshot,
            expires_at: self.expires_at.map(|at| at.0),
            is_expired: self.is_expired,
            is_asked_again: self.is_asked_again,
            is_probe: self.is_probe,
            is_caused_by_customer: self.is_caused_by_customer,
            // No message is lost because of an address that cannot be read.
            client: self.client.as_deref().and_then(|text| text.parse().ok()),
            is_admitted: self.is_admitted,
            is_held_back: self.is_held_back,
            gathered: digest_cases(&self.digest).map_err(|_| InvalidColumn { column: "digest" })?,
        })
    }
}
