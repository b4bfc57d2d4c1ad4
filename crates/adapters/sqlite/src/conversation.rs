//! Pages of a case's conversation.

use std::collections::HashMap;

use diesel::dsl::{AsSelect, SqlTypeOf};
use diesel::prelude::*;
use diesel::sqlite::Sqlite;
use engage_domain::{Attachment, CaseId, UpdateId};
use engage_repository::{ParticipantView, UpdateCursor, UpdatePage, UpdatesWanted};
use engage_sql::{AttachmentRow, DbId, DbTimestamp, InvalidColumn, UpdateRow};

use crate::error::WorkResult;
use crate::sql::{Sql, Value};

/// The part of a conversation that is read.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Scope {
    /// Public updates, of which a participant may see those in their view.
    Public(Option<ParticipantView>),
    /// All updates.
    All,
}

impl Scope {
    /// Returns a condition on updates, spelled as in the index of public ones.
    const fn condition(self) -> &'static str {
        match self {
            Self::Public(None) => "updates.visibility = 'PUBLIC'",
            Self::Public(Some(_)) => {
                "updates.visibility = 'PUBLIC' AND (updates.timestamp >= ? OR updates.person_id = ?)"
            }
            Self::All => "TRUE",
        }
    }

    /// Returns the values of the condition.
    fn values(self) -> Vec<Value> {
        match self {
            Self::Public(Some(ParticipantView { person, reads_from })) => {
                vec![DbTimestamp(reads_from).into(), DbId::from(person).into()]
            }
            Self::Public(None) | Self::All => Vec::new(),
        }
    }
}

const UPDATES: &str = "
    SELECT id, case_id, sequence, position, timestamp, author_kind, author_id, author_name,
        visibility, message, source, person_id, person_name, via_id, via_name
    FROM updates
    WHERE case_id = ? AND (sequence, position) < (?, ?) AND {of_updates}
    ORDER BY sequence DESC, position DESC LIMIT ?";

/// Selects the files of the updates of a page. Without CROSS JOIN the planner would start with all
/// files.
const FILES: &str = "
    SELECT attachments.id, update_id, attachments.position, filename, content_type, size, hash
    FROM updates CROSS JOIN attachments ON attachments.update_id = updates.id
    WHERE case_id = ? AND (sequence, updates.position) < (?, ?)
        AND (sequence, updates.position) >= (?, ?) AND {of_updates}";

/// Returns a position in a conversation as two columns; by default one after its end.
fn columns(cursor: Option<UpdateCursor>) -> (Value, Value) {
    let (sequence, position) = cursor
        .map_or((i64::MAX, 0), |UpdateCursor { sequence, position }| {
            (i64::from(sequence.get()), i64::from(position))
        });
    (sequence.into(), position.into())
}

/// Builds one of few statements, so a connection prepares each of them once.
fn prepared<T>(text: &str, values: Vec<Value>) -> Sql<T> {
    let mut statement = Sql::new("");
    statement.push_with(text, values);
    statement.prepare_once()
}

pub(crate) fn load_updates(
    connection: &mut SqliteConnection,
    case_id: DbId<CaseId>,
    scope: Scope,
    wanted: &UpdatesWanted,
) -> WorkResult<UpdatePage> {
    let (sequence, position) = columns(wanted.before);
    // One more update tells whether there are older ones.
    let limit = i64::from(wanted.limit.get()) + 1;
    let text = UPDATES.replace("{of_updates}", scope.condition());
    let mut values = vec![case_id.into(), sequence, position];
    values.extend(scope.values());
    values.push(limit.into());
    let select: Sql<SqlTypeOf<AsSelect<UpdateRow, Sqlite>>> = prepared(&text, values);
    let rows: Vec<UpdateRow> = select.load(connection)?;
    let Some(oldest) = rows.last() else { return Ok(UpdatePage::default()) };
    let mut files = load_files(connection, case_id, scope, oldest.cursor()?, wanted)?;
    let found = rows.into_iter().map(|row| {
        let attachments = files.remove(&row.id).unwrap_or_default();
        Ok::<_, InvalidColumn>((row.cursor()?, row.into_update(attachments)?))
    });
    let found = found.collect::<Result<Vec<_>, _>>()?;
    Ok(UpdatePage::from_newest(found, wanted))
}

/// Loads the files of the updates of a page, by update, in their order.
fn load_files(
    connection: &mut SqliteConnection,
    case_id: DbId<CaseId>,
    scope: Scope,
    oldest: UpdateCursor,
    wanted: &UpdatesWanted,
) -> WorkResult<HashMap<DbId<UpdateId>, Vec<Attachment>>> {
    let (before, before_position) = columns(wanted.before);
    let (sequence, position) = columns(Some(oldest));
    let text = FILES.replace("{of_updates}", scope.condition());
    let mut values = vec![case_id.into(), before, before_position, sequence, position];
    values.extend(scope.values());
    let select: Sql<SqlTypeOf<AsSelect<AttachmentRow, Sqlite>>> = prepared(&text, values);
    let mut rows: Vec<AttachmentRow> = select.load(connection)?;
    rows.sort_by_key(|row| row.position);
    let mut by_update: HashMap<_, Vec<_>> = HashMap::new();
    for row in rows {
        by_update.entry(row.update_id).or_default().push(row.into_attachment()?);
    }
    Ok(by_update)
}
