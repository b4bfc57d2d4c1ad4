//! Cases, to be looked at.

use std::collections::HashMap;

use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::pg::TransactionBuilder;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use engage_domain::{Attachment, CaseNumber, Escalation, Update, Visibility};
use engage_repository::{
    CaseDetails, CaseFilter, CaseListing, CasePart, CaseProgress, CaseQueries, RepositoryError,
};
use uuid::Uuid;

use crate::case_rows::{CaseRow, number_columns};
use crate::error::{InvalidColumn, repository_error};
use crate::history_rows::{AttachmentRow, StoredEscalation, UpdateRow};
use crate::schema::{attachments, cases, escalations, events, staff, updates};
use crate::staff::staff_ref;
use crate::store::PostgresStore;

#[async_trait]
impl CaseQueries for PostgresStore {
    async fn find_case_progress(
        &self,
        number: &CaseNumber,
    ) -> Result<Option<CaseProgress>, RepositoryError> {
        let mut connection = self.connection().await?;
        let mut reading = at_one_moment(&mut connection);
        Ok(reading.run(async |connection| progress(connection, number).await).await?)
    }

    async fn find_case_details(
        &self,
        number: &CaseNumber,
    ) -> Result<Option<CaseDetails>, RepositoryError> {
        let mut connection = self.connection().await?;
        let mut reading = at_one_moment(&mut connection);
        Ok(reading.run(async |connection| details(connection, number).await).await?)
    }

    async fn list_cases(&self, listing: &CaseListing) -> Result<CasePart, RepositoryError> {
        self.list(listing).await
    }

    async fn count_cases(&self, filter: &CaseFilter) -> Result<u64, RepositoryError> {
        self.count(filter).await
    }
}

/// A transaction with one view of the data, so that all that is read is of one moment.
fn at_one_moment(connection: &mut AsyncPgConnection) -> TransactionBuilder<'_, AsyncPgConnection> {
    connection.build_transaction().repeatable_read().read_only()
}

/// Why a transaction failed: diesel wants its own error to be one of the reasons.
struct Failure(RepositoryError);

impl From<diesel::result::Error> for Failure {
    fn from(error: diesel::result::Error) -> Self {
        Self(repository_error(error))
    }
}

impl From<RepositoryError> for Failure {
    fn from(error: RepositoryError) -> Self {
        Self(error)
    }
}

impl From<InvalidColumn> for Failure {
    fn from(error: InvalidColumn) -> Self {
        Self(error.into())
    }
}

impl From<Failure> for RepositoryError {
    fn from(failure: Failure) -> Self {
        failure.0
    }
}

async fn progress(
    connection: &mut AsyncPgConnection,
    number: &CaseNumber,
) -> Result<Option<CaseProgress>, Failure> {
    let Some((case, _)) = find_case(connection, number).await? else { return Ok(None) };
    let public_updates = load_updates(connection, case.id, Some(Visibility::Public)).await?;
    Ok(Some(CaseProgress { case: case.into_case()?, public_updates }))
}

async fn details(
    connection: &mut AsyncPgConnection,
    number: &CaseNumber,
) -> Result<Option<CaseDetails>, Failure> {
    let Some((case, assignee)) = find_case(connection, number).await? else { return Ok(None) };
    let updates = load_updates(connection, case.id, None).await?;
    let escalations = load_escalations(connection, case.id).await?;
    Ok(Some(CaseDetails {
        case: case.into_case()?,
        assignee: staff_ref(assignee)?,
        updates,
        escalations,
    }))
}

type CaseWithAssignee = (CaseRow, Option<(String, String)>);

async fn find_case(
    connection: &mut AsyncPgConnection,
    number: &CaseNumber,
) -> Result<Option<CaseWithAssignee>, RepositoryError> {
    let Ok((prefix, year, sequence)) = number_columns(number) else { return Ok(None) };
    cases::table
        .left_join(staff::table)
        .filter(cases::number_year.eq(year))
        .filter(cases::number_sequence.eq(sequence))
        .filter(cases::number_prefix.eq(prefix))
        .select((CaseRow::as_select(), (staff::id, staff::name).nullable()))
        .first(connection)
        .await
        .optional()
        .map_err(repository_error)
}

async fn load_escalations(
    connection: &mut AsyncPgConnection,
    case_id: Uuid,
) -> Result<Vec<Escalation>, RepositoryError> {
    let rows: Vec<StoredEscalation> = escalations::table
        .inner_join(
            events::table.on(events::case_id
                .eq(escalations::case_id)
                .and(events::sequence.eq(escalations::sequence))),
        )
        .filter(escalations::case_id.eq(case_id))
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
        .await
        .map_err(repository_error)?;
    Ok(rows.into_iter().map(StoredEscalation::into_escalation).collect::<Result<_, _>>()?)
}

async fn load_updates(
    connection: &mut AsyncPgConnection,
    case_id: Uuid,
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
    let rows = query.load(connection).await.map_err(repository_error)?;
    let mut files = load_attachments(connection, case_id).await?;
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
async fn load_attachments(
    connection: &mut AsyncPgConnection,
    case_id: Uuid,
) -> Result<HashMap<Uuid, Vec<Attachment>>, RepositoryError> {
    let rows = attachments::table
        .inner_join(updates::table)
        .filter(updates::case_id.eq(case_id))
        .order_by(attachments::position)
        .select(AttachmentRow::as_select())
        .load(connection)
        .await
        .map_err(repository_error)?;
    let mut by_update: HashMap<_, Vec<_>> = HashMap::new();
    for row in rows {
        by_update.entry(row.update_id).or_default().push(row.into_attachment()?);
    }
    Ok(by_update)
}
