//! Cases, to be looked at.

use std::collections::HashMap;

use async_trait::async_trait;
use diesel::prelude::*;
use engage_domain::{Attachment, CaseNumber, Update, Visibility};
use engage_repository::{
    CaseDetails, CaseFilter, CaseListing, CasePart, CaseProgress, CaseQueries, RepositoryError,
};

use crate::access::access_generation;
use crate::case_rows::{CaseRow, number_columns};
use crate::error::repository_error;
use crate::history_rows::{AttachmentRow, StoredEscalation, UpdateRow};
use crate::schema::{attachments, cases, escalations, events, staff, updates};
use crate::staff::staff_ref;
use crate::store::SqliteStore;

#[async_trait]
impl CaseQueries for SqliteStore {
    async fn find_case_progress(
        &self,
        number: &CaseNumber,
    ) -> Result<Option<CaseProgress>, RepositoryError> {
        let number = number.clone();
        self.at_one_moment(move |connection| {
            let Some((case, _, generation)) = find_case(connection, &number)? else {
                return Ok(None);
            };
            let public_updates = load_updates(connection, &case.id, Some(Visibility::Public))?;
            Ok(Some(CaseProgress {
                case: case.into_case()?,
                public_updates,
                access_generation: access_generation(generation)?,
            }))
        })
        .await
    }

    async fn find_case_details(
        &self,
        number: &CaseNumber,
    ) -> Result<Option<CaseDetails>, RepositoryError> {
        let number = number.clone();
        self.at_one_moment(move |connection| {
            let Some((case, assignee, _)) = find_case(connection, &number)? else {
                return Ok(None);
            };
            let updates = load_updates(connection, &case.id, None)?;
            let escalations: Vec<StoredEscalation> = escalations::table
                .inner_join(
                    events::table.on(events::case_id
                        .eq(escalations::case_id)
                        .and(events::sequence.eq(escalations::sequence))),
                )
                .filter(escalations::case_id.eq(&case.id))
                .order_by(escalations::sequence)
                .select((
                    escalations::reason,
                    escalations::level,
                    escalations::previous_urgency,
                    escalations::new_urgency,
                    events::timestamp,
                    (events::actor_kind, events::actor_id, events::actor_name),
                ))
                .load(connection)
                .map_err(repository_error)?;
            Ok(Some(CaseDetails {
                case: case.into_case()?,
                assignee: staff_ref(assignee)?,
                updates,
                escalations: escalations
                    .into_iter()
                    .map(StoredEscalation::into_escalation)
                    .collect::<Result<_, _>>()?,
            }))
        })
        .await
    }

    async fn list_cases(&self, listing: &CaseListing) -> Result<CasePart, RepositoryError> {
        self.list(listing).await
    }

    async fn count_cases(&self, filter: &CaseFilter) -> Result<u64, RepositoryError> {
        self.count(filter).await
    }
}

impl SqliteStore {
    /// Reads in a transaction, so that all that is read is of one moment.
    pub(crate) async fn at_one_moment<T, F>(&self, read: F) -> Result<T, RepositoryError>
    where
        T: Send + 'static,
        F: FnOnce(&mut SqliteConnection) -> Result<T, RepositoryError> + Send + 'static,
    {
        self.readers()
            .read(move |connection| {
                connection
                    .transaction(|connection| read(connection).map_err(Failure::Read))
                    .map_err(|failure| match failure {
                        Failure::Read(error) => error,
                        Failure::Transaction(error) => repository_error(error),
                    })
            })
            .await
    }
}

enum Failure {
    Read(RepositoryError),
    Transaction(diesel::result::Error),
}

impl From<diesel::result::Error> for Failure {
    fn from(error: diesel::result::Error) -> Self {
        Self::Transaction(error)
    }
}

/// A case, who works on it, and the generation of the proofs of its ownership.
type FoundCase = (CaseRow, Option<(String, String)>, i32);

fn find_case(
    connection: &mut SqliteConnection,
    number: &CaseNumber,
) -> Result<Option<FoundCase>, RepositoryError> {
    let Ok((prefix, year, sequence)) = number_columns(number) else { return Ok(None) };
    cases::table
        .left_join(staff::table)
        .filter(cases::number_year.eq(year))
        .filter(cases::number_sequence.eq(sequence))
        .filter(cases::number_prefix.eq(prefix))
        .select((
            CaseRow::as_select(),
            (staff::id, staff::name).nullable(),
            cases::access_generation,
        ))
        .first(connection)
        .optional()
        .map_err(repository_error)
}

fn load_updates(
    connection: &mut SqliteConnection,
    case_id: &[u8],
    visibility: Option<Visibility>,
) -> Result<Vec<Update>, RepositoryError> {
    let mut query = updates::table
        .filter(updates::case_id.eq(case_id))
        .order_by((updates::sequence, updates::position))
        .select(UpdateRow::as_select())
        .into_boxed();
    if let Some(visibility) = visibility {
        query = query.filter(updates::visibility.eq(visibility.as_str()));
    }
    let rows = query.load(connection).map_err(repository_error)?;
    let mut files = load_attachments(connection, case_id)?;
    let updates = rows
        .into_iter()
        .map(|row| {
            let attachments = files.remove(&row.id).unwrap_or_default();
            row.into_update(attachments)
        })
        .collect::<Result<_, _>>()?;
    Ok(updates)
}

/// The attachments of a case's updates, by update, each in its order.
fn load_attachments(
    connection: &mut SqliteConnection,
    case_id: &[u8],
) -> Result<HashMap<Vec<u8>, Vec<Attachment>>, RepositoryError> {
    let rows = attachments::table
        .inner_join(updates::table)
        .filter(updates::case_id.eq(case_id))
        .order_by(attachments::position)
        .select(AttachmentRow::as_select())
        .load(connection)
        .map_err(repository_error)?;
    let mut by_update: HashMap<_, Vec<_>> = HashMap::new();
    for mut row in rows {
        let update_id = std::mem::take(&mut row.update_id);
        by_update.entry(update_id).or_default().push(row.into_attachment()?);
    }
    Ok(by_update)
}
