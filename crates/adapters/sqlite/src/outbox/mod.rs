//! Messages on their way out.

use std::num::NonZeroU32;
use std::time::Duration;

use async_trait::async_trait;
use diesel::prelude::*;
use engage_domain::{Address, Channel, Event, NotificationId};
use engage_repository::{
    ClaimToken, ClaimedMessage, Completion, OutboxMessage, OutboxRepository, RepositoryError,
};

use crate::case_rows::{case_number, id_bits, id_bytes, parse};
use crate::error::{InvalidColumn, repository_error};
use crate::schema::{cases, events, notifications};
use crate::store::SqliteStore;

/// The time by which messages are due. An embedded database's clock is the machine's.
#[allow(clippy::disallowed_methods)] // This is the adapter that the rule points to.
fn now() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

#[derive(Insertable)]
#[diesel(table_name = notifications, treat_none_as_default_value = false)]
pub(crate) struct NotificationRow {
    id: Vec<u8>,
    event_id: Vec<u8>,
    channel: &'static str,
    template: &'static str,
    address: String,
    status: &'static str,
    attempts: i32,
    due_at: i64,
    claim: i64,
    created_at: i64,
}

impl NotificationRow {
    pub(crate) fn new(event: &Event, message: &OutboxMessage) -> Self {
        let now = now();
        Self {
            id: id_bytes(message.id.as_u128()),
            event_id: id_bytes(event.id.as_u128()),
            channel: message.address.channel().as_str(),
            template: message.template.as_str(),
            address: message.address.to_string(),
            status: "PENDING",
            attempts: 0,
            due_at: now,
            claim: 0,
            created_at: now,
        }
    }
}

#[derive(Queryable)]
struct ClaimedRow {
    id: Vec<u8>,
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

impl ClaimedRow {
    fn into_message(self) -> Result<ClaimedMessage, InvalidColumn> {
        let channel: Channel = parse(&self.channel, "channel")?;
        let address = Address::parse(channel, &self.address);
        Ok(ClaimedMessage {
            id: NotificationId::from_u128(id_bits(&self.id, "notification id")?),
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
impl OutboxRepository for SqliteStore {
    async fn claim_due(
        &self,
        limit: NonZeroU32,
        lease: Duration,
    ) -> Result<Vec<ClaimedMessage>, RepositoryError> {
        // Looking costs the writer nothing, and mostly there is nothing.
        if !self.has_due_messages().await? {
            return Ok(Vec::new());
        }
        self.writer().write(move |connection| claim(connection, limit, lease)).await
    }

    async fn complete(
        &self,
        id: NotificationId,
        claim: ClaimToken,
        completion: Completion,
    ) -> Result<bool, RepositoryError> {
        self.writer()
            .write(move |connection| {
                let claimed = notifications::table
                    .find(id_bytes(id.as_u128()))
                    .filter(notifications::status.eq("IN_FLIGHT"))
                    .filter(notifications::claim.eq(claim.0));
                let completion = completion.clone();
                let uncounted = i32::from(!counts(&completion));
                let changed = diesel::update(claimed)
                    .set((
                        CompletionRow::from(completion),
                        notifications::attempts.eq(notifications::attempts - uncounted),
                    ))
                    .execute(connection)
                    .map_err(repository_error)?;
                Ok(changed == 1)
            })
            .await
    }
}

impl SqliteStore {
    async fn has_due_messages(&self) -> Result<bool, RepositoryError> {
        self.readers()
            .read(|connection| {
                let due = notifications::table
                    .filter(notifications::status.eq_any(["PENDING", "IN_FLIGHT"]))
                    .filter(notifications::due_at.le(now()));
                diesel::select(diesel::dsl::exists(due))
                    .get_result(connection)
                    .map_err(repository_error)
            })
            .await
    }
}

/// Makes every claimed message due at once. The attempts count: how they ended is not known.
pub(crate) fn give_back_claims(connection: &mut SqliteConnection) -> QueryResult<()> {
    diesel::update(notifications::table.filter(notifications::status.eq("IN_FLIGHT")))
        .set((
            notifications::status.eq("PENDING"),
            notifications::due_at.eq(now()),
            notifications::claim.eq(notifications::claim + 1),
        ))
        .execute(connection)?;
    Ok(())
}

fn claim(
    connection: &mut SqliteConnection,
    limit: NonZeroU32,
    lease: Duration,
) -> Result<Vec<ClaimedMessage>, RepositoryError> {
    let now = now();
    let due: Vec<Vec<u8>> = notifications::table
        .filter(notifications::status.eq_any(["PENDING", "IN_FLIGHT"]))
        .filter(notifications::due_at.le(now))
        .order_by((notifications::due_at, notifications::id))
        .limit(limit.get().into())
        .select(notifications::id)
        .load(connection)
        .map_err(repository_error)?;
    diesel::update(notifications::table.filter(notifications::id.eq_any(&due)))
        .set((
            notifications::status.eq("IN_FLIGHT"),
            notifications::attempts.eq(notifications::attempts + 1),
            notifications::claim.eq(notifications::claim + 1),
            notifications::due_at.eq(now.saturating_add(millis(lease))),
        ))
        .execute(connection)
        .map_err(repository_error)?;
    let rows: Vec<ClaimedRow> = notifications::table
        .inner_join(events::table.inner_join(cases::table))
        .filter(notifications::id.eq_any(&due))
        .order_by(notifications::id)
        .select((
            notifications::id,
            notifications::claim,
            notifications::attempts,
            cases::number_prefix,
            cases::number_year,
            cases::number_sequence,
            notifications::channel,
            notifications::template,
            notifications::address,
            events::snapshot,
        ))
        .load(connection)
        .map_err(repository_error)?;
    Ok(rows.into_iter().map(ClaimedRow::into_message).collect::<Result<_, _>>()?)
}

/// Whether an attempt that ended so counts as one.
fn counts(completion: &Completion) -> bool {
    match completion {
        Completion::Sent | Completion::Retry { .. } | Completion::Dead { .. } => true,
        Completion::Deferred { .. } | Completion::Released => false,
    }
}

/// How an attempt ended, as changes of the row; what is `None` stays as it is.
#[derive(AsChangeset)]
#[diesel(table_name = notifications)]
struct CompletionRow {
    status: &'static str,
    due_at: Option<i64>,
    last_error: Option<String>,
    finished_at: Option<i64>,
}

impl CompletionRow {
    fn due(status: &'static str, after: Duration, last_error: Option<String>) -> Self {
        let due_at = now().saturating_add(millis(after));
        Self { status, due_at: Some(due_at), last_error, finished_at: None }
    }

    fn finished(status: &'static str, last_error: Option<String>) -> Self {
        Self { status, due_at: None, last_error, finished_at: Some(now()) }
    }
}

impl From<Completion> for CompletionRow {
    fn from(completion: Completion) -> Self {
        match completion {
            Completion::Sent => Self::finished("SENT", None),
            Completion::Retry { after, reason } | Completion::Deferred { after, reason } => {
                Self::due("PENDING", after, Some(reason))
            }
            Completion::Dead { reason } => Self::finished("DEAD", Some(reason)),
            Completion::Released => Self::due("PENDING", Duration::ZERO, None),
        }
    }
}
