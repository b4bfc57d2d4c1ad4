//! A case with what belongs to it, in one statement: one round trip, and all of one moment.

use std::sync::LazyLock;

use diesel::dsl::{AsSelect, SqlTypeOf};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{Integer, Nullable, Text};
use engage_domain::{
    Attachment, AttachmentId, CaseNumber, Escalation, EscalationLevel, Timestamp, Update, UpdateId,
    Version,
};
use engage_repository::{
    LISTED_ESCALATIONS, RepositoryError, UpdateCursor, UpdatePage, UpdatesWanted,
};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::case_rows::{CASE_COLUMNS, CaseRow, checked, number_columns, parse};
use crate::error::InvalidColumn;
use crate::history_rows::actor;
use crate::sql::Sql;

/// How much of a case is wanted.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Scope {
    /// What its customer may see: the public updates, no escalations.
    Public,
    /// Everything.
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
        {escalations}::text, c.access_generation
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

/// A page of the conversation in the words of a statement.
///
/// The newest updates are asked for with the limit written out. A limit that is bound lets PostgreSQL
/// take a plan for the values at hand to be cheaper than the one for all values, so that it plans the
/// statement anew each time, which takes longer than the rest of it.
#[derive(Clone, Copy)]
enum Page {
    Newest(u32),
    Any,
}

fn text(scope: Scope, page: Page) -> String {
    let (of_updates, escalations) = match scope {
        Scope::Public => ("AND updates.visibility = 'PUBLIC'", "NULL".to_owned()),
        Scope::All => ("", ESCALATIONS.replace("{listed}", &LISTED_ESCALATIONS.to_string())),
    };
    let (before, limit) = match page {
        Page::Newest(limit) => ("", limit.to_string()),
        Page::Any => ("AND (updates.sequence, updates.position) < (?, ?)", "?".to_owned()),
    };
    TEXT.replace("{columns}", &CASE_COLUMNS.map(|column| format!("c.{column}")).join(", "))
        .replace("{of_updates}", of_updates)
        .replace("{before}", before)
        .replace("{limit}", &limit)
        .replace("{escalations}", &escalations)
}

pub(crate) static PUBLIC: LazyLock<String> = LazyLock::new(|| text(Scope::Public, Page::Any));
pub(crate) static ALL: LazyLock<String> = LazyLock::new(|| text(Scope::All, Page::Any));

/// The limits with which the newest updates are mostly asked for: a page, and the latest alone. One
/// more than that tells whether there are older ones.
const USUAL_LIMITS: [u32; 2] = [UpdatesWanted::PAGE.get(), UpdatesWanted::LATEST.limit.get()];

static NEWEST_PUBLIC: LazyLock<[String; 2]> =
    LazyLock::new(|| USUAL_LIMITS.map(|limit| text(Scope::Public, Page::Newest(limit + 1))));
static NEWEST: LazyLock<[String; 2]> =
    LazyLock::new(|| USUAL_LIMITS.map(|limit| text(Scope::All, Page::Newest(limit + 1))));

/// Returns the statement for the newest updates with a usual limit, if that is what is asked for.
pub(crate) fn newest(scope: Scope, wanted: &UpdatesWanted) -> Option<&'static str> {
    let usual = USUAL_LIMITS.iter().position(|limit| *limit == wanted.limit.get());
    let usual = usual.filter(|_| wanted.before.is_none())?;
    Some(match scope {
        Scope::Public => &NEWEST_PUBLIC[usual],
        Scope::All => &NEWEST[usual],
    })
}

/// The types of what [`SelectedCase`] is read from.
pub(crate) type DetailColumns = (
    SqlTypeOf<AsSelect<CaseRow, Pg>>,
    Nullable<(Text, Text)>,
    Nullable<Text>,
    Nullable<Text>,
    Integer,
);

/// Selects a case by its number; nothing where no case can have the number.
pub(crate) fn select(
    number: &CaseNumber,
    scope: Scope,
    updates: &UpdatesWanted,
) -> Option<Sql<DetailColumns>> {
    let (prefix, year, sequence) = number_columns(number).ok()?;
    if let Some(text) = newest(scope, updates) {
        return Some(Sql::prepared(text, [year.into(), sequence.into(), prefix.into()]));
    }
    let text = match scope {
        Scope::Public => &*PUBLIC,
        Scope::All => &*ALL,
    };
    let (before, position) = updates.before.map_or((i64::MAX, 0), |place| {
        (i64::from(place.sequence.get()), i32::try_from(place.position).unwrap_or(i32::MAX))
    });
    // One more tells whether there are older ones.
    let limit = i64::from(updates.limit.get()) + 1;
    let values =
        [before.into(), position.into(), limit.into(), year.into(), sequence.into(), prefix.into()];
    Some(Sql::prepared(text, values))
}

/// A case, its assignee, and its updates and escalations as JSON.
#[derive(Queryable)]
pub(crate) struct SelectedCase {
    pub(crate) case: CaseRow,
    pub(crate) assignee: Option<(String, String)>,
    updates: Option<String>,
    escalations: Option<String>,
    pub(crate) access_generation: i32,
}

impl SelectedCase {
    /// The page of updates that was asked for.
    pub(crate) fn take_updates(
        &mut self,
        wanted: &UpdatesWanted,
    ) -> Result<UpdatePage, RepositoryError> {
        let entries: Vec<StoredUpdate> = entries(self.updates.take())?;
        let found = entries.into_iter().map(StoredUpdate::into_update).collect::<Result<_, _>>()?;
        Ok(UpdatePage::from_newest(found, wanted))
    }

    /// The escalations, oldest first.
    pub(crate) fn take_escalations(&mut self) -> Result<Vec<Escalation>, RepositoryError> {
        let entries: Vec<StoredEscalation> = entries(self.escalations.take())?;
        Ok(entries.into_iter().map(StoredEscalation::into_escalation).collect::<Result<_, _>>()?)
    }
}

/// What is aggregated out of no row at all is no list.
fn entries<T: DeserializeOwned>(json: Option<String>) -> Result<Vec<T>, RepositoryError> {
    json.map_or_else(|| Ok(Vec::new()), |json| serde_json::from_str(&json))
        .map_err(RepositoryError::internal)
}

/// Milliseconds as PostgreSQL writes a numeric value, with a fraction of zeros.
fn instant<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
    let millis = f64::deserialize(deserializer)?;
    // Milliseconds of any year that a timestamp can have are whole numbers below 2^53.
    #[allow(clippy::cast_possible_truncation)]
    Ok(Timestamp::from_millis(millis.round() as i64))
}

#[derive(Deserialize)]
struct StoredUpdate {
    id: Uuid,
    sequence: u32,
    position: u32,
    #[serde(deserialize_with = "instant")]
    millis: Timestamp,
    author_kind: String,
    author_id: Option<String>,
    author_name: Option<String>,
    visibility: String,
    message: String,
    files: Option<Vec<StoredAttachment>>,
}

impl StoredUpdate {
    fn into_update(self) -> Result<(UpdateCursor, Update), InvalidColumn> {
        let sequence = checked(self.sequence, Version::new, "sequence")?;
        let files = self.files.unwrap_or_default();
        let update = Update {
            id: UpdateId::from_u128(self.id.as_u128()),
            timestamp: self.millis,
            author: actor((self.author_kind, self.author_id, self.author_name))?,
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
    id: Uuid,
    filename: String,
    content_type: String,
    size: u64,
    digest: String,
}

impl StoredAttachment {
    fn into_attachment(self) -> Result<Attachment, InvalidColumn> {
        Ok(Attachment {
            id: AttachmentId::from_u128(self.id.as_u128()),
            filename: parse(&self.filename, "filename")?,
            content_type: parse(&self.content_type, "content_type")?,
            size: self.size,
            hash: parse(&self.digest, "hash")?,
        })
    }
}

#[derive(Deserialize)]
struct StoredEscalation {
    reason: String,
    level: i32,
    previous_urgency: String,
    new_urgency: String,
    #[serde(deserialize_with = "instant")]
    millis: Timestamp,
    author_kind: String,
    author_id: Option<String>,
    author_name: Option<String>,
}

impl StoredEscalation {
    fn into_escalation(self) -> Result<Escalation, InvalidColumn> {
        Ok(Escalation {
            timestamp: self.millis,
            reason: parse(&self.reason, "reason")?,
            by: actor((self.author_kind, self.author_id, self.author_name))?,
            level: checked(self.level, EscalationLevel::new, "level")?,
            previous_urgency: parse(&self.previous_urgency, "previous_urgency")?,
            new_urgency: parse(&self.new_urgency, "new_urgency")?,
        })
    }
}
