//! Cases, to be changed.

use async_trait::async_trait;
use diesel::prelude::*;
use engage_domain::CaseNumber;
use engage_repository::{CaseRepository, ChangeSet, RepositoryError, StoredCase, UniqueConstraint};

use crate::case_rows::{CaseRow, access_generation, number_columns};
use crate::change_rows::ChangeRows;
use crate::directory_version::directory_version;
use crate::error::{repository_error, violates};
use crate::history_rows::{AttachmentRow, EventRow};
use crate::idempotency_rows;
use crate::schema::{attachments, cases, escalations, events, notifications, staff, updates};
use crate::search::{add_words, write_words};
use crate::staff_rows::StaffRow;
use crate::store::SqliteStore;

/// The unique constraint on case numbers, as SQLite names it.
const CASE_NUMBER: &str = "cases.number_year, cases.number_sequence, cases.number_prefix";

#[async_trait]
impl CaseRepository for SqliteStore {
    async fn find_case(&self, number: &CaseNumber) -> Result<Option<StoredCase>, RepositoryError> {
        let Ok((prefix, year, sequence)) = number_columns(number) else { return Ok(None) };
        self.readers()
            .read(move |connection| {
                let found: Option<(CaseRow, Option<StaffRow>, i32)> = cases::table
                    .left_join(staff::table)
                    .filter(cases::number_year.eq(year))
                    .filter(cases::number_sequence.eq(sequence))
                    .filter(cases::number_prefix.eq(prefix))
                    .select((
                        CaseRow::as_select(),
                        Option::<StaffRow>::as_select(),
                        cases::access_generation,
                    ))
                    .first(connection)
                    .optional()
                    .map_err(repository_error)?;
                let Some((case, assignee, generation)) = found else { return Ok(None) };
                Ok(Some(StoredCase {
                    case: case.into_case()?,
                    assignee: assignee.map(StaffRow::into_member).transpose()?,
                    access_generation: access_generation(generation)?,
                }))
            })
            .await
    }

    async fn commit(&self, change_set: ChangeSet) -> Result<(), RepositoryError> {
        if change_set.base_version().is_none() {
            self.case_numbers().note(change_set.case.number());
        }
        // Made here, since the one thread that writes has the most to do.
        let rows = ChangeRows::new(change_set)?;
        self.writer().write(move |connection| apply(connection, &rows)).await
    }
}

/// Writes a change set, inside a transaction.
///
/// A refusal ([`RepositoryError::Conflict`], [`RepositoryError::Outdated`],
/// [`RepositoryError::Duplicate`]) comes before anything is written.
fn apply(connection: &mut SqliteConnection, rows: &ChangeRows) -> Result<(), RepositoryError> {
    match require_same_directory(connection, rows)
        .and_then(|()| require_free_key(connection, rows))
        .and_then(|()| require_free_files(connection, rows))
        .and_then(|()| write_case(connection, rows))
    {
        Ok(()) => {}
        Err(_) if is_kept(connection, &rows.event)? => return Ok(()),
        Err(refusal) => return Err(refusal),
    }
    write_history(connection, rows).map_err(repository_error)?;
    match (&rows.words, rows.base_version) {
        (None, _) => {}
        (Some(words), None) => write_words(connection, &rows.case.id, words)?,
        (Some(words), Some(_)) => add_words(connection, &rows.case.id, words)?,
    }
    for message in &rows.messages {
        diesel::insert_into(notifications::table)
            .values(message)
            .execute(connection)
            .map_err(repository_error)?;
    }
    match &rows.answer {
        Some(answer) => idempotency_rows::store(connection, answer).map_err(repository_error),
        None => Ok(()),
    }
}

fn require_same_directory(
    connection: &mut SqliteConnection,
    rows: &ChangeRows,
) -> Result<(), RepositoryError> {
    match rows.directory {
        Some(planned_by) if directory_version(connection)? != planned_by => {
            Err(RepositoryError::Outdated)
        }
        _ => Ok(()),
    }
}

fn require_free_key(
    connection: &mut SqliteConnection,
    rows: &ChangeRows,
) -> Result<(), RepositoryError> {
    match &rows.answer {
        Some(answer)
            if idempotency_rows::is_used(connection, answer).map_err(repository_error)? =>
        {
            Err(RepositoryError::Duplicate { constraint: UniqueConstraint::IdempotencyKey })
        }
        _ => Ok(()),
    }
}

/// Refuses files that belong to an update already.
fn require_free_files(
    connection: &mut SqliteConnection,
    rows: &ChangeRows,
) -> Result<(), RepositoryError> {
    if rows.attachments.is_empty() {
        return Ok(());
    }
    let taken = attachments::table
        .filter(attachments::id.eq_any(rows.attachments.iter().map(AttachmentRow::id)));
    let is_taken: bool = diesel::select(diesel::dsl::exists(taken))
        .get_result(connection)
        .map_err(repository_error)?;
    if is_taken {
        Err(RepositoryError::Duplicate { constraint: UniqueConstraint::Attachment })
    } else {
        Ok(())
    }
}

fn write_case(connection: &mut SqliteConnection, rows: &ChangeRows) -> Result<(), RepositoryError> {
    let row = &rows.case;
    let Some(base) = rows.base_version else {
        return match diesel::insert_into(cases::table).values(row).execute(connection) {
            Ok(_) => Ok(()),
            Err(error) if violates(&error, CASE_NUMBER) => {
                Err(RepositoryError::Duplicate { constraint: UniqueConstraint::CaseNumber })
            }
            Err(error) if violates(&error, "cases.id") => Err(RepositoryError::Conflict),
            Err(error) => Err(repository_error(error)),
        };
    };
    let at_base = cases::table.filter(cases::id.eq(&row.id)).filter(cases::version.eq(base));
    let changed = diesel::update(at_base).set(row).execute(connection).map_err(repository_error)?;
    if changed == 1 { Ok(()) } else { Err(RepositoryError::Conflict) }
}

fn is_kept(connection: &mut SqliteConnection, event: &EventRow) -> Result<bool, RepositoryError> {
    let same = events::table.filter(events::id.eq(&event.id));
    diesel::select(diesel::dsl::exists(same)).get_result(connection).map_err(repository_error)
}

fn write_history(connection: &mut SqliteConnection, rows: &ChangeRows) -> QueryResult<()> {
    diesel::insert_into(events::table).values(&rows.event).execute(connection)?;
    if let Some(escalation) = &rows.escalation {
        diesel::insert_into(escalations::table).values(escalation).execute(connection)?;
    }
    for update in &rows.updates {
        diesel::insert_into(updates::table).values(update).execute(connection)?;
    }
    for attachment in &rows.attachments {
        diesel::insert_into(attachments::table).values(attachment).execute(connection)?;
    }
    Ok(())
}
