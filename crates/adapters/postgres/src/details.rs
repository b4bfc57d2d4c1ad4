//! Cases with their details, read by one statement: one round trip and one consistent state.

use std::sync::LazyLock;

use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{Integer, Nullable, Text};
use engage_domain::case::Escalation;
use engage_domain::{
    Attachment, AttachmentId, CaseId, CaseNumber, PersonId, Timestamp, Update, UpdateId, Version,
};
use engage_repository::{
    LISTED_ESCALATIONS, ParticipantView, RepositoryError, UpdateCursor, UpdatePage, UpdatesWanted,
};
use engage_sql::{
    Author, CASE_COLUMNS, CaseColumnTypes, CaseRow, DbId, DbTimestamp, EscalationRow,
    GenerationsRow, InvalidColumn, TAG_NAMES, TagsRow, checked, count_column, number_columns,
    parse, update_source,
};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::sql::Sql;

/// The part of a case that is read.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Scope {
    /// Public updates only, which the customer may see. A participant may see those in their view.
    Public(Option<ParticipantView>),
    /// All updates, and the escalations.
    All,
}

const TEXT: &str = "
    SELECT {columns}, staff.id, staff.name,
        (
            SELECT json_agg(entry ORDER BY entry.sequence DESC, entry.position DESC) FROM (
                SELECT updates.*, extract(epoch FROM updates.timestamp) * 1000 AS millis, (
                    SELECT json_agg(file ORDER BY file.position) FROM (
                        SELECT attachments.*, encode(attachments.hash, 'hex') AS digest
                        FROM attachments WHERE attachments.update_id = updates.id
                    ) AS file
                ) AS files
                FROM updates WHERE updates.case_id = c.id {of_updates} {before}
                ORDER BY updates.sequence DESC, updates.position DESC LIMIT {limit}
            ) AS entry
        )::text,
        {escalations}::text, c.access_generation, c.proof_generation, c.participant_generations,
        {tags}
    FROM cases AS c LEFT JOIN staff ON staff.id = c.assigned_to
    WHERE c.number_year = ? AND c.number_sequence = ? AND c.number_prefix = ?";

const ESCALATIONS: &str = "
        (
            SELECT json_agg(entry ORDER BY entry.sequence) FROM (
                SELECT escalations.*, extract(epoch FROM events.timestamp) * 1000 AS millis,
                    events.actor_kind AS author_kind, events.actor_id AS author_id,
                    events.actor_name AS author_name
                FROM escalations JOIN events USING (case_id, sequence)
                WHERE escalations.case_id = c.id
                ORDER BY escalations.sequence DESC LIMIT {listed}
            ) AS entry
        )";

/// A page of the conversation in the text of a statement.
///
/// The limit of a page of the newest updates is written out. With a bound limit PostgreSQL considers a
/// plan for the bound values cheaper than the generic one. It would then plan the statement each time,
/// which takes longer than everything else.
#[derive(Clone, Copy)]
enum Page {
    Newest(u32),
    Any,
}

fn text(scope: Scope, page: Page) -> String {
    let (of_updates, escalations) = match scope {
        Scope::Public(None) => ("AND updates.visibility = 'PUBLIC'", "NULL".to_owned()),
        Scope::Public(Some(_)) => (
            "AND updates.visibility = 'PUBLIC'
                    AND (updates.timestamp >= ? OR updates.person_id = ?)",
            "NULL".to_owned(),
        ),
        Scope::All => ("", ESCALATIONS.replace("{listed}", &LISTED_ESCALATIONS.to_string())),
    };
    let (before, limit) = match page {
        Page::Newest(limit) => ("", limit.to_string()),
        Page::Any => ("AND (updates.sequence, updates.position) < (?, ?)", "?".to_owned()),
    };
    let columns: Vec<_> = CASE_COLUMNS.iter().map(|column| format!("c.{column}")).collect();
    TEXT.replace("{columns}", &columns.join(", "))
        .replace("{of_updates}", of_updates)
        .replace("{before}", before)
        .replace("{limit}", &limit)
        .replace("{escalations}", &escalations)
        .replace("{tags}", TAG_NAMES)
}

pub(crate) static PUBLIC: LazyLock<String> = LazyLock::new(|| text(Scope::Public(None), Page::Any));
/// The text does not depend on the values of the view.
static VIEWED: LazyLock<String> = LazyLock::new(|| {
    let (person, reads_from) = (PersonId::from_u128(0), Timestamp::from_millis(0));
    text(Scope::Public(Some(ParticipantView { person, reads_from })), Page::Any)
});
pub(crate) static ALL: LazyLock<String> = LazyLock::new(|| text(Scope::All, Page::Any));

/// The usual numbers of newest updates: a page, and the latest only. One more is selected, which tells
/// whether there are older ones.
const USUAL_LIMITS: [u32; 2] = [UpdatesWanted::PAGE.get(), UpdatesWanted::LATEST.limit.get()];

static NEWEST_PUBLIC: LazyLock<[String; 2]> =
    LazyLock::new(|| USUAL_LIMITS.map(|limit| text(Scope::Public(None), Page::Newest(limit + 1))));
static NEWEST: LazyLock<[String; 2]> =
    LazyLock::new(|| USUAL_LIMITS.map(|limit| text(Scope::All, Page::Newest(limit + 1))));

/// Returns the statement for a usual number of the newest updates, if that is requested.
pub(crate) fn newest(scope: Scope, wanted: &UpdatesWanted) -> Option<&'static str> {
    let usual = USUAL_LIMITS.iter().position(|limit| *limit == wanted.limit.get());
    let usual = usual.filter(|_| wanted.before.is_none())?;
    match scope {
        Scope::Public(None) => Some(&NEWEST_PUBLIC[usual]),
        Scope::Public(Some(_)) => None,
        Scope::All => Some(&NEWEST[usual]),
    }
}

/// SQL types of the columns of a [`SelectedCase`].
pub(crate) type DetailColumns = (
    CaseColumnTypes<Pg>,
    Nullable<(Text, Text)>,
    Nullable<Text>,
    Nullable<Text>,
    (Integer, Nullable<Integer>, Nullable<Text>),
    (Nullable<Text>,),
);

/// Selects a case by its number. Returns nothing if no case can have the number.
pub(crate) fn select(
    number: &CaseNumber,
    scope: Scope,
    updates: &UpdatesWanted,
) -> Option<Sql<DetailColumns>> {
    let (prefix, year, sequence) = number_columns(number).ok()?;
    if let Some(text) = newest(scope, updates) {
        return Some(Sql::prepared(text, [year.into(), sequence.into(), prefix.into()]));
    }
    let (before, position) = updates.before.map_or((i64::MAX, 0), |place| {
        (i64::from(place.sequence.get()), count_column(place.position))
    });
    // One more update tells whether there are older ones.
    let limit = i64::from(updates.limit.get()) + 1;
    let (text, view) = match scope {
        Scope::Public(None) => (&*PUBLIC, Vec::new()),
        Scope::Public(Some(ParticipantView { person, reads_from })) => {
            (&*VIEWED, vec![DbTimestamp(reads_from).into(), DbId::from(person).into()])
        }
        Scope::All => (&*ALL, Vec::new()),
    };
    let page = [before.into(), position.into(), limit.into()];
    let number = [year.into(), sequence.into(), prefix.into()];
    let mut select = Sql::new("");
    select.push_with(text, view.into_iter().chain(page).chain(number));
    Some(select.prepare_once())
}

/// A case, its assignee, and its updates and escalations as JSON.
#[derive(Queryable)]
pub(crate) struct SelectedCase {
    pub(crate) case: CaseRow,
    pub(crate) assignee: Option<(String, String)>,
    updates: Option<String>,
    escalations: Option<String>,
    pub(crate) generations: GenerationsRow,
    pub(crate) tags: TagsRow,
}

impl SelectedCase {
    /// Returns the requested page of updates.
    pub(crate) fn take_updates(
        &mut self,
        wanted: &UpdatesWanted,
    ) -> Result<UpdatePage, RepositoryError> {
        let entries: Vec<StoredUpdate> = entries(self.updates.take())?;
        let found = entries.into_iter().map(StoredUpdate::into_update).collect::<Result<_, _>>()?;
        Ok(UpdatePage::from_newest(found, wanted))
    }

    /// Returns the escalations, oldest first.
    pub(crate) fn take_escalations(&mut self) -> Result<Vec<Escalation>, RepositoryError> {
        let entries: Vec<EscalationRow> = entries(self.escalations.take())?;
        Ok(entries.into_iter().map(EscalationRow::into_escalation).collect::<Result<_, _>>()?)
    }
}

/// Reads aggregated rows. An aggregate of no rows is null.
fn entries<T: DeserializeOwned>(json: Option<String>) -> Result<Vec<T>, RepositoryError> {
    json.map_or_else(|| Ok(Vec::new()), |json| serde_json::from_str(&json))
        .map_err(RepositoryError::internal)
}

#[derive(Deserialize)]
struct StoredUpdate {
    id: DbId<UpdateId>,
    case_id: DbId<CaseId>,
    sequence: u32,
    position: u32,
    millis: DbTimestamp,
    author_kind: String,
    author_id: Option<String>,
    author_name: Option<String>,
    visibility: String,
    message: String,
    source: Option<String>,
    person_id: Option<DbId<PersonId>>,
    person_name: Option<String>,
    via_id: Option<String>,
    via_name: Option<String>,
    files: Option<Vec<StoredAttachment>>,
}

impl StoredUpdate {
    fn into_update(self) -> Result<(UpdateCursor, Update), InvalidColumn> {
        let sequence = checked(self.sequence, Version::new, "sequence")?;
        let files = self.files.unwrap_or_default();
        let columns = (self.author_kind, self.author_id, self.author_name);
        let person = (self.person_id, self.person_name);
        let via = (self.via_id, self.via_name);
        let Author { actor, person_id } = Author::read(columns, person, &via, self.case_id.get())?;
        let update = Update {
            id: self.id.get(),
            timestamp: self.millis.0,
            source: update_source(self.source.as_deref(), &actor)?,
            author: actor,
            person_id,
            visibility: parse(&self.visibility, "visibility")?,
            message: parse(&self.message, "update message")?,
            attachments: files
                .into_iter()
                .map(StoredAttachment::into_attachment)
                .collect::<Result<_, _>>()?,
        };
        Ok((UpdateCursor { sequence, position: self.position }, update))
    }
}

#[derive(Deserialize)]
struct StoredAttachment {
    id: DbId<AttachmentId>,
    filename: String,
    content_type: String,
    size: u64,
    digest: String,
}

impl StoredAttachment {
    fn into_attachment(self) -> Result<Attachment, InvalidColumn> {
        Ok(Attachment {
            id: self.id.get(),
            filename: parse(&self.filename, "filename")?,
            content_type: parse(&self.content_type, "content_type")?,
            size: self.size,
            hash: parse(&self.digest, "hash")?,
        })
    }
}
