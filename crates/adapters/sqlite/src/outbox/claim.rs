//! Claims of due notifications.
//!
//! A reader chooses, so that a long queue costs the one writer thread nothing. That thread claims the
//! chosen notifications that have not changed since.

use std::num::NonZeroU32;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};
use engage_domain::{CaseId, Channel, NotificationId, PersonId, Template};
use engage_repository::{
    Claim, ClaimCapacity, ClaimToken, ClaimedMessage, FAILURES_BEFORE_OVERTAKING, digest_cases,
};
use engage_sql::schema::{cases, events, notifications};
use engage_sql::{
    DbId, DbTimestamp, InvalidColumn, LOOKED_AT, MessageRecipient, NO_LONGER_TAKES_PART, SqlId,
    address, case_number, checked, parse, trace_context,
};

use super::trial_delivery::{Gate, gate, put_off_next};
use crate::clock::now;
use crate::sql::{Sql, execute};

/// Selects due notifications with templates that this program has. Others are left to a newer program
/// that works beside it. Whether a notification has to wait for another one is checked only if it
/// may be sent otherwise.
///
/// The status is written out, because a partial index is used only if its condition is in the
/// statement.
const FRONT: &str = "SELECT id, address FROM notifications
    WHERE status IN ('PENDING', 'IN_FLIGHT') AND due_at <= ?
        AND channel = ? AND address NOT IN (SELECT value FROM json_each(?))
        AND template IN (SELECT value FROM json_each(?))
    ORDER BY due_at, id
    LIMIT ?";

/// Selects the time until which a notification waits for those of earlier events of its case to the
/// same address that have not arrived: 0 if these are in flight, null if there are none.
///
/// CROSS JOIN fixes the order of the tables, because SQLite has no statistics.
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
        AND (before.status = 'PENDING' AND before.attempts < ?
            OR before.status = 'IN_FLIGHT' AND before.attempts <= ?)";

/// Claims a notification by a lease, at whose end it is due again. One that had no other to wait for
/// when it was chosen has none now.
const TAKE: &str = "
    UPDATE notifications
    SET status = 'IN_FLIGHT', attempts = attempts + 1, claim = claim + 1, due_at = ?
    WHERE id = ? AND claim = ? AND attempts = ?
        AND status IN ('PENDING', 'IN_FLIGHT') AND due_at <= ?";

/// Makes a notification that waits for another's retry due with that retry. Otherwise it would stay in
/// front of everything that is due later.
const PUT_OFF: &str = "
    UPDATE notifications SET due_at = ? WHERE id = ? AND status = 'PENDING' AND due_at <= ?";

/// Gives up a notification that cannot be read. It would come back at the end of each lease.
const GIVE_UP: &str = "
    UPDATE notifications SET status = 'DEAD', finished_at = ?, last_error = ? WHERE id = ?";

/// Cancels a notification to a participant who no longer takes part.
const CANCEL: &str = "
    UPDATE notifications SET status = 'CANCELLED', finished_at = ?, last_error = ? WHERE id = ?";

/// Notifications that a reader chose.
#[derive(Default)]
pub(super) struct Chosen {
    rows: Vec<ChosenRow>,
    /// Notifications that wait for others, and the times until which they do.
    waiting: Vec<(DbId<NotificationId>, i64)>,
}

impl Chosen {
    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty() && self.waiting.is_empty()
    }
}

/// A notification that may be claimed.
#[derive(Clone, Queryable)]
struct ChosenRow {
    id: DbId<NotificationId>,
    claim: i64,
    attempts: i32,
    case_id: DbId<CaseId>,
    access_generation: i32,
    number_prefix: String,
    number_year: i32,
    number_sequence: i64,
    channel: String,
    template: String,
    address: String,
    notice: Option<String>,
    is_asked_again: bool,
    expires_at: Option<DbTimestamp>,
    snapshot: String,
    actor_kind: String,
    client: Option<String>,
    admitted_at: Option<DbTimestamp>,
    held_back_at: Option<DbTimestamp>,
    digest: Option<String>,
    traceparent: Option<String>,
    tracestate: Option<String>,
    person: Option<DbId<PersonId>>,
    participants: Option<String>,
    participant_generations: Option<String>,
}

/// Chooses the notifications that may be claimed, the longest due first.
pub(super) fn choose(connection: &mut SqliteConnection, claim: &Claim) -> QueryResult<Chosen> {
    let limit = match gate(connection, claim.channel)? {
        Gate::Open => claim.limit,
        Gate::Trial => NonZeroU32::MIN,
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
        match waits_until(connection, id)? {
            None => {
                capacity.take(address);
                chosen.rows.push(read(connection, id)?);
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
) -> QueryResult<Vec<(DbId<NotificationId>, String)>> {
    let full: Vec<_> = capacity.full().into_iter().map(str::to_owned).collect();
    let known: Vec<_> = Template::ALL.iter().map(|known| known.as_str().to_owned()).collect();
    let select: Sql<(SqlId, Text)> = Sql::prepared(
        FRONT,
        [
            now().into(),
            channel.as_str().into(),
            full.into(),
            known.into(),
            i64::from(limit.get()).saturating_mul(LOOKED_AT.into()).into(),
        ],
    );
    select.load(connection)
}

fn waits_until(
    connection: &mut SqliteConnection,
    id: DbId<NotificationId>,
) -> QueryResult<Option<i64>> {
    let failures = i64::from(FAILURES_BEFORE_OVERTAKING);
    let values = [id.into(), failures.into(), failures.into()];
    let select: Sql<Nullable<BigInt>> = Sql::prepared(WAITS_UNTIL, values);
    select.get_result(connection)
}

fn read(connection: &mut SqliteConnection, id: DbId<NotificationId>) -> QueryResult<ChosenRow> {
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
            events::traceparent,
            events::tracestate,
            notifications::person_id,
            cases::participants,
            cases::participant_generations,
        ))
        .first(connection)
}

/// Claims the chosen notifications that have not changed since.
pub(super) fn take(
    connection: &mut SqliteConnection,
    channel: Channel,
    chosen: &Chosen,
    lease: i64,
) -> QueryResult<Vec<ClaimedMessage>> {
    put_off(connection, &chosen.waiting)?;
    let (is_trial, most) = match gate(connection, channel)? {
        Gate::Open => (false, usize::MAX),
        Gate::Trial => (true, 1),
        Gate::Shut => return Ok(Vec::new()),
    };
    let mut taken = Vec::new();
    for row in &chosen.rows {
        if taken.len() < most && row.take(connection, lease)? {
            match row.clone().into_message(is_trial) {
                Ok(message) if message.has_recipient() => taken.push(message),
                Ok(_) => row.finish(connection, CANCEL, NO_LONGER_TAKES_PART)?,
                Err(error) => row.give_up(connection, &error)?,
            }
        }
    }
    if is_trial && !taken.is_empty() {
        put_off_next(connection, channel)?;
    }
    Ok(taken)
}

fn put_off(
    connection: &mut SqliteConnection,
    waiting: &[(DbId<NotificationId>, i64)],
) -> QueryResult<()> {
    for (id, until) in waiting {
        let values = [(*until).into(), (*id).into(), now().into()];
        execute(connection, PUT_OFF, values)?;
    }
    Ok(())
}

impl ChosenRow {
    fn take(&self, connection: &mut SqliteConnection, lease: i64) -> QueryResult<bool> {
        let now = now();
        let values = [
            now.saturating_add(lease).into(),
            self.id.into(),
            self.claim.into(),
            i64::from(self.attempts).into(),
            now.into(),
        ];
        let update: Sql<()> = Sql::prepared(TAKE, values);
        Ok(update.execute(connection)? == 1)
    }

    /// Gives up a row that is not valid, which another program has changed, so that it does not block
    /// others.
    fn give_up(&self, connection: &mut SqliteConnection, error: &InvalidColumn) -> QueryResult<()> {
        tracing::error!(notification = %self.id.get(), %error, "a notification cannot be read");
        self.finish(connection, GIVE_UP, &error.to_string())
    }

    fn finish(
        &self,
        connection: &mut SqliteConnection,
        update: &'static str,
        reason: &str,
    ) -> QueryResult<()> {
        execute(connection, update, [now().into(), reason.into(), self.id.into()])
    }

    fn into_message(self, is_trial: bool) -> Result<ClaimedMessage, InvalidColumn> {
        let stored = (self.participants.as_deref(), self.participant_generations.as_deref());
        let recipient = MessageRecipient::new(self.person, self.access_generation, stored)?;
        Ok(ClaimedMessage {
            id: self.id.get(),
            claim: ClaimToken(self.claim + 1),
            attempt: checked(self.attempts + 1, Some, "attempts")?,
            case_id: self.case_id.get(),
            access_generation: recipient.access_generation,
            case_number: case_number(&self.number_prefix, self.number_year, self.number_sequence)?,
            template: parse(&self.template, "template")?,
            address: address(&self.channel, &self.address)?,
            person: recipient.person,
            participants: recipient.participants,
            snapshot: self.notice.unwrap_or(self.snapshot),
            expires_at: self.expires_at.map(|at| at.0),
            is_expired: self.expires_at.is_some_and(|at| at.as_millis() <= now()),
            is_asked_again: self.is_asked_again,
            is_trial,
            is_caused_by_customer: self.actor_kind == "CUSTOMER",
            // An address that cannot be read does not lose the notification.
            client: self.client.as_deref().and_then(|text| text.parse().ok()),
            trace: trace_context(self.traceparent.as_deref(), self.tracestate.as_deref()),
            is_admitted: self.admitted_at.is_some(),
            is_held_back: self.held_back_at.is_some(),
            gathered: digest_cases(self.digest.as_deref().unwrap_or_default())
                .map_err(|_| InvalidColumn { column: "digest" })?,
        })
    }
}
