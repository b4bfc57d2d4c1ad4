//! The one statement that commits a batch of change sets.

use std::borrow::Cow;
use std::sync::LazyLock;

use diesel::QueryResult;
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::Text;
use engage_domain::{CaseId, EventId};
use engage_repository::{ChangeSet, RepositoryError, Revision};
use engage_sql::{
    AttachmentRow, CASE_COLUMNS, CaseRow, CaseTags, DbId, EndedParticipation, EventRow,
    NO_LONGER_TAKES_PART, NewEscalation, ParticipantAddresses, SqlId, StoredResponseRow, UpdateRow,
};
use serde::Serialize;

use super::rows::{NewNotification, WordsRow};
use crate::idempotency_keys::KeyUse;

/// Kind of the change sets of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Open,
    Change,
}

/// Compares the version of the directory with that of the plan. It stays the same until the statement
/// ends.
const DIRECTORY: &str = "directory_now AS MATERIALIZED (
        SELECT coalesce(directory_version() = nullif(?, '')::bigint, true) AS is_current
    ), ";

/// Commits nothing if the version differs.
const DIRECTORY_IS_CURRENT: &str = "(SELECT is_current FROM directory_now)";

/// Responses to store under an idempotency key, in batches that have any.
const GIVEN_RESPONSES: &str = "given AS MATERIALIZED (
        SELECT * FROM json_populate_recordset(NULL::idempotency_keys, ?::json)
    ), ";

/// Excludes changes under a used key. Each key is looked up by a separate subquery: PostgreSQL expects
/// many rows in JSON, and would join them with all keys.
const KEY_IS_FREE: &str = "0 = (
            SELECT count(*) FROM given
            WHERE given.case_id = changed.id AND given.changed_at < (
                SELECT kept.expires_at FROM idempotency_keys AS kept WHERE kept.key = given.key
            )
        )";

/// Stores the responses, in place of expired ones. If another commit has used a key since this statement
/// began, a null in a column that allows none fails the statement.
const RESPONSES: &str = ", kept_answer AS (
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

/// Inserts new cases, except for those whose number or id exists.
const OPEN: &str = "
        INSERT INTO cases ({columns})
        SELECT {columns} FROM json_populate_recordset(NULL::cases, ?::json) AS changed
        WHERE {directory_is_current} AND {key_is_free}
        ON CONFLICT DO NOTHING
        RETURNING id";

/// Updates changed cases, except for those that are not at the previous version.
const CHANGE: &str = "
        UPDATE cases SET ({columns}) = (SELECT {columns} FROM (SELECT changed.*) AS changed)
        FROM json_populate_recordset(NULL::cases, ?::json) AS changed
        WHERE cases.id = changed.id AND cases.version = changed.version - 1
            AND {directory_is_current} AND {key_is_free}
        RETURNING cases.id";

/// Inserts the events of the written cases.
const EVENTS: &str = ", event AS (
        INSERT INTO events (id, case_id, sequence, type, recent_type, timestamp, actor_kind,
            actor_id, actor_name, visibility, changes, snapshot, credential, address, request_id,
            traceparent, tracestate, person_id)
        SELECT id, case_id, sequence, type, recent_type, timestamp, actor_kind, actor_id,
            actor_name, visibility, changes, snapshot, credential, address, request_id, traceparent,
            tracestate, person_id
        FROM json_populate_recordset(NULL::events, ?::json)
        WHERE case_id IN (SELECT id FROM written)
        RETURNING id
    ), unplaced AS (
        INSERT INTO unplaced_events (event_id) SELECT id FROM event
    )";

/// Inserts the search words of new cases.
const NEW_WORDS: &str = ", words AS (
        INSERT INTO case_search
            (case_id, number_prefix, number_year, number_sequence, words, version)
        SELECT case_id, number_prefix, number_year, number_sequence, words, version
        FROM json_populate_recordset(NULL::case_search, ?::json)
        WHERE case_id IN (SELECT id FROM written)
    )";

/// Adds search words to those of cases. A vector holds at most 1 MiB of words. One of 10,000 words of at
/// most 64 bytes still has space for the 5,000 that one event can add.
const MORE_WORDS: &str = ", words AS (
        UPDATE case_search SET words = case_search.words || more.words
        FROM json_populate_recordset(NULL::case_search, ?::json) AS more
        WHERE case_search.case_id = more.case_id AND length(case_search.words) <= 10000
            AND more.case_id IN (SELECT id FROM written)
    )";

/// Inserts updates and escalations. Left out if a batch has none, such as one that only opens cases.
const CONVERSATIONS: &str = ", written_update AS (
        INSERT INTO updates (id, case_id, sequence, position, timestamp, author_kind, author_id,
            author_name, visibility, message, source, person_id, person_name, via_id, via_name)
        SELECT id, case_id, sequence, position, timestamp, author_kind, author_id, author_name,
            visibility, message, source, person_id, person_name, via_id, via_name
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

/// Cancels what waits for people who no longer take part, or was given up. What is in flight is not tried
/// again. The notifications were locked before the case, in the same order as completions do.
///
/// The events are an array, for which PostgreSQL looks the notifications up by the index. It would read
/// all of them for a join.
const CANCELLED: &str = ", ended AS MATERIALIZED (
        SELECT case_id, person_id
        FROM json_to_recordset(?::json) AS ended (case_id uuid, person_id uuid)
        WHERE case_id IN (SELECT id FROM written)
    ), undelivered AS (
        SELECT id FROM notifications
        WHERE event_id = ANY (ARRAY(
                SELECT events.id FROM events WHERE case_id IN (SELECT case_id FROM ended)
            ))
            AND person_id IN (SELECT person_id FROM ended)
            AND status IN ('PENDING', 'IN_FLIGHT', 'DEAD')
        ORDER BY id
        FOR UPDATE
    ), cancelled AS (
        UPDATE notifications
        SET status = 'CANCELLED', finished_at = now(), held_back_at = NULL, last_error = '{reason}'
        WHERE id IN (SELECT id FROM undelivered)
    )";

/// Stores the addresses of the participants of cases in which they changed, and deletes those of people who
/// are gone. The cases are an array, for which PostgreSQL uses the index.
const ADDRESSES: &str = ", present AS MATERIALIZED (
        SELECT case_id, addresses
        FROM json_to_recordset(?::json) AS present (case_id uuid, addresses text[])
        WHERE case_id IN (SELECT id FROM written)
    ), former_address AS (
        DELETE FROM case_participant_addresses
        WHERE case_id = ANY (ARRAY(SELECT case_id FROM present))
            AND (case_id, address) NOT IN (
                SELECT present.case_id, kept FROM present, unnest(addresses) AS kept
            )
    ), present_address AS (
        INSERT INTO case_participant_addresses (case_id, address)
        SELECT case_id, unnest(addresses) FROM present
        ON CONFLICT DO NOTHING
    )";

/// Stores the tags of cases in which they changed. A name without a tag violates the column, which has no
/// nulls.
const TAGS: &str = ", tagged AS MATERIALIZED (
        SELECT case_id, names
        FROM json_to_recordset(?::json) AS tagged (case_id uuid, names text[])
        WHERE case_id IN (SELECT id FROM written)
    ), wanted_tag AS MATERIALIZED (
        SELECT case_id, (SELECT tag_id FROM tag_names WHERE folded = name) AS tag_id
        FROM tagged, unnest(names) AS name
    ), former_tag AS (
        DELETE FROM case_tags
        WHERE case_id = ANY (ARRAY(SELECT case_id FROM tagged))
            AND (case_id, tag_id) NOT IN (SELECT case_id, tag_id FROM wanted_tag)
    ), present_tag AS (
        INSERT INTO case_tags (case_id, tag_id) SELECT case_id, tag_id FROM wanted_tag
        ON CONFLICT DO NOTHING
    )";

/// Inserts notifications, and selects the ids of the written cases.
const NOTIFICATIONS: &str = ", notification AS (
        INSERT INTO notifications (id, event_id, channel, template, address, status, attempts,
            due_at, claim, created_at, person_id)
        SELECT id, event_id, channel, template, address, 'PENDING', 0, now(), 0, now(), person_id
        FROM json_populate_recordset(NULL::notifications, ?::json)
        WHERE event_id IN (SELECT id FROM event)
    )
    SELECT id FROM written";

/// Rows that only some batches have.
#[derive(Debug, Clone, Copy)]
enum Part {
    /// Updates or escalations.
    Conversations,
    /// Responses to store under an idempotency key.
    Responses,
    /// Changes of participants. A new case has none.
    Participants,
    /// Changes of tags.
    Tags,
}

/// What the change sets of a batch contain, by which its statement is chosen.
#[derive(Debug, Clone, Copy)]
struct Contents {
    kind: Kind,
    /// Whether it has each [`Part`].
    parts: [bool; 4],
}

impl Contents {
    const COUNT: usize = 2 * (1 << 4);

    fn has(self, part: Part) -> bool {
        self.parts[part as usize]
    }

    fn number(self) -> usize {
        let add = |number, part| 2 * number + usize::from(part);
        self.parts.into_iter().fold(self.kind as usize, add)
    }

    fn of(number: usize) -> Self {
        Self {
            kind: if number < Self::COUNT / 2 { Kind::Open } else { Kind::Change },
            parts: [3, 2, 1, 0].map(|place| number >> place & 1 == 1),
        }
    }

    /// A case gets search words when it is opened, and more with each update.
    fn statement(self) -> String {
        let (cases, words) = match self.kind {
            Kind::Open => (OPEN, NEW_WORDS),
            Kind::Change if self.has(Part::Conversations) => (CHANGE, MORE_WORDS),
            Kind::Change => (CHANGE, ""),
        };
        let (given, is_free, responses) = if self.has(Part::Responses) {
            (GIVEN_RESPONSES, KEY_IS_FREE, RESPONSES)
        } else {
            ("", "TRUE", "")
        };
        let cases = cases
            .replace("{columns}", &CASE_COLUMNS.join(", "))
            .replace("{directory_is_current}", DIRECTORY_IS_CURRENT)
            .replace("{key_is_free}", is_free);
        let conversations = if self.has(Part::Conversations) { CONVERSATIONS } else { "" };
        let participants = if self.has(Part::Participants) {
            format!("{}{ADDRESSES}", CANCELLED.replace("{reason}", NO_LONGER_TAKES_PART))
        } else {
            String::new()
        };
        let tags = if self.has(Part::Tags) { TAGS } else { "" };
        format!(
            "WITH {DIRECTORY}{given}written AS ({cases}\n    )\
             {EVENTS}{words}{conversations}{responses}{participants}{tags}{NOTIFICATIONS}"
        )
    }
}

/// The statements, by the numbers of the contents.
static STATEMENTS: LazyLock<[String; Contents::COUNT]> =
    LazyLock::new(|| std::array::from_fn(|number| Contents::of(number).statement()));

/// The rows of one change set: for each table as JSON, without the brackets of a list. Built by each
/// caller, so that the commit tasks only concatenate lists.
pub(super) struct Rows {
    pub(super) kind: Kind,
    pub(super) case_id: DbId<CaseId>,
    pub(super) event_id: DbId<EventId>,
    /// Version of the directory with which the change was planned. It is the same in a batch.
    pub(super) directory: Option<i64>,
    /// Idempotency key of the change, if any.
    pub(super) key: Option<KeyUse>,
    /// Version of the case after the change.
    pub(super) version: i64,
    /// Changes to what was stored before.
    pub(super) revision: Option<Revision>,
    response: String,
    case: String,
    event: String,
    words: String,
    updates: String,
    attachments: String,
    escalation: String,
    /// Participations whose notifications are cancelled.
    ended: String,
    /// Addresses of the participants, if the change is of participants.
    addresses: String,
    /// Tags of the case, if the change is of tags.
    tags: String,
    notifications: String,
}

impl Rows {
    pub(super) fn new(change_set: &ChangeSet) -> Result<Self, RepositoryError> {
        let event = &change_set.event;
        let case_id = DbId::from(event.case_id);
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
        let snapshot = Cow::Borrowed(&*change_set.snapshot);
        let idempotency = change_set.idempotency.as_ref();
        let messages = &change_set.messages;
        let notifications: Vec<_> =
            messages.iter().map(|message| NewNotification::new(event, message)).collect();
        Ok(Self {
            kind,
            case_id,
            event_id: event.id.into(),
            directory: change_set.directory.map(|version| version.0),
            version: change_set.case.version().get().into(),
            revision: change_set.revision.clone(),
            key: idempotency.map(|record| KeyUse { key: record.key, at: event.timestamp }),
            response: items(
                idempotency.map(|record| StoredResponseRow::new(event, record.clone())).as_slice(),
            )?,
            case: items(&[CaseRow::new(&change_set.case)?])?,
            event: items(&[EventRow::new(event, snapshot, Cow::Borrowed(&change_set.origin))?])?,
            words: items(&[WordsRow::new(change_set)?])?,
            updates: items(&updates)?,
            attachments: items(&attachments)?,
            escalation: items(NewEscalation::of(event).as_slice())?,
            ended: items(&EndedParticipation::of(event))?,
            addresses: items(ParticipantAddresses::of(&change_set.case, event).as_slice())?,
            tags: items(CaseTags::of(&change_set.case, event).as_slice())?,
            notifications: items(&notifications)?,
        })
    }

    pub(super) fn has_notifications(&self) -> bool {
        !self.notifications.is_empty()
    }

    /// Checks whether notifications of the case may be cancelled, which are locked before the case.
    pub(super) fn cancels_notifications(&self) -> bool {
        let revision = self.revision.as_ref();
        !self.ended.is_empty()
            || revision.is_some_and(|revision| {
                !revision.former_addresses.is_empty() || revision.people.is_some()
            })
    }

    /// Checks whether the change set needs a transaction of its own.
    pub(super) fn is_committed_alone(&self) -> bool {
        self.revision.is_some() || self.cancels_notifications()
    }

    /// Returns whether there are updates or escalations. An attachment belongs to an update.
    fn has_conversation(&self) -> bool {
        !(self.updates.is_empty() && self.escalation.is_empty())
    }
}

/// Returns a list as JSON without its brackets.
fn items<T: Serialize>(rows: &[T]) -> Result<String, RepositoryError> {
    let mut list = serde_json::to_string(rows).map_err(RepositoryError::internal)?;
    list.pop();
    list.remove(0);
    Ok(list)
}

/// A batch: the version of the directory, then the rows of each table as JSON, in the order of the
/// statement.
pub(super) struct Batch {
    sql: &'static str,
    tables: Vec<String>,
}

impl Batch {
    /// Builds the batch of rows of one kind.
    pub(super) fn new(kind: Kind, rows: &[&Rows]) -> Self {
        let list = |items: fn(&Rows) -> &str| {
            let lists: Vec<_> =
                rows.iter().map(|rows| items(rows)).filter(|items| !items.is_empty()).collect();
            format!("[{}]", lists.join(","))
        };
        let any = |has: fn(&Rows) -> bool| rows.iter().any(|rows| has(rows));
        let of_participants = kind == Kind::Change && any(|rows| !rows.addresses.is_empty());
        let contents = Contents {
            kind,
            parts: [
                any(Rows::has_conversation),
                any(|rows| rows.key.is_some()),
                of_participants,
                any(|rows| !rows.tags.is_empty()),
            ],
        };
        let directory = rows.first().and_then(|rows| rows.directory);
        let mut tables = Vec::with_capacity(12);
        tables.push(directory.map(|version| version.to_string()).unwrap_or_default());
        if contents.has(Part::Responses) {
            tables.push(list(|rows| &rows.response));
        }
        tables.extend([list(|rows| &rows.case), list(|rows| &rows.event)]);
        if kind == Kind::Open || contents.has(Part::Conversations) {
            tables.push(list(|rows| &rows.words));
        }
        if contents.has(Part::Conversations) {
            tables.extend([
                list(|rows| &rows.updates),
                list(|rows| &rows.attachments),
                list(|rows| &rows.escalation),
            ]);
        }
        if contents.has(Part::Participants) {
            tables.extend([list(|rows| &rows.ended), list(|rows| &rows.addresses)]);
        }
        if contents.has(Part::Tags) {
            tables.push(list(|rows| &rows.tags));
        }
        tables.push(list(|rows| &rows.notifications));
        Self { sql: &STATEMENTS[contents.number()], tables }
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

// Without a static id diesel-async caches by the text. There are 32 texts, few of which are usual.
impl QueryId for Batch {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Batch {
    type SqlType = SqlId;
}
