//! Cases, for changes.

use async_trait::async_trait;
use diesel::prelude::*;
use engage_domain::CaseNumber;
use engage_repository::{CaseRepository, ChangeSet, RepositoryError, StoredCase, UniqueConstraint};
use engage_sql::schema::{attachments, cases, escalations, events, notifications, staff, updates};
use engage_sql::{
    CaseRow, EventRow, GenerationsRow, NO_LONGER_TAKES_PART, StaffRow, StoredCaseRow, TagsRow,
    has_number, stored_case,
};

use crate::change_rows::ChangeRows;
use crate::clock::now;
use crate::directory_version::directory_version;
use crate::error::{WorkResult, duplicate, violates};
use crate::idempotency_keys;
use crate::revision::revise;
use crate::search::{add_words, write_words};
use crate::secure_delete::{empty_log, overwrite_free_pages, without_traces};
use crate::sql::execute;
use crate::store::SqliteStore;
use crate::writer::in_transaction;

/// The unique constraint on case numbers, as SQLite names it.
const CASE_NUMBER: &str = "cases.number_year, cases.number_sequence, cases.number_prefix";

/// Cancels what waits for a person who no longer takes part, or was given up. What is in flight is not
/// tried again.
const CANCEL: &str = "
    UPDATE notifications
    SET status = 'CANCELLED', finished_at = ?, held_back_at = NULL, last_error = ?
    WHERE event_id IN (SELECT id FROM events WHERE case_id = ?) AND person_id = ?
        AND status IN ('PENDING', 'IN_FLIGHT', 'DEAD')";

const FORGET_ADDRESSES: &str = "DELETE FROM case_participant_addresses WHERE case_id = ?";

const ADDRESSES: &str = "
    INSERT INTO case_participant_addresses (case_id, address)
    SELECT ?, value FROM json_each(?) WHERE true ON CONFLICT DO NOTHING";

const REMOVE_TAGS: &str = "DELETE FROM case_tags WHERE case_id = ?";

const TAGS: &str = "
    INSERT INTO case_tags (case_id, tag_id)
    SELECT ?, (SELECT tag_id FROM tag_names WHERE folded = value) FROM json_each(?)
    WHERE true ON CONFLICT DO NOTHING";

#[async_trait]
impl CaseRepository for SqliteStore {
    async fn find_case(&self, number: &CaseNumber) -> Result<Option<StoredCase>, RepositoryError> {
        let Some(has_number) = has_number(number) else { return Ok(None) };
        let select = cases::table.left_join(staff::table).filter(has_number).select((
            CaseRow::as_select(),
            Option::<StaffRow>::as_select(),
            GenerationsRow::as_select(),
            TagsRow::as_select(),
        ));
        let found: Option<StoredCaseRow> =
            self.readers().read(move |c| Ok(select.first(c).optional()?)).await?;
        found.map(stored_case).transpose()
    }

    async fn commit(&self, change_set: ChangeSet) -> Result<(), RepositoryError> {
        if change_set.base_version().is_none() {
            self.case_numbers().note(change_set.case.number());
        }
        // Built here, because the one writer thread has the most to do.
        let rows = ChangeRows::new(change_set)?;
        if rows.redacts() {
            return self.commit_without_traces(rows).await;
        }
        self.writer().write(move |connection| apply(connection, &rows)).await
    }
}

impl SqliteStore {
    /// Commits a change so that nothing of what it removes is left in the files.
    async fn commit_without_traces(&self, rows: ChangeRows) -> Result<(), RepositoryError> {
        let commit = move |connection: &mut _| {
            without_traces(connection, |connection| {
                in_transaction(connection, |connection| apply(connection, &rows))?;
                in_transaction(connection, overwrite_free_pages)
            })
        };
        self.writer().run(commit).await?;
        tokio::spawn(empty_log(self.writer().clone()));
        Ok(())
    }
}

/// Writes a change set, in the transaction of the caller.
///
/// Fails with [`RepositoryError::Conflict`], [`RepositoryError::Outdated`] or
/// [`RepositoryError::Duplicate`] before anything is written.
fn apply(connection: &mut SqliteConnection, rows: &ChangeRows) -> WorkResult<()> {
    match require_same_directory(connection, rows)
        .and_then(|()| require_free_key(connection, rows))
        .and_then(|()| require_free_files(connection, rows))
        .and_then(|()| write_case(connection, rows))
    {
        Ok(()) => {}
        Err(_) if is_stored(connection, &rows.event)? => return Ok(()),
        Err(refusal) => return Err(refusal),
    }
    write_history(connection, rows)?;
    match (&rows.words, rows.base_version) {
        (None, _) => {}
        (Some(words), None) => write_words(connection, rows.case.id, words)?,
        (Some(words), Some(_)) => add_words(connection, rows.case.id, words)?,
    }
    for notification in &rows.notifications {
        diesel::insert_into(notifications::table).values(notification).execute(connection)?;
    }
    cancel_for_those_gone(connection, rows)?;
    write_addresses(connection, rows)?;
    write_tags(connection, rows)?;
    if let (Some(revision), Some(base)) = (&rows.revision, rows.base_version) {
        revise(connection, rows.case.id, base + 1, revision)?;
    }
    if let Some(response) = &rows.response {
        idempotency_keys::store(connection, response)?;
    }
    Ok(())
}

fn cancel_for_those_gone(connection: &mut SqliteConnection, rows: &ChangeRows) -> QueryResult<()> {
    for ended in &rows.ended {
        let (case, person) = (ended.case_id.into(), ended.person_id.into());
        execute(connection, CANCEL, [now().into(), NO_LONGER_TAKES_PART.into(), case, person])?;
    }
    Ok(())
}

/// Replaces the addresses of the participants if they changed.
fn write_addresses(connection: &mut SqliteConnection, rows: &ChangeRows) -> QueryResult<()> {
    let Some(stored) = &rows.addresses else { return Ok(()) };
    execute(connection, FORGET_ADDRESSES, [stored.case_id.into()])?;
    execute(connection, ADDRESSES, [stored.case_id.into(), stored.addresses.clone().into()])
}

/// Replaces the tags of the case if they changed. A name without a tag violates the column, which has no
/// nulls.
fn write_tags(connection: &mut SqliteConnection, rows: &ChangeRows) -> QueryResult<()> {
    let Some(stored) = &rows.tags else { return Ok(()) };
    execute(connection, REMOVE_TAGS, [stored.case_id.into()])?;
    execute(connection, TAGS, [stored.case_id.into(), stored.names.clone().into()])
}

fn require_same_directory(connection: &mut SqliteConnection, rows: &ChangeRows) -> WorkResult<()> {
    match rows.directory {
        Some(planned_by) if directory_version(connection)? != planned_by => {
            Err(RepositoryError::Outdated.into())
        }
        _ => Ok(()),
    }
}

fn require_free_key(connection: &mut SqliteConnection, rows: &ChangeRows) -> WorkResult<()> {
    match &rows.response {
        Some(response) if idempotency_keys::is_used(connection, response)? => {
            Err(RepositoryError::Duplicate { constraint: UniqueConstraint::IdempotencyKey }.into())
        }
        _ => Ok(()),
    }
}

/// Rejects files that belong to an update already.
fn require_free_files(connection: &mut SqliteConnection, rows: &ChangeRows) -> WorkResult<()> {
    if rows.attachments.is_empty() {
        return Ok(());
    }
    let attached = attachments::table
        .filter(attachments::id.eq_any(rows.attachments.iter().map(|row| row.id)));
    if diesel::select(diesel::dsl::exists(attached)).get_result(connection)? {
        return Err(RepositoryError::Duplicate { constraint: UniqueConstraint::Attachment }.into());
    }
    Ok(())
}

fn write_case(connection: &mut SqliteConnection, rows: &ChangeRows) -> WorkResult<()> {
    let row = &rows.case;
    let Some(base) = rows.base_version else {
        return match diesel::insert_into(cases::table).values(row).execute(connection) {
            Ok(_) => Ok(()),
            Err(error) if violates(&error, "cases.id") => Err(RepositoryError::Conflict.into()),
            Err(error) => Err(duplicate(error, &[(CASE_NUMBER, UniqueConstraint::CaseNumber)])),
        };
    };
    let at_base = cases::table.filter(cases::id.eq(row.id)).filter(cases::version.eq(base));
    match diesel::update(at_base).set(row).execute(connection)? {
        1 => Ok(()),
        _ => Err(RepositoryError::Conflict.into()),
    }
}

fn is_stored(connection: &mut SqliteConnection, event: &EventRow<'_>) -> QueryResult<bool> {
    let same = events::table.filter(events::id.eq(event.id));
    diesel::select(diesel::dsl::exists(same)).get_result(connection)
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
