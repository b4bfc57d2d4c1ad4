//! Claiming messages.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Integer, Text, Uuid as SqlUuid};
use engage_domain::{Address, Channel, NotificationId};
use engage_repository::{Claim, ClaimToken, ClaimedMessage};
use uuid::Uuid;

use super::millis;
use crate::case_rows::{case_number, parse};
use crate::error::InvalidColumn;
use crate::sql::Sql;

/// How many due messages are looked at for each that is wanted: of those in front, many may be for
/// one address, of which only some may go.
const LOOKED_AT: u32 = 8;

/// For how many messages of an address, for each that may go, it is looked whether something is
/// before it: each look takes three steps by index.
const LOOKED_BEFORE: u32 = 4;

/// Claims by lease: no lock is held while a message is delivered, and the end of the lease is the
/// time at which the message is due again.
///
/// Whether something is before a message is asked in subqueries of one table each, which leave
/// PostgreSQL nothing but the index. A join it would choose by statistics, which know nothing of a
/// queue that has just filled: it went through all messages there are, for each one.
///
/// What another claims at the same time is skipped. A probe is taken by the one who gets to move
/// its time, which waits for a message that is due.
const CLAIM: &str = "
    WITH front AS (
        SELECT id, event_id, channel, address, due_at FROM notifications
        WHERE channel = ? AND status IN ('PENDING', 'IN_FLIGHT') AND due_at <= now()
            AND address <> ALL (?)
        ORDER BY due_at, id
        LIMIT ?
    ), near AS (
        SELECT *, row_number() OVER (PARTITION BY address ORDER BY due_at, id) AS place FROM front
    ), due AS (
        SELECT id, address, due_at,
            row_number() OVER (PARTITION BY address ORDER BY due_at, id) AS place
        FROM near AS message
        WHERE place <= ? AND (
            SELECT true FROM events AS earlier
            WHERE earlier.case_id = (SELECT case_id FROM events WHERE id = message.event_id)
                AND earlier.sequence < (SELECT sequence FROM events WHERE id = message.event_id)
                AND (
                    SELECT true FROM notifications AS before
                    WHERE before.event_id = earlier.id AND before.channel = message.channel
                        AND before.address = message.address
                        AND (before.status = 'PENDING' AND before.attempts < 4
                            OR before.status = 'IN_FLIGHT' AND before.attempts <= 4)
                    LIMIT 1
                )
            LIMIT 1
        ) IS NULL
    ), allowed AS (
        SELECT due.id, due.due_at FROM due
        LEFT JOIN unnest(?::text[], ?::integer[]) AS busy (address, count)
            ON busy.address = due.address
        WHERE due.place + coalesce(busy.count, 0) <= ?
    ), probe AS (
        UPDATE channels SET probe_due_at = now() + interval '1 minute'
        WHERE channel = ? AND probe_due_at <= now() AND EXISTS (SELECT FROM allowed)
        RETURNING channel
    ), chosen AS (
        SELECT id FROM allowed
        ORDER BY due_at, id
        LIMIT (
            SELECT CASE WHEN stopped_at IS NULL THEN ?::bigint
                ELSE (SELECT count(*) FROM probe) END
            FROM channels WHERE channel = ?
        )
    ), free AS (
        SELECT id FROM notifications
        WHERE id IN (SELECT id FROM chosen)
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
        events.snapshot, EXISTS (SELECT FROM probe)
    FROM claimed
    JOIN due ON due.id = claimed.id
    JOIN events ON events.id = claimed.event_id
    JOIN cases ON cases.id = events.case_id
    ORDER BY due.due_at, claimed.id";

type ClaimedColumns =
    (SqlUuid, BigInt, Integer, Text, Integer, BigInt, Text, Text, Text, Text, Bool);

pub(super) fn select(claim: &Claim) -> Sql<ClaimedColumns> {
    let channel = claim.channel.as_str().to_owned();
    let most = claim.most_per_address.get();
    let mut busy: HashMap<String, u32> = HashMap::new();
    for (address, count) in &claim.under_way {
        *busy.entry(address.to_string()).or_default() += count;
    }
    let is_full = |count: &u32| *count >= most;
    let full: Vec<_> = busy.iter().filter(|(_, n)| is_full(n)).map(|(a, _)| a.clone()).collect();
    let (addresses, counts): (Vec<_>, Vec<_>) =
        busy.into_iter().map(|(address, count)| (address, saturated(count))).unzip();
    let limit = i64::from(claim.limit.get());
    Sql::prepared(
        CLAIM,
        [
            channel.clone().into(),
            full.into(),
            (limit * i64::from(LOOKED_AT)).into(),
            (i64::from(most) * i64::from(LOOKED_BEFORE)).into(),
            addresses.into(),
            counts.into(),
            i64::from(most).into(),
            channel.clone().into(),
            limit.into(),
            channel.into(),
            millis(claim.lease).into(),
        ],
    )
}

fn saturated(count: u32) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

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
}

impl ClaimedRow {
    pub(super) fn into_message(self) -> Result<ClaimedMessage, InvalidColumn> {
        Ok(ClaimedMessage {
            id: NotificationId::from_u128(self.id.as_u128()),
            claim: ClaimToken(self.claim),
            attempt: self.attempts.try_into().map_err(|_| InvalidColumn { column: "attempts" })?,
            case_number: case_number(&self.number_prefix, self.number_year, self.number_sequence)?,
            template: parse(&self.template, "template")?,
            address: address(&self.channel, &self.address)?,
            snapshot: self.snapshot,
            is_probe: self.is_probe,
        })
    }
}

pub(crate) fn address(channel: &str, text: &str) -> Result<Address, InvalidColumn> {
    let channel: Channel = parse(channel, "channel")?;
    Address::parse(channel, text).ok_or(InvalidColumn { column: "address" })
}
