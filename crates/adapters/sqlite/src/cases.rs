//! Cases, to be changed.

use async_trait::async_trait;
use diesel::prelude::*;
use engage_domain::{CaseNumber, Event};
use engage_repository::{
    CaseRepository, ChangeSet, OutboxMessage, RepositoryError, SearchWords, StoredCase,
};

use crate::case_rows::{CaseRow, id_bytes, number_columns};
use crate::error::{repository_error, violates};
use crate::history_rows::{AttachmentRow, EscalationRow, EventRow, UpdateRow};
use crate::outbox::NotificationRow;
use crate::schema::{attachments, cases, escalations, events, notifications, staff, updates};
use crate::search::{add_words, write_words};
use crate::staff::StaffRow;
use crate::store::SqliteStore;

/// The unique constraint on case numbers, as SQLite names it.
const CASE_NUMBER: &str = "cases.number_year, cases.number_sequence, cases.number_prefix";

#[async_trait]
impl CaseRepository for SqliteStore {
    async fn find_case(&self, number: &CaseNumber) -> Result<Option<StoredCase>, RepositoryError> {
        let Ok((prefix, year, sequence)) = number_columns(number) else { return Ok(None) };
        self.readers()
            .read(move |connection| {
                let found: Option<(CaseRow, Option<StaffRow>)> = cases::table
                    .left_join(staff::table)
                    .filter(cases::number_year.eq(year))
                    .filter(cases::number_sequence.eq(sequence))
                    .filter(cases::number_prefix.eq(prefix))
                    .select((CaseRow::as_select(), Option::<StaffRow>::as_select()))
                    .first(connection)
                    .optional()
                    .map_err(repository_error)?;
                let Some((case, assignee)) = found else { return Ok(None) };
                Ok(Some(StoredCase {
                    case: case.into_case()?,
                    assignee: assignee.map(StaffRow::into_member).transpose()?,
                }))
            })
            .await
    }

    async fn commit(&self, change_set: ChangeSet) -> Result<(), RepositoryError> {
        if change_set.base_version().is_none() {
            self.case_numbers().note(change_set.case.number());
        }
        // Made here, since the one thread that writes has the most to do.
        let words = SearchWords::of_change(&change_set);
        self.writer().write(move |connection| apply(connection, &change_set, &words)).await
    }
}

/// Writes a change set, inside a transaction.
///
/// A refusal ([`RepositoryError::Conflict`], [`RepositoryError::Duplicate`]) comes from the first
/// statement, before anything is written.
fn apply(
    connection: &mut SqliteConnection,
    change_set: &ChangeSet,
    words: &SearchWords,
) -> Result<(), RepositoryError> {
    match write_case(connection, change_set) {
        Ok(()) => {}
        Err(_) if is_kept(connection, &change_set.event)? => return Ok(()),
        Err(refusal) => return Err(refusal),
    }
    write_event(connection, change_set)?;
    write_search(connection, change_set, words)?;
    for message in &change_set.messages {
        write_message(connection, &change_set.event, message)?;
    }
    Ok(())
}

fn write_case(
    connection: &mut SqliteConnection,
    change_set: &ChangeSet,
) -> Result<(), RepositoryError> {
    let row = CaseRow::new(&change_set.case)?;
    let Some(base) = change_set.base_version() else {
        return match diesel::insert_into(cases::table).values(&row).execute(connection) {
            Ok(_) => Ok(()),
            Err(error) if violates(&error, CASE_NUMBER) => {
                Err(RepositoryError::Duplicate { key: "case_number" })
            }
            Err(error) if violates(&error, "cases.id") => Err(RepositoryError::Conflict),
            Err(error) => Err(repository_error(error)),
        };
    };
    let at_base =
        cases::table.filter(cases::id.eq(&row.id)).filter(cases::version.eq(i64::from(base.get())));
    let changed =
        diesel::update(at_base).set(&row).execute(connection).map_err(repository_error)?;
    if changed == 1 { Ok(()) } else { Err(RepositoryError::Conflict) }
}

fn is_kept(connection: &mut SqliteConnection, event: &Event) -> Result<bool, RepositoryError> {
    let same = events::table.filter(events::id.eq(id_bytes(event.id.as_u128())));
    diesel::select(diesel::dsl::exists(same)).get_result(connection).map_err(repository_error)
}

fn write_event(
    connection: &mut SqliteConnection,
    change_set: &ChangeSet,
) -> Result<(), RepositoryError> {
    let event = &change_set.event;
    let case_id = id_bytes(event.case_id.as_u128());
    let row = EventRow::new(change_set, &case_id)?;
    diesel::insert_into(events::table)
        .values(&row)
        .execute(connection)
        .map_err(repository_error)?;
    if let Some(row) = EscalationRow::new(event, &case_id) {
        diesel::insert_into(escalations::table)
            .values(&row)
            .execute(connection)
            .map_err(repository_error)?;
    }
    for (position, update) in (0..).zip(&event.updates) {
        diesel::insert_into(updates::table)
            .values(&UpdateRow::new(event, position, update))
            .execute(connection)
            .map_err(repository_error)?;
        for (position, attachment) in (0..).zip(&update.attachments) {
            diesel::insert_into(attachments::table)
                .values(&AttachmentRow::new(update, position, attachment)?)
                .execute(connection)
                .map_err(repository_error)?;
        }
    }
    Ok(())
}

fn write_search(
    connection: &mut SqliteConnection,
    change_set: &ChangeSet,
    words: &SearchWords,
) -> Result<(), RepositoryError> {
    let case_id = id_bytes(change_set.event.case_id.as_u128());
    match change_set.base_version() {
        None => write_words(connection, &case_id, words),
        Some(_) if words.is_empty() => Ok(()),
        Some(_) => add_words(connection, &case_id, words),
    }
}

fn write_message(
    connection: &mut SqliteConnection,
    event: &Event,
    message: &OutboxMessage,
) -> Result<(), RepositoryError> {
    diesel::insert_into(notifications::table)
        .values(&NotificationRow::new(event, message))
        .execute(connection)
        .map_err(repository_error)?;
    Ok(())
}
