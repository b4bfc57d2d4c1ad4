//! The one statement that keeps a batch of change sets.

use std::sync::LazyLock;

use diesel::QueryResult;
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::Text;
use engage_repository::{ChangeSet, RepositoryError, SearchWords};
use serde::Serialize;
use uuid::Uuid;

use crate::case_rows::{CASE_COLUMNS, CaseRow};
use crate::history_rows::{AttachmentRow, EscalationRow, EventRow, UpdateRow};
use crate::outbox::NotificationRow;
use crate::search::vector_text;

/// Whether the change sets of a batch open cases or change them; also the place of the statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Open,
    Change,
}

/// New cases; those whose number or id is taken are left out.
const OPEN: &str = "
        INSERT INTO cases ({columns})
        SELECT {columns} FROM json_populate_recordset(NULL::cases, ?::json)
        ON CONFLICT DO NOTHING
        RETURNING id";

/// Changed cases; those that are not at the version before are left out.
const CHANGE: &str = "
        UPDATE cases SET ({columns}) = (SELECT {columns} FROM (SELECT changed.*) AS changed)
        FROM json_populate_recordset(NULL::cases, ?::json) AS changed
        WHERE cases.id = changed.id AND cases.version = changed.version - 1
        RETURNING cases.id";

/// The events of the cases that were written.
const EVENTS: &str = ", event AS (
        INSERT INTO events (id, case_id, sequence, type, timestamp, actor_kind, actor_id,
            actor_name, visibility, changes, snapshot)
        SELECT id, case_id, sequence, type, timestamp, actor_kind, actor_id, actor_name,
            visibility, changes, snapshot
        FROM json_populate_recordset(NULL::events, ?::json)
        WHERE case_id IN (SELECT id FROM written)
        RETURNING id
    )";

/// The words by which new cases are found.
const NEW_WORDS: &str = ", words AS (
        INSERT INTO case_search (case_id, number_prefix, number_year, number_sequence, words)
        SELECT case_id, number_prefix, number_year, number_sequence, words
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

/// The four statements there are: by kind, and by whether there are conversations. A case gets
/// words when it is opened, and more of them where somebody writes.
static STATEMENTS: LazyLock<[[String; 2]; 2]> = LazyLock::new(|| {
    let with = |cases: &str, more: &str| {
        let cases = cases.replace("{columns}", &CASE_COLUMNS.join(", "));
        format!("WITH written AS ({cases}\n    ){EVENTS}{more}{NOTIFICATIONS}")
    };
    [
        [with(OPEN, NEW_WORDS), with(OPEN, &format!("{NEW_WORDS}{CONVERSATIONS}"))],
        [with(CHANGE, ""), with(CHANGE, &format!("{MORE_WORDS}{CONVERSATIONS}"))],
    ]
});

/// A batch, each table's rows as JSON, in the order in which the statement takes them.
pub(super) struct Batch {
    sql: &'static str,
    tables: Vec<String>,
}

/// Words of a case as a row of `case_search`.
#[derive(Serialize)]
struct WordsRow {
    case_id: Uuid,
    number_prefix: String,
    number_year: i16,
    number_sequence: u64,
    words: String,
}

impl WordsRow {
    fn new(kind: Kind, change_set: &ChangeSet, case_id: Uuid) -> Self {
        let updates = &change_set.event.updates;
        let words = match kind {
            Kind::Open => SearchWords::of_case(&change_set.case, updates),
            Kind::Change => SearchWords::of_updates(updates),
        };
        let number = change_set.case.number();
        Self {
            case_id,
            number_prefix: number.prefix().to_string(),
            number_year: number.year(),
            number_sequence: number.sequence(),
            words: vector_text(&words),
        }
    }
}

fn json<T: Serialize>(rows: &[T]) -> Result<String, RepositoryError> {
    serde_json::to_string(rows).map_err(RepositoryError::internal)
}

impl Batch {
    pub(super) fn new(kind: Kind, change_sets: &[&ChangeSet]) -> Result<Self, RepositoryError> {
        let mut cases = Vec::new();
        let mut words = Vec::new();
        let mut events = Vec::new();
        let mut updates = Vec::new();
        let mut attachments = Vec::new();
        let mut escalations = Vec::new();
        let mut notifications = Vec::new();
        for change_set in change_sets {
            let event = &change_set.event;
            let case_id = Uuid::from_u128(event.case_id.as_u128());
            cases.push(CaseRow::new(&change_set.case)?);
            events.push(EventRow::new(change_set, case_id)?);
            words.push(WordsRow::new(kind, change_set, case_id));
            escalations.extend(EscalationRow::new(event, case_id));
            for (position, update) in (0..).zip(&event.updates) {
                updates.push(UpdateRow::new(event, position, update));
                for (position, attachment) in (0..).zip(&update.attachments) {
                    attachments.push(AttachmentRow::new(update, position, attachment)?);
                }
            }
            let rows = change_set.messages.iter().map(|m| NotificationRow::new(event, m));
            notifications.extend(rows);
        }
        // An attachment belongs to an update.
        let has_conversations = !(updates.is_empty() && escalations.is_empty());
        let mut tables = vec![json(&cases)?, json(&events)?];
        if kind == Kind::Open || has_conversations {
            tables.push(json(&words)?);
        }
        if has_conversations {
            tables.extend([json(&updates)?, json(&attachments)?, json(&escalations)?]);
        }
        tables.push(json(&notifications)?);
        let sql = &STATEMENTS[kind as usize][usize::from(has_conversations)];
        Ok(Self { sql, tables })
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

// Without a static id diesel-async caches by the text, of which there are four.
impl QueryId for Batch {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Batch {
    type SqlType = diesel::sql_types::Uuid;
}
