//! Claiming messages.
//!
//! A reader chooses, so that a long queue costs the one thread that writes nothing; that thread
//! takes what it still finds as it was chosen.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary, Integer, Text};
use engage_domain::{Address, Channel, NotificationId};
use engage_repository::{Claim, ClaimToken, ClaimedMessage, RepositoryError};

use crate::case_rows::{case_number, checked, id_bits, parse};
use crate::clock::now;
use crate::error::{InvalidColumn, repository_error};
use crate::schema::{cases, channels, events, notifications};
use crate::sql::Sql;

/// How many due messages are looked at for each that is wanted: of those in front, many may be for
/// one address, of which only some may go.
const LOOKED_AT: i64 = 8;

/// How long after one probe of a stopped channel the next is due.
pub(super) const PROBE_INTERVAL: i64 = 60_000;

/// What is due on a channel and has nothing before it: no earlier event of its case has a message
/// for the same address that is still to arrive.
///
/// The status is written out, since a partial index is used only where its condition stands in the
/// statement. CROSS JOIN keeps SQLite, which has no statistics, to the order of the tables.
macro_rules! may_go {
    () => {
        "message.status IN ('PENDING', 'IN_FLIGHT') AND message.due_at <= ?
        AND NOT EXISTS (
            SELECT 1 FROM events AS own
            CROSS JOIN events AS earlier
                ON earlier.case_id = own.case_id AND earlier.sequence < own.sequence
            CROSS JOIN notifications AS before ON before.event_id = earlier.id
            WHERE own.id = message.event_id AND before.channel = message.channel
                AND before.address = message.address
                AND (before.status = 'PENDING' AND before.attempts < 4
                    OR before.status = 'IN_FLIGHT' AND before.attempts <= 4)
        )"
    };
}

/// What is due, by the index alone; whether something is before it is asked of those that may go
/// otherwise.
const FRONT: &str = "SELECT id, address FROM notifications
    WHERE status IN ('PENDING', 'IN_FLIGHT') AND due_at <= ?
        AND channel = ? AND address NOT IN (SELECT value FROM json_each(?))
    ORDER BY due_at, id
    LIMIT ?";

const MAY_GO: &str = concat!(
    "SELECT count(*) FROM notifications AS message WHERE ",
    may_go!(),
    " AND message.id = ?"
);

const TAKE: &str = concat!(
    "UPDATE notifications AS message
    SET status = 'IN_FLIGHT', attempts = attempts + 1, claim = claim + 1, due_at = ?
    WHERE ",
    may_go!(),
    " AND message.id = ?
    RETURNING claim, attempts"
);

/// A message that may be claimed. None of this ever changes.
#[derive(Queryable)]
pub(super) struct ChosenRow {
    id: Vec<u8>,
    number_prefix: String,
    number_year: i32,
    number_sequence: i64,
    channel: String,
    template: String,
    address: String,
    snapshot: String,
}

/// What is claimed of the chosen messages.
#[derive(Default)]
pub(super) struct Taken {
    /// The claim and the attempts of each, in their order, where it was still to be had.
    claims: Vec<Option<(i64, i32)>>,
    is_probe: bool,
}

impl Taken {
    pub(super) fn is_empty(&self) -> bool {
        self.claims.iter().all(Option::is_none)
    }

    pub(super) fn messages_of(
        self,
        chosen: Vec<ChosenRow>,
    ) -> Result<Vec<ClaimedMessage>, InvalidColumn> {
        let taken = chosen.into_iter().zip(self.claims);
        let taken = taken.filter_map(|(row, claim)| Some((row, claim?)));
        taken.map(|(row, claim)| row.into_message(claim, self.is_probe)).collect()
    }
}

/// Whether a channel is stopped, and takes nothing but a probe now and then.
enum Gate {
    Open,
    Probe,
    Shut,
}

fn gate(connection: &mut SqliteConnection, channel: &str) -> Result<Gate, RepositoryError> {
    let probe_due_at: Option<i64> = channels::table
        .find(channel)
        .select(channels::probe_due_at)
        .first(connection)
        .map_err(repository_error)?;
    Ok(match probe_due_at {
        None => Gate::Open,
        Some(at) if at <= now() => Gate::Probe,
        Some(_) => Gate::Shut,
    })
}

/// Chooses what may be claimed, the longest due first.
pub(super) fn choose(
    connection: &mut SqliteConnection,
    claim: &Claim,
) -> Result<Vec<ChosenRow>, RepositoryError> {
    let limit = match gate(connection, claim.channel.as_str())? {
        Gate::Open => claim.limit.get(),
        Gate::Probe => 1,
        Gate::Shut => return Ok(Vec::new()),
    };
    let most = claim.most_per_address.get();
    let mut busy: HashMap<String, u32> = HashMap::new();
    for (address, count) in &claim.under_way {
        let busy = busy.entry(address.to_string()).or_default();
        *busy = busy.saturating_add(*count);
    }
    let full: Vec<_> = busy.iter().filter(|(_, count)| **count >= most).map(|(a, _)| a).collect();
    let front = front(connection, claim.channel, &full, limit)?;
    let mut chosen = Vec::new();
    for (id, address) in front {
        let busy = busy.entry(address).or_default();
        if *busy < most && may_go(connection, &id)? {
            *busy += 1;
            chosen.push(read(connection, &id)?);
        }
        if chosen.len() as u64 == u64::from(limit) {
            break;
        }
    }
    Ok(chosen)
}

fn front(
    connection: &mut SqliteConnection,
    channel: Channel,
    full: &[&String],
    limit: u32,
) -> Result<Vec<(Vec<u8>, String)>, RepositoryError> {
    let full = serde_json::to_string(full).map_err(RepositoryError::internal)?;
    let select: Sql<(Binary, Text)> = Sql::prepared(
        FRONT,
        [
            now().into(),
            channel.as_str().into(),
            full.into(),
            i64::from(limit).saturating_mul(LOOKED_AT).into(),
        ],
    );
    select.load(connection).map_err(repository_error)
}

fn may_go(connection: &mut SqliteConnection, id: &[u8]) -> Result<bool, RepositoryError> {
    let select: Sql<BigInt> = Sql::prepared(MAY_GO, [now().into(), id.to_vec().into()]);
    let count: i64 = select.get_result(connection).map_err(repository_error)?;
    Ok(count > 0)
}

fn read(connection: &mut SqliteConnection, id: &[u8]) -> Result<ChosenRow, RepositoryError> {
    notifications::table
        .find(id)
        .inner_join(events::table.inner_join(cases::table))
        .select((
            notifications::id,
            cases::number_prefix,
            cases::number_year,
            cases::number_sequence,
            notifications::channel,
            notifications::template,
            notifications::address,
            events::snapshot,
        ))
        .first(connection)
        .map_err(repository_error)
}

/// Claims by lease: the end of the lease is the time at which the message is due again.
pub(super) fn take(
    connection: &mut SqliteConnection,
    channel: Channel,
    ids: &[Vec<u8>],
    lease: i64,
) -> Result<Taken, RepositoryError> {
    let is_probe = match gate(connection, channel.as_str())? {
        Gate::Open => false,
        Gate::Probe => true,
        Gate::Shut => return Ok(Taken::default()),
    };
    let mut taken = Taken { claims: Vec::with_capacity(ids.len()), is_probe };
    for id in ids {
        if is_probe && !taken.is_empty() {
            break;
        }
        let now = now();
        let values = [now.saturating_add(lease).into(), now.into(), id.clone().into()];
        let update: Sql<(BigInt, Integer)> = Sql::prepared(TAKE, values);
        taken.claims.push(update.get_result(connection).optional().map_err(repository_error)?);
    }
    if is_probe && !taken.is_empty() {
        diesel::update(channels::table.find(channel.as_str()))
            .set(channels::probe_due_at.eq(now().saturating_add(PROBE_INTERVAL)))
            .execute(connection)
            .map_err(repository_error)?;
    }
    Ok(taken)
}

impl ChosenRow {
    pub(super) fn id(&self) -> &[u8] {
        &self.id
    }

    fn into_message(
        self,
        (claim, attempts): (i64, i32),
        is_probe: bool,
    ) -> Result<ClaimedMessage, InvalidColumn> {
        Ok(ClaimedMessage {
            id: NotificationId::from_u128(id_bits(&self.id, "notification id")?),
            claim: ClaimToken(claim),
            attempt: checked(attempts, Some, "attempts")?,
            case_number: case_number(&self.number_prefix, self.number_year, self.number_sequence)?,
            template: parse(&self.template, "template")?,
            address: address(&self.channel, &self.address)?,
            snapshot: self.snapshot,
            is_probe,
        })
    }
}

pub(crate) fn address(channel: &str, text: &str) -> Result<Address, InvalidColumn> {
    let channel: Channel = parse(channel, "channel")?;
    Address::parse(channel, text).ok_or(InvalidColumn { column: "address" })
}
