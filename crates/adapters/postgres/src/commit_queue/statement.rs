//! The one statement that keeps a batch of change sets.

use std::sync::LazyLock;

use diesel::QueryResult;
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::Text;
use engage_repository::{ChangeSet, RepositoryError, SearchWords};
use serde::Serialize;
use uuid::Uuid;

use crate::case_rows::{CASE_COLUMNS, CaseRow, number_columns};
use crate::history_rows::{AttachmentRow, EscalationRow, EventRow, UpdateRow};
use crate::idempotency_rows::{KeyUse, StoredResponseRow};
use crate::notification_rows::NotificationRow;
use crate::search::vector_text;

/// Whether the change sets of a batch open cases or change them; also the place of the statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Open,
    Change,
}

/// Whether the directory is as the batch was planned by; it stays so until the statement ends.
const DIRECTORY: &str = "directory_now AS MATERIALIZED (
        SELECT coalesce(directory_version() = nullif(?, '')::bigint, true) AS is_current
    ), ";

/// Keeps nothing where it is not.
const DIRECTORY_IS_CURRENT: &str = "(SELECT is_current FROM directory_now)";

/// The answers that are to be kept under a key, in batches that have any.
const GIVEN_ANSWERS: &str = "given AS MATERIALIZED (
        SELECT * FROM json_populate_recordset(NULL::idempotency_keys, ?::json)
    ), ";

/// Leaves out changes under a key that another was kept under. Each key is looked up by a subquery of
/// its own: PostgreSQL takes JSON for many rows, and would join them with all keys there are.
const KEY_IS_FREE: &str = "0 = (
            SELECT count(*) FROM given
            WHERE given.case_id = changed.id AND given.changed_at < (
                SELECT kept.expires_at FROM idempotency_keys AS kept WHERE kept.key = given.key
            )
        )";

/// Keeps the answers, in the place of those that have expired. A key that another commit has taken
/// since this statement began fails the statement, by a null where none may be.
const ANSWERS: &str = ", kept_answer AS (
        INSERT INTO idempotency_keys (key, digest, case_id, version, answer, changed_at, expires_at)
        SELECT key, digest, case_id, version, answer, changed_at, expires_at FROM given
        WHERE case_id IN (SELECT id FROM written)
        ON CONFLICT (key) DO UPDATE SET
            digest = excluded.digest, case_id = excluded.case_id, version = excluded.version,
            answer = excluded.answer, expires_at = excluded.expires_at,
            changed_at = CASE
                WHEN idempotency_keys.expires_at <= excluded.changed_at THEN excluded.changed_at
            END
    )";

/// New cases; those whose number or id is taken are left out.
const OPEN: &str = "
        INSERT INTO cases ({columns})
        SELECT {columns} FROM json_populate_recordset(NULL::cases, ?::json) AS changed
        WHERE {directory_is_current} AND {key_is_free}
        ON CONFLICT DO NOTHING
        RETURNING id";

/// Changed cases; those that are not at the version before are left out.
const CHANGE: &str = "
        UPDATE cases SET ({columns}) = (SELECT {columns} FROM (SELECT changed.*) AS changed)
        FROM json_populate_recordset(NULL::cases, ?::json) AS changed
        WHERE cases.id = changed.id AND cases.version = changed.version - 1
            AND {directory_is_current} AND {key_is_free}
        RETURNING cases.id";

/// The events of the cases that were written.
const EVENTS: &str = ", event AS (
        INSERT INTO events (id, case_id, sequence, type, timestamp, actor_kind, actor_id,
            actor_name, visibility, changes, snapshot, credential, address, request_id)
        SELECT id, case_id, sequence, type, timestamp, actor_kind, actor_id, actor_name,
            visibility, changes, snapshot, credential, address, request_id
        FROM json_populate_recordset(NULL::events, ?::json)
        WHERE case_id IN (SELECT id FROM written)
        RETURNING id
    ), unplaced AS (
        INSERT INTO unplaced_events (event_id) SELECT id FROM event
    )";

/// The words by which new cases are found.
const NEW_WORDS: &str = ", words AS (
        INSERT INTO case_search
            (case_id, number_prefix, number_year, number_sequence, words, version)
        SELECT case_id, number_prefix, number_year, number_sequence, words, version
        FROM json_populate_recordset(NULL::case_search, ?::json)
        WHERE case_id IN (SELECT id FROM written)
    )";

/// The words that are added to those of cases. A vector has at most 1 MiB of words; one that has
/// 10,000 of them, of 64 bytes at most, still takes the 5,000 that one event can bring.
const MORE_WORDS: &str = ", words AS (
        UPDATE case_search SET words = case_search.words || more.words
        FROM json_populate_recordset(NULL::case_search, ?::json) AS more
        WHERE case_search.case_id = more.case_id AND length(case_search.words) <= 10000
            AND more.case_id IN (SELECT id FROM written)
    )";

/// What was written to the conversations, and the escalations: left out where a batch has none, as
/// when it only opens cases.
const CONVERSATIONS: &str = ", written_update AS (
        INSERT INTO updates (id, case_id, sequence, position, timestamp, author_kind, author_id,
            author_name, visibility, message)
        SELECT id, case_id, sequence, position, timestamp, author_kind, author_id, author_name,
            visibility, message
        FROM json_populate_recordset(NULL::updates, ?::json)
        WHERE case_id IN (SELECT id FROM written)
        RETURNING id
    ), attachment AS (
        INSERT INTO attachments (id, update_id, position, filename, content_type, size, hash)
        SELECT id, update_id, position, filename, content_type, size, hash
        FROM json_populate_recordset(NULL::attachments, ?::json)
        WHERE update_id IN (SELECT id FROM written_update)
    ), escalation AS (
        INSERT INTO escalations (case_id, sequence, reason, level, previous_urgency, new_urgency)
        SELECT case_id, sequence, reason, level, previous_urgency, new_urgency
        FROM json_populate_recordset(NULL::escalations, ?::json)
        WHERE case_id IN (SELECT id FROM written)
    )";

/// The messages that announce the events, and the ids of the cases that were written.
const NOTIFICATIONS: &str = ", notification AS (
        INSERT INTO notifications (id, event_id, channel, template, address, status, attempts,
            due_at, claim, created_at)
        SELECT id, event_id, channel, template, address, 'PENDING', 0, now(), 0, now()
        FROM json_populate_recordset(NULL::notifications, ?::json)
        WHERE event_id IN (SELECT id FROM event)
    )
    SELECT id FROM written";

/// The eight statements there are: by kind, by whether there are conversations, and by whether
/// answers are kept. A case gets words when it is opened, and more of them where somebody writes.
static STATEMENTS: LazyLock<[[[String; 2]; 2]; 2]> = LazyLock::new(|| {
    let with = |cases: &str, more: &str| {
        let cases = cases
            .replace("{columns}", &CASE_COLUMNS.join(", "))
            .replace("{directory_is_current}", DIRECTORY_IS_CURRENT);
        [("", "TRUE", ""), (GIVEN_ANSWERS, KEY_IS_FREE, ANSWERS)].map(
            |(given, is_free, answers)| {
                let cases = cases.replace("{key_is_free}", is_free);
                format!(
                    "WITH {DIRECTORY}{given}written AS ({cases}\n    ){EVENTS}{more}{answers}{NOTIFICATIONS}"
                )
            },
        )
    };
    [
        [with(OPEN, NEW_WORDS), with(OPEN, &format!("{NEW_WORDS}{CONVERSATIONS}"))],
        [with(CHANGE, ""), with(CHANGE, &format!("{MORE_WORDS}{CONVERSATIONS}"))],
    ]
});

/// What one change set writes: for each table its rows as JSON, as they stand in a list between the
/// commas. Made by each caller, so that the tasks that commit only put lists together.
pub(super) struct Rows {
    pub(super) kind: Kind,
    pub(super) case_id: Uuid,
    pub(super) event_id: Uuid,
    /// The version of the directory by which it was planned, if by any. A batch has one.
    pub(super) directory: Option<i64>,
    /// Under which key, where it is to take effect once.
    pub(super) key: Option<KeyUse>,
    answer: String,
    case: String,
    event: String,
    words: String,
    updates: String,
    attachments: String,
    escalation: String,
    notifications: String,
}

/// Words of a case as a row of `case_search`.
#[derive(Serialize)]
struct WordsRow {
    case_id: Uuid,
    number_prefix: String,
    number_year: i32,
    number_sequence: i64,
    words: String,
    version: i32,
}

impl WordsRow {
    fn new(change_set: &ChangeSet, case_id: Uuid) -> Result<Self, RepositoryError> {
        let (number_prefix, number_year, number_sequence) =
            number_columns(change_set.case.number()).map_err(RepositoryError::internal)?;
        let words = vector_text(&SearchWords::of_change(change_set));
        let version = SearchWords::VERSION;
        Ok(Self { case_id, number_prefix, number_year, number_sequence, words, version })
    }
}

impl Rows {
    pub(super) fn new(change_set: &ChangeSet) -> Result<Self, RepositoryError> {
        let event = &change_set.event;
        let case_id = Uuid::from_u128(event.case_id.as_u128());
        let kind = match change_set.base_version() {
            None => Kind::Open,
            Some(_) => Kind::Change,
        };
        let mut updates = Vec::new();
        let mut attachments = Vec::new();
        for (position, update) in (0..).zip(&event.updates) {
            updates.push(UpdateRow::new(event, position, update));
            for (position, attachment) in (0..).zip(&update.attachments) {
                attachments.push(AttachmentRow::new(update, position, attachment)?);
            }
        }
        let idempotency = change_set.idempotency.as_ref();
        let messages = &change_set.messages;
        let notifications: Vec<_> =
            messages.iter().map(|message| NotificationRow::new(event, message)).collect();
        Ok(Self {
            kind,
            case_id,
            event_id: Uuid::from_u128(event.id.as_u128()),
            directory: change_set.directory.map(|version| version.0),
            key: idempotency.map(|record| KeyUse { key: record.key, at: event.timestamp }),
            answer: items(
                idempotency.map(|record| StoredResponseRow::new(event, record)).as_slice(),
            )?,
            case: items(&[CaseRow::new(&change_set.case)?])?,
            event: items(&[EventRow::new(change_set, case_id)?])?,
            words: items(&[WordsRow::new(change_set, case_id)?])?,
            updates: items(&updates)?,
            attachments: items(&attachments)?,
            escalation: items(EscalationRow::new(event, case_id).as_slice())?,
            notifications: items(&notifications)?,
        })
    }

    pub(super) fn has_messages(&self) -> bool {
        !self.notifications.is_empty()
    }

    /// An attachment belongs to an update.
    fn has_conversation(&self) -> bool {
        !(self.updates.is_empty() && self.escalation.is_empty())
    }
}

/// A list as JSON without its brackets.
fn items<T: Serialize>(rows: &[T]) -> Result<String, RepositoryError> {
    let mut list = serde_json::to_string(rows).map_err(RepositoryError::internal)?;
    list.pop();
    list.remove(0);
    Ok(list)
}

/// A batch: the version of the directory, then each table's rows as JSON, in the order in which the statement takes them.
pub(super) struct Batch {
    sql: &'static str,
    tables: Vec<String>,
}

impl Batch {
    /// The statement for rows of one kind.
    pub(super) fn new(kind: Kind, rows: &[&Rows]) -> Self {
        let list = |items: fn(&Rows) -> &str| {
            let lists: Vec<_> =
                rows.iter().map(|rows| items(rows)).filter(|items| !items.is_empty()).collect();
            format!("[{}]", lists.join(","))
        };
        let has_conversations = rows.iter().any(|rows| rows.has_conversation());
        let has_answers = rows.iter().any(|rows| rows.key.is_some());
        let directory = rows.first().and_then(|rows| rows.directory);
        let mut tables = Vec::with_capacity(9);
        tables.push(directory.map(|version| version.to_string()).unwrap_or_default());
        if has_answers {
            tables.push(list(|rows| &rows.answer));
        }
        tables.extend([list(|rows| &rows.case), list(|rows| &rows.event)]);
        if kind == Kind::Open || has_conversations {
            tables.push(list(|rows| &rows.words));
        }
        if has_conversations {
            tables.extend([
                list(|rows| &rows.updates),
                list(|rows| &rows.attachments),
                list(|rows| &rows.escalation),
            ]);
        }
        tables.push(list(|rows| &rows.notifications));
        let statements = &STATEMENTS[kind as usize][usize::from(has_conversations)];
        Self { sql: &statements[usize::from(has_answers)], tables }
    }
}

impl QueryFragment<Pg> for Batch {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        let mut pieces = self.sql.split('?');
        out.push_sql(pieces.next().unwrap_or_default());
        for (table, piece) in self.tables.iter().zip(pieces) {
            out.push_bind_param::<Text, _>(table)?;
            out.push_sql(piece);
        }
        Ok(())
    }
}

// Without a static id diesel-async caches by the text, of which there are eight.
impl QueryId for Batch {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Batch {
    type SqlType = diesel::sql_types::Uuid;
}
