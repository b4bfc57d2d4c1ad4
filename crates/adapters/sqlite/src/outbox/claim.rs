//! Claiming messages.
//!
//! A reader chooses, so that a long queue costs the one thread that writes nothing; that thread
//! takes what it still finds as it was chosen.

use std::num::NonZeroU32;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary, Nullable, Text};
use engage_domain::{CaseId, Channel, NotificationId, Template, Timestamp};
use engage_repository::{
    Claim, ClaimCapacity, ClaimToken, ClaimedMessage, RepositoryError, digest_cases,
};

use crate::case_rows::{access_generation, case_number, checked, id_bits, parse};
use crate::clock::now;
use crate::error::{InvalidColumn, repository_error};
use crate::notification_rows::address;
use crate::schema::{cases, channels, events, notifications};
use crate::sql::{Sql, execute};

/// How many due messages are looked at for each that is wanted: of those in front, many may be for
/// one address, of which only some may go.
const LOOKED_AT: i64 = 8;

/// How long after one probe of a stopped channel the next is due.
pub(super) const PROBE_INTERVAL: i64 = 60_000;

/// What is due, of the templates that this program knows: those of a newer one that works beside it are
/// left to that. Whether it waits for another is asked of those that may go otherwise.
///
/// The status is written out in these, since a partial index is used only where its condition
/// stands in the statement.
const FRONT: &str = "SELECT id, address FROM notifications
    WHERE status IN ('PENDING', 'IN_FLIGHT') AND due_at <= ?
        AND channel = ? AND address NOT IN (SELECT value FROM json_each(?))
        AND template IN (SELECT value FROM json_each(?))
    ORDER BY due_at, id
    LIMIT ?";

/// Until when a message waits for those of earlier events of its case to the same address that are
/// still to arrive; 0 where they are on their way, nothing where there are none.
///
/// CROSS JOIN keeps SQLite, which has no statistics, to the order of the tables.
const WAITS_UNTIL: &str = "
    SELECT max(CASE before.status WHEN 'PENDING' THEN before.due_at ELSE 0 END)
    FROM notifications AS message
    CROSS JOIN events AS own ON own.id = message.event_id
    CROSS JOIN events AS earlier
        ON earlier.case_id = own.case_id AND earlier.sequence < own.sequence
    CROSS JOIN notifications AS before ON before.event_id = earlier.id
    WHERE message.id = ?
        AND before.channel = message.channel AND before.address = message.address
        AND before.held_back_at IS NULL
        AND (before.status = 'PENDING' AND before.attempts < 4
            OR before.status = 'IN_FLIGHT' AND before.attempts <= 4)";

/// Claims by lease: the end of the lease is the time at which the message is due again. What had
/// nothing before it when it was chosen has nothing before it now.
const TAKE: &str = "
    UPDATE notifications
    SET status = 'IN_FLIGHT', attempts = attempts + 1, claim = claim + 1, due_at = ?
    WHERE id = ? AND claim = ? AND attempts = ?
        AND status IN ('PENDING', 'IN_FLIGHT') AND due_at <= ?";

/// What waits for a message that is to be tried again waits as long as that, or it would stand in
/// the way of all that is due after it.
const PUT_OFF: &str = "
    UPDATE notifications SET due_at = ? WHERE id = ? AND status = 'PENDING' AND due_at <= ?";

/// Ends what this store cannot read any more: it would come back at each end of its lease.
const GIVE_UP: &str = "
    UPDATE notifications SET status = 'DEAD', finished_at = ?, last_error = ? WHERE id = ?";

/// What a reader chose.
#[derive(Default)]
pub(super) struct Chosen {
    messages: Vec<ChosenRow>,
    /// Those that wait for others, and until when.
    waiting: Vec<(Vec<u8>, i64)>,
}

impl Chosen {
    pub(super) fn is_empty(&self) -> bool {
        self.messages.is_empty() && self.waiting.is_empty()
    }
}

/// A message that may be claimed.
#[derive(Clone, Queryable)]
struct ChosenRow {
    id: Vec<u8>,
    claim: i64,
    attempts: i32,
    case_id: Vec<u8>,
    access_generation: i32,
    number_prefix: String,
    number_year: i32,
    number_sequence: i64,
    channel: String,
    template: String,
    address: String,
    notice: Option<String>,
    is_asked_again: bool,
    expires_at: Option<i64>,
    snapshot: String,
    actor_kind: String,
    client: Option<String>,
    admitted_at: Option<i64>,
    held_back_at: Option<i64>,
    digest: Option<String>,
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
) -> Result<Chosen, RepositoryError> {
    let limit = match gate(connection, claim.channel.as_str())? {
        Gate::Open => claim.limit,
        Gate::Probe => NonZeroU32::MIN,
        Gate::Shut => return Ok(Chosen::default()),
    };
    let mut capacity = ClaimCapacity::of(&Claim { limit, ..claim.clone() });
    let mut chosen = Chosen::default();
    for (id, address) in front(connection, claim.channel, &capacity, limit)? {
        if capacity.are_taken() {
            break;
        }
        if !capacity.has_one_for(&address) {
            continue;
        }
        match waits_until(connection, &id)? {
            None => {
                capacity.take(address);
                chosen.messages.push(read(connection, &id)?);
            }
            Some(until) if until > now() => chosen.waiting.push((id, until)),
            Some(_) => {}
        }
    }
    Ok(chosen)
}

fn front(
    connection: &mut SqliteConnection,
    channel: Channel,
    capacity: &ClaimCapacity,
    limit: NonZeroU32,
) -> Result<Vec<(Vec<u8>, String)>, RepositoryError> {
    let full = serde_json::to_string(&capacity.full()).map_err(RepositoryError::internal)?;
    let known: Vec<_> = Template::ALL.iter().map(|known| known.as_str()).collect();
    let known = serde_json::to_string(&known).map_err(RepositoryError::internal)?;
    let select: Sql<(Binary, Text)> = Sql::prepared(
        FRONT,
        [
            now().into(),
            channel.as_str().into(),
            full.into(),
            known.into(),
            i64::from(limit.get()).saturating_mul(LOOKED_AT).into(),
        ],
    );
    select.load(connection).map_err(repository_error)
}

fn waits_until(
    connection: &mut SqliteConnection,
    id: &[u8],
) -> Result<Option<i64>, RepositoryError> {
    let select: Sql<Nullable<BigInt>> = Sql::prepared(WAITS_UNTIL, [id.to_vec().into()]);
    select.get_result(connection).map_err(repository_error)
}

fn read(connection: &mut SqliteConnection, id: &[u8]) -> Result<ChosenRow, RepositoryError> {
    notifications::table
        .find(id)
        .inner_join(events::table.inner_join(cases::table))
        .select((
            notifications::id,
            notifications::claim,
            notifications::attempts,
            cases::id,
            cases::access_generation,
            cases::number_prefix,
            cases::number_year,
            cases::number_sequence,
            notifications::channel,
            notifications::template,
            notifications::address,
            notifications::notice,
            notifications::is_asked_again,
            notifications::expires_at,
            events::snapshot,
            events::actor_kind,
            events::address,
            notifications::admitted_at,
            notifications::held_back_at,
            notifications::digest,
        ))
        .first(connection)
        .map_err(repository_error)
}

/// Claims what was chosen and is still as it was then.
pub(super) fn take(
    connection: &mut SqliteConnection,
    channel: Channel,
    chosen: &Chosen,
    lease: i64,
) -> Result<Vec<ClaimedMessage>, RepositoryError> {
    put_off(connection, &chosen.waiting)?;
    let (is_probe, most) = match gate(connection, channel.as_str())? {
        Gate::Open => (false, usize::MAX),
        Gate::Probe => (true, 1),
        Gate::Shut => return Ok(Vec::new()),
    };
    let mut taken = Vec::new();
    for row in &chosen.messages {
        if taken.len() < most && row.take(connection, lease)? {
            match row.clone().into_message(is_probe) {
                Ok(message) => taken.push(message),
                Err(error) => row.give_up(connection, &error)?,
            }
        }
    }
    if is_probe && !taken.is_empty() {
        diesel::update(channels::table.find(channel.as_str()))
            .set(channels::probe_due_at.eq(now().saturating_add(PROBE_INTERVAL)))
            .execute(connection)
            .map_err(repository_error)?;
    }
    Ok(taken)
}

fn put_off(
    connection: &mut SqliteConnection,
    waiting: &[(Vec<u8>, i64)],
) -> Result<(), RepositoryError> {
    for (id, until) in waiting {
        let values = [(*until).into(), id.clone().into(), now().into()];
        execute(connection, PUT_OFF, values).map_err(repository_error)?;
    }
    Ok(())
}

impl ChosenRow {
    fn take(&self, connection: &mut SqliteConnection, lease: i64) -> Result<bool, RepositoryError> {
        let now = now();
        let values = [
            now.saturating_add(lease).into(),
            self.id.clone().into(),
            self.claim.into(),
            i64::from(self.attempts).into(),
            now.into(),
        ];
        let update: Sql<()> = Sql::prepared(TAKE, values);
        Ok(update.execute(connection).map_err(repository_error)? == 1)
    }

    /// Gives up a row that is no message: something else has changed it, and it must not stand in the
    /// way of others.
    fn give_up(
        &self,
        connection: &mut SqliteConnection,
        error: &InvalidColumn,
    ) -> Result<(), RepositoryError> {
        let id = id_bits(&self.id, "notification id").map(NotificationId::from_u128);
        let notification = id.map_or_else(|_| "?".to_owned(), |id| id.to_string());
        tracing::error!(notification, %error, "a message cannot be read");
        let values = [now().into(), error.to_string().into(), self.id.clone().into()];
        execute(connection, GIVE_UP, values).map_err(repository_error)
    }

    fn into_message(self, is_probe: bool) -> Result<ClaimedMessage, InvalidColumn> {
        Ok(ClaimedMessage {
            id: NotificationId::from_u128(id_bits(&self.id, "notification id")?),
            claim: ClaimToken(self.claim + 1),
            attempt: checked(self.attempts + 1, Some, "attempts")?,
            case_id: CaseId::from_u128(id_bits(&self.case_id, "case id")?),
            access_generation: access_generation(self.access_generation)?,
            case_number: case_number(&self.number_prefix, self.number_year, self.number_sequence)?,
            template: parse(&self.template, "template")?,
            address: address(&self.channel, &self.address)?,
            snapshot: self.notice.unwrap_or(self.snapshot),
            expires_at: self.expires_at.map(Timestamp::from_millis),
            is_expired: self.expires_at.is_some_and(|at| at <= now()),
            is_asked_again: self.is_asked_again,
            is_probe,
            is_caused_by_customer: self.actor_kind == "CUSTOMER",
            // No message is lost because of an address that cannot be read.
            client: self.client.as_deref().and_then(|text| text.parse().ok()),
            is_admitted: self.admitted_at.is_some(),
            is_held_back: self.held_back_at.is_some(),
            gathered: digest_cases(self.digest.as_deref().unwrap_or_default())
                .map_err(|_| InvalidColumn { column: "digest" })?,
        })
    }
}
