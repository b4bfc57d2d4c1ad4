//! A page of what was written to a case.

use std::collections::HashMap;

use diesel::dsl::{AsSelect, SqlTypeOf};
use diesel::prelude::*;
use diesel::sqlite::Sqlite;
use engage_domain::Attachment;
use engage_repository::{RepositoryError, UpdateCursor, UpdatePage, UpdatesWanted};

use crate::error::repository_error;
use crate::history_rows::{AttachmentRow, UpdateRow};
use crate::sql::{Sql, Value};

/// How much of a conversation is wanted.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Scope {
    /// What its customer may see.
    Public,
    /// Everything.
    All,
}

impl Scope {
    /// A condition on updates, as the index of public ones has it.
    const fn condition(self) -> &'static str {
        match self {
            Self::Public => "updates.visibility = 'PUBLIC'",
            Self::All => "TRUE",
        }
    }
}

const UPDATES: &str = "
    SELECT id, case_id, sequence, position, timestamp, author_kind, author_id, author_name,
        visibility, message
    FROM updates
    WHERE case_id = ? AND (sequence, position) < (?, ?) AND {of_updates}
    ORDER BY sequence DESC, position DESC LIMIT ?";

/// The files of the updates of a page. The planner would begin with all files.
const FILES: &str = "
    SELECT attachments.id, update_id, attachments.position, filename, content_type, size, hash
    FROM updates CROSS JOIN attachments ON attachments.update_id = updates.id
    WHERE case_id = ? AND (sequence, updates.position) < (?, ?)
        AND (sequence, updates.position) >= (?, ?) AND {of_updates}";

/// A place in columns.
fn columns(place: Option<UpdateCursor>) -> (Value, Value) {
    let (sequence, position) = place
        .map_or((i64::MAX, 0), |UpdateCursor { sequence, position }| {
            (i64::from(sequence.get()), i64::from(position))
        });
    (sequence.into(), position.into())
}

pub(crate) fn load_updates(
    connection: &mut SqliteConnection,
    case_id: &[u8],
    scope: Scope,
    wanted: &UpdatesWanted,
) -> Result<UpdatePage, RepositoryError> {
    let (sequence, position) = columns(wanted.before);
    // One more tells whether there are older ones.
    let limit = i64::from(wanted.limit.get()) + 1;
    let text = UPDATES.replace("{of_updates}", scope.condition());
    let select: Sql<SqlTypeOf<AsSelect<UpdateRow, Sqlite>>> =
        Sql::prepared(&text, [case_id.to_vec().into(), sequence, position, limit.into()]);
    let rows: Vec<UpdateRow> = select.load(connection).map_err(repository_error)?;
    let Some(oldest) = rows.last() else { return Ok(UpdatePage::default()) };
    let mut files = load_files(connection, case_id, scope, oldest.place()?, wanted)?;
    let found = rows.into_iter().map(|row| {
        let attachments = files.remove(&row.id).unwrap_or_default();
        Ok::<_, RepositoryError>((row.place()?, row.into_update(attachments)?))
    });
    let found = found.collect::<Result<Vec<_>, _>>()?;
    Ok(UpdatePage::from_newest(found, wanted))
}

/// The files of the updates of a page, by update, each in its order.
fn load_files(
    connection: &mut SqliteConnection,
    case_id: &[u8],
    scope: Scope,
    oldest: UpdateCursor,
    wanted: &UpdatesWanted,
) -> Result<HashMap<Vec<u8>, Vec<Attachment>>, RepositoryError> {
    let (before, before_position) = columns(wanted.before);
    let (sequence, position) = columns(Some(oldest));
    let text = FILES.replace("{of_updates}", scope.condition());
    let values = [case_id.to_vec().into(), before, before_position, sequence, position];
    let select: Sql<SqlTypeOf<AsSelect<AttachmentRow, Sqlite>>> = Sql::prepared(&text, values);
    let mut rows: Vec<AttachmentRow> = select.load(connection).map_err(repository_error)?;
    rows.sort_by_key(AttachmentRow::position);
    let mut by_update: HashMap<_, Vec<_>> = HashMap::new();
    for mut row in rows {
        let update_id = std::mem::take(&mut row.update_id);
        by_update.entry(update_id).or_default().push(row.into_attachment()?);
    }
    Ok(by_update)
}
