//! Cases, to be looked at.

use std::collections::HashMap;

use async_trait::async_trait;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel_async::pg::TransactionBuilder;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use engage_domain::{Attachment, CaseNumber, Escalation, PriorityScore, Update, Visibility};
use engage_repository::{
    AssigneeFilter, CaseDetails, CaseFilter, CaseListing, CasePage, CaseProgress, CaseQueries,
    CaseSort, CaseSummary, RepositoryError, SortOrder,
};
use uuid::Uuid;

use crate::case_rows::{CaseRow, case_number, checked, number_columns, parse, parse_option};
use crate::error::{InvalidColumn, repository_error};
use crate::history_rows::{AttachmentRow, StoredEscalation, UpdateRow};
use crate::instant::Instant;
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

    async fn list_cases(&self, listing: &CaseListing) -> Result<CasePage, RepositoryError> {
        let mut connection = self.connection().await?;
        let mut reading = at_one_moment(&mut connection);
        Ok(reading.run(async |connection| list(connection, listing).await).await?)
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

/// Adds a list's criteria to a boxed query over `cases`. A macro, since the queries that count and
/// those that select have types of their own.
macro_rules! filtered {
    ($query:expr, $filter:expr) => {{
        let mut query = $query;
        let filter: &CaseFilter = $filter;
        if !filter.status.is_empty() {
            let wanted = spellings(&filter.status);
            query = query.filter(cases::status.eq_any(wanted));
        }
        if !filter.urgency.is_empty() {
            let wanted = spellings(&filter.urgency);
            query = query.filter(cases::urgency.eq_any(wanted));
        }
        if !filter.customer_type.is_empty() {
            let wanted = spellings(&filter.customer_type);
            query = query.filter(cases::customer_type.eq_any(wanted));
        }
        if !filter.issue_type.is_empty() {
            let wanted = spellings(&filter.issue_type);
            query = query.filter(cases::issue_type.eq_any(wanted));
        }
        if !filter.department.is_empty() {
            let wanted = spellings(&filter.department);
            query = query.filter(cases::department.eq_any(wanted).assume_not_null());
        }
        if !filter.assigned_to.is_empty() {
            let (anybody, nobody) = assignees(&filter.assigned_to);
            let is_anybody =
                cases::assigned_to.eq_any(anybody).and(cases::assigned_to.is_not_null());
            query = if nobody {
                query.filter(is_anybody.or(cases::assigned_to.is_null()).assume_not_null())
            } else {
                query.filter(is_anybody.assume_not_null())
            };
        }
        if let Some(from) = filter.created_from {
            query = query.filter(cases::created_at.ge(Instant(from)));
        }
        if let Some(to) = filter.created_to {
            query = query.filter(cases::created_at.lt(Instant(to)));
        }
        query
    }};
}

/// Sorts a boxed query over `cases`, ties by case number in the same direction.
macro_rules! sorted {
    ($query:expr, $sort:expr, $order:expr) => {{
        let query = $query;
        let (year, sequence, prefix) =
            (cases::number_year, cases::number_sequence, cases::number_prefix);
        macro_rules! by {
            ($column:ident) => {{
                let column = cases::$column;
                match $order {
                    SortOrder::Ascending => {
                        query.order_by((column.asc(), year.asc(), sequence.asc(), prefix.asc()))
                    }
                    SortOrder::Descending => {
                        query.order_by((column.desc(), year.desc(), sequence.desc(), prefix.desc()))
                    }
                }
            }};
        }
        match $sort {
            CaseSort::CreatedAt => by!(created_at),
            CaseSort::LastActivity => by!(last_activity),
            CaseSort::Urgency => by!(urgency_rank),
            CaseSort::PriorityScore => by!(priority_score),
            CaseSort::EstimatedResolution => by!(estimated_resolution),
            CaseSort::Status => by!(status_rank),
            CaseSort::CaseNumber => match $order {
                SortOrder::Ascending => query.order_by((year.asc(), sequence.asc(), prefix.asc())),
                SortOrder::Descending => {
                    query.order_by((year.desc(), sequence.desc(), prefix.desc()))
                }
            },
        }
    }};
}

/// The spellings of an enumeration's values, as the columns hold them.
fn spellings<T: std::fmt::Display>(values: &[T]) -> Vec<String> {
    values.iter().map(ToString::to_string).collect()
}

/// The ids among the wanted assignees, and whether nobody is one of them.
fn assignees(wanted: &[AssigneeFilter]) -> (Vec<String>, bool) {
    let ids = wanted.iter().filter_map(|assignee| match assignee {
        AssigneeFilter::Staff(id) => Some(id.to_string()),
        AssigneeFilter::Unassigned => None,
    });
    (ids.collect(), wanted.contains(&AssigneeFilter::Unassigned))
}

async fn list(
    connection: &mut AsyncPgConnection,
    listing: &CaseListing,
) -> Result<CasePage, Failure> {
    let total: i64 = filtered!(cases::table.count().into_boxed::<Pg>(), &listing.filter)
        .get_result(connection)
        .await
        .map_err(repository_error)?;
    let limit = i64::from(listing.page.limit.get());
    let offset = i64::from(listing.page.number.get() - 1).saturating_mul(limit);
    let query = cases::table
        .left_join(staff::table)
        .select((SummaryRow::as_select(), (staff::id, staff::name).nullable()))
        .into_boxed::<Pg>();
    let query = filtered!(query, &listing.filter);
    let rows: Vec<(SummaryRow, Option<(String, String)>)> =
        sorted!(query, listing.sort, listing.order)
            .limit(limit)
            .offset(offset)
            .load(connection)
            .await
            .map_err(repository_error)?;
    Ok(CasePage {
        cases: rows
            .into_iter()
            .map(|(row, assignee)| row.into_summary(assignee))
            .collect::<Result<_, _>>()?,
        total: total.try_into().map_err(RepositoryError::internal)?,
    })
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = cases)]
struct SummaryRow {
    number_prefix: String,
    number_year: i32,
    number_sequence: i64,
    subject: String,
    customer_name: String,
    customer_email: String,
    customer_type: String,
    status: String,
    urgency: String,
    issue_type: String,
    priority_score: i32,
    department: Option<String>,
    created_at: Instant,
    last_activity: Instant,
    estimated_resolution: Instant,
}

impl SummaryRow {
    fn into_summary(
        self,
        assignee: Option<(String, String)>,
    ) -> Result<CaseSummary, InvalidColumn> {
        Ok(CaseSummary {
            number: case_number(&self.number_prefix, self.number_year, self.number_sequence)?,
            subject: parse(&self.subject, "subject")?,
            customer_name: parse(&self.customer_name, "customer_name")?,
            customer_email: parse(&self.customer_email, "customer_email")?,
            customer_type: parse(&self.customer_type, "customer_type")?,
            status: parse(&self.status, "status")?,
            urgency: parse(&self.urgency, "urgency")?,
            issue_type: parse(&self.issue_type, "issue_type")?,
            priority_score: checked(self.priority_score, PriorityScore::new, "priority_score")?,
            assigned_to: staff_ref(assignee)?,
            department: parse_option(self.department.as_deref(), "department")?,
            created_at: self.created_at.0,
            last_activity: self.last_activity.0,
            estimated_resolution: self.estimated_resolution.0,
        })
    }
}
