//! Cases as rows of the table `cases`.
//!
//! A column that lists show has a field in [`SummaryRow`], any other one in [`CaseRow`]. The column lists
//! of statements are derived from the fields.

use std::sync::LazyLock;
use std::time::Duration;

use diesel::debug_query;
use diesel::dsl::{AsSelect, SqlTypeOf};
use diesel::prelude::*;
use diesel::sqlite::Sqlite;
use engage_domain::case::{Assignment, CountedReplies, Entitlement, EscalationLevel};
use engage_domain::priority::PriorityScore;
use engage_domain::tag::Tags;
use engage_domain::{Case, CaseFacts, CaseId, Customer, Status, Version};
use engage_repository::{CaseColumns, CaseSummary, RepositoryError, SearchField, StoredCase};
use serde::Serialize;

use crate::case_number::{case_number, number_columns};
use crate::column::{checked, customer_email, parse, parse_option, stored_email};
use crate::db_id::DbId;
use crate::db_timestamp::DbTimestamp;
use crate::error::InvalidColumn;
use crate::generations_row::GenerationsRow;
use crate::participant_column::{participant_column, participants};
use crate::schema::cases;
use crate::sla_column::{sla_column, sla_targets};
use crate::sql_types::{Integer, Nullable, SqlTimestamp, Text};
use crate::staff_row::{StaffRow, staff_ref};
use crate::tag_rows::{TAG_NAMES, TagsRow, tags};

/// The columns of a case that lists and exports show.
#[derive(Queryable, Selectable, Insertable, AsChangeset, Serialize)]
#[diesel(table_name = cases, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct SummaryRow {
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
    source: String,
    priority_score: i32,
    department: Option<String>,
    created_at: DbTimestamp,
    last_activity: DbTimestamp,
    estimated_resolution: DbTimestamp,
    status_since: DbTimestamp,
    customer_organization: Option<String>,
    customer_phone: Option<String>,
    client_or_project_name: Option<String>,
    escalation_level: i32,
    last_updated: DbTimestamp,
    first_response: Option<DbTimestamp>,
    first_response_ended_at: Option<DbTimestamp>,
    first_response_due: DbTimestamp,
    first_response_alert: Option<String>,
    resolution_alert: Option<String>,
}

/// A case.
#[derive(Queryable, Selectable, Insertable, AsChangeset, Serialize)]
#[diesel(table_name = cases, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct CaseRow {
    /// Id of the case.
    pub id: DbId<CaseId>,
    #[diesel(embed)]
    #[serde(flatten)]
    summary: SummaryRow,
    version: i64,
    customer_escalated_at: Option<DbTimestamp>,
    replies_since: Option<DbTimestamp>,
    replies_counted: Option<i32>,
    customer_file_bytes: i64,
    assigned_to: Option<String>,
    assigned_at: Option<DbTimestamp>,
    paused: i64,
    next_target_at: Option<DbTimestamp>,
    message: String,
    first_message_by: String,
    participants: Option<String>,
    customer_proven_at: Option<DbTimestamp>,
    entitlement: Option<String>,
    claimed_customer_type: Option<String>,
    sla_targets: Option<String>,
}

impl CaseRow {
    /// Converts a case. Fails if a number does not fit its column.
    pub fn new(case: &Case) -> Result<Self, RepositoryError> {
        let facts = case.facts().clone();
        let (number_prefix, number_year, number_sequence) =
            number_columns(&facts.number).map_err(RepositoryError::internal)?;
        let (assigned_to, assigned_at) = match facts.assignment {
            Some(Assignment { assigned_to, assigned_at }) => {
                (Some(assigned_to.to_string()), Some(DbTimestamp(assigned_at)))
            }
            None => (None, None),
        };
        let (replies_since, replies_counted) = match facts.counted_replies {
            Some(CountedReplies { since, count }) => {
                let count = i32::try_from(count).map_err(RepositoryError::internal)?;
                (Some(DbTimestamp(since)), Some(count))
            }
            None => (None, None),
        };
        let customer_file_bytes =
            i64::try_from(facts.customer_file_bytes).map_err(RepositoryError::internal)?;
        let paused = i64::try_from(facts.paused.as_millis()).map_err(RepositoryError::internal)?;
        let summary = SummaryRow {
            number_prefix,
            number_year,
            number_sequence,
            subject: facts.subject.into(),
            customer_name: facts.customer.name.into(),
            customer_email: stored_email(facts.customer.email.as_ref()),
            customer_type: facts.customer.customer_type.to_string(),
            status: facts.status.to_string(),
            urgency: facts.urgency.to_string(),
            issue_type: facts.issue_type.to_string(),
            source: facts.source.to_string(),
            priority_score: facts.priority_score.get().into(),
            department: facts.department.map(Into::into),
            created_at: DbTimestamp(facts.created_at),
            last_activity: DbTimestamp(facts.last_activity),
            estimated_resolution: DbTimestamp(facts.estimated_resolution),
            status_since: DbTimestamp(facts.status_since),
            customer_organization: facts.customer.organization.map(Into::into),
            customer_phone: facts.customer.phone.map(|phone| phone.to_string()),
            client_or_project_name: facts.project.map(Into::into),
            escalation_level: facts.escalation_level.get().into(),
            last_updated: DbTimestamp(facts.last_updated),
            first_response: facts.first_response.map(DbTimestamp),
            first_response_ended_at: facts.first_response_ended_at.map(DbTimestamp),
            first_response_due: DbTimestamp(facts.first_response_due),
            first_response_alert: facts.first_response_alert.map(|alert| alert.to_string()),
            resolution_alert: facts.resolution_alert.map(|alert| alert.to_string()),
        };
        Ok(Self {
            id: facts.id.into(),
            summary,
            version: facts.version.get().into(),
            customer_escalated_at: facts.customer_escalated_at.map(DbTimestamp),
            replies_since,
            replies_counted,
            customer_file_bytes,
            assigned_to,
            assigned_at,
            paused,
            next_target_at: facts.next_action_at.map(DbTimestamp),
            message: facts.message.into(),
            first_message_by: facts.first_message_by.to_string(),
            participants: participant_column(&facts.participants)?,
            customer_proven_at: facts.customer_proven_at.map(DbTimestamp),
            entitlement: (facts.entitlement != Entitlement::default())
                .then(|| facts.entitlement.to_string()),
            claimed_customer_type: facts.claimed_customer_type.map(|claimed| claimed.to_string()),
            sla_targets: facts.sla_targets.as_ref().map(sla_column),
        })
    }

    /// Converts the row to a case.
    pub fn into_case(self, tags: Tags) -> Result<Case, InvalidColumn> {
        let assignment = match (self.assigned_to, self.assigned_at) {
            (Some(staff), Some(at)) => {
                Some(Assignment { assigned_to: parse(&staff, "assigned_to")?, assigned_at: at.0 })
            }
            (None, None) => None,
            _ => return Err(InvalidColumn { column: "assigned_at" }),
        };
        let counted_replies = match (self.replies_since, self.replies_counted) {
            (Some(since), Some(count)) => Some(CountedReplies {
                since: since.0,
                count: checked(count, Some, "replies_counted")?,
            }),
            (None, None) => None,
            _ => return Err(InvalidColumn { column: "replies_counted" }),
        };
        let row = self.summary;
        Ok(Case::from_facts(CaseFacts {
            id: self.id.get(),
            number: case_number(&row.number_prefix, row.number_year, row.number_sequence)?,
            version: checked(self.version, Version::new, "version")?,
            customer: Customer {
                name: parse(&row.customer_name, "customer_name")?,
                email: customer_email(&row.customer_email)?,
                organization: parse_option(
                    row.customer_organization.as_deref(),
                    "customer_organization",
                )?,
                phone: parse_option(row.customer_phone.as_deref(), "customer_phone")?,
                customer_type: parse(&row.customer_type, "customer_type")?,
            },
            project: parse_option(row.client_or_project_name.as_deref(), "client_or_project_name")?,
            subject: parse(&row.subject, "subject")?,
            message: parse(&self.message, "message")?,
            first_message_by: parse(&self.first_message_by, "first_message_by")?,
            source: parse(&row.source, "source")?,
            issue_type: parse(&row.issue_type, "issue_type")?,
            urgency: parse(&row.urgency, "urgency")?,
            status: parse(&row.status, "status")?,
            status_since: row.status_since.0,
            escalation_level: checked(
                row.escalation_level,
                EscalationLevel::new,
                "escalation_level",
            )?,
            customer_escalated_at: self.customer_escalated_at.map(|at| at.0),
            counted_replies,
            customer_file_bytes: checked(self.customer_file_bytes, Some, "customer_file_bytes")?,
            priority_score: checked(row.priority_score, PriorityScore::new, "priority_score")?,
            assignment,
            department: parse_option(row.department.as_deref(), "department")?,
            created_at: row.created_at.0,
            last_activity: row.last_activity.0,
            last_updated: row.last_updated.0,
            first_response: row.first_response.map(|at| at.0),
            first_response_ended_at: row.first_response_ended_at.map(|at| at.0),
            first_response_due: row.first_response_due.0,
            estimated_resolution: row.estimated_resolution.0,
            paused: checked(self.paused, |ms| Some(Duration::from_millis(ms)), "paused")?,
            first_response_alert: parse_option(
                row.first_response_alert.as_deref(),
                "first_response_alert",
            )?,
            resolution_alert: parse_option(row.resolution_alert.as_deref(), "resolution_alert")?,
            next_action_at: self.next_target_at.map(|at| at.0),
            participants: participants(self.participants.as_deref())?,
            customer_proven_at: self.customer_proven_at.map(|at| at.0),
            entitlement: parse_option(self.entitlement.as_deref(), "entitlement")?
                .unwrap_or_default(),
            claimed_customer_type: parse_option(
                self.claimed_customer_type.as_deref(),
                "claimed_customer_type",
            )?,
            sla_targets: sla_targets(self.sla_targets.as_deref(), "sla_targets")?,
            tags,
        }))
    }
}

/// A case, its assignee, the generations of the proofs of its people, and its tags.
pub type StoredCaseRow = (CaseRow, Option<StaffRow>, GenerationsRow, TagsRow);

/// Converts a case that was read to be changed.
pub fn stored_case(row: StoredCaseRow) -> Result<StoredCase, RepositoryError> {
    let (case, assignee, generations, tags) = row;
    Ok(StoredCase {
        case: case.into_case(tags.read()?)?,
        assignee: assignee.map(StaffRow::into_member).transpose()?,
        generations: generations.read()?,
    })
}

impl SummaryRow {
    fn into_summary(
        self,
        assignee: Option<(String, String)>,
        resolved_before_closing: Option<DbTimestamp>,
        tags: Tags,
    ) -> Result<CaseSummary, InvalidColumn> {
        let status: Status = parse(&self.status, "status")?;
        let since = self.status_since.0;
        let resolved_at = match status {
            Status::Resolved => Some(since),
            _ => resolved_before_closing.map(|at| at.0),
        };
        let more = CaseColumns {
            organization: parse_option(self.customer_organization.as_deref(), "organization")?,
            phone: parse_option(self.customer_phone.as_deref(), "phone")?,
            project: parse_option(self.client_or_project_name.as_deref(), "project")?,
            escalation_level: checked(
                self.escalation_level,
                EscalationLevel::new,
                "escalation_level",
            )?,
            last_updated: self.last_updated.0,
            first_response: self.first_response.map(|at| at.0),
            first_response_ended_at: self.first_response_ended_at.map(|at| at.0),
            first_response_due: self.first_response_due.0,
            resolved_at,
            closed_at: status.is_finished().then_some(since),
            first_response_alert: parse_option(
                self.first_response_alert.as_deref(),
                "first_response_alert",
            )?,
            resolution_alert: parse_option(self.resolution_alert.as_deref(), "resolution_alert")?,
        };
        Ok(CaseSummary {
            more,
            tags,
            number: case_number(&self.number_prefix, self.number_year, self.number_sequence)?,
            subject: parse(&self.subject, "subject")?,
            customer_name: parse(&self.customer_name, "customer_name")?,
            customer_email: customer_email(&self.customer_email)?,
            customer_type: parse(&self.customer_type, "customer_type")?,
            status,
            urgency: parse(&self.urgency, "urgency")?,
            issue_type: parse(&self.issue_type, "issue_type")?,
            source: parse(&self.source, "source")?,
            priority_score: checked(self.priority_score, PriorityScore::new, "priority_score")?,
            assigned_to: staff_ref(assignee)?,
            department: parse_option(self.department.as_deref(), "department")?,
            created_at: self.created_at.0,
            last_activity: self.last_activity.0,
            estimated_resolution: self.estimated_resolution.0,
        })
    }
}

/// SQL types of the columns of a [`CaseRow`].
pub type CaseColumnTypes<DB> = SqlTypeOf<AsSelect<CaseRow, DB>>;

/// SQL types of the columns of a [`ListedRow`].
pub type ListedColumnTypes<DB> = (
    SqlTypeOf<AsSelect<SummaryRow, DB>>,
    Nullable<(Text, Text)>,
    Nullable<SqlTimestamp>,
    Nullable<Text>,
    Integer,
);

/// A case in a list, with its assignee and the field in which a search was found.
#[derive(Queryable)]
pub struct ListedRow {
    case: SummaryRow,
    assignee: Option<(String, String)>,
    resolved_before_closing: Option<DbTimestamp>,
    tags: Option<String>,
    found_in: i32,
}

impl ListedRow {
    /// Converts the row to a summary, and the field in which the search was found.
    pub fn into_found(self) -> Result<(CaseSummary, SearchField), InvalidColumn> {
        let found_in = checked(self.found_in, SearchField::from_number, "place")?;
        let tags = tags(self.tags.as_deref())?;
        Ok((self.case.into_summary(self.assignee, self.resolved_before_closing, tags)?, found_in))
    }
}

/// The names of the columns of a [`CaseRow`], in its order.
pub static CASE_COLUMNS: LazyLock<Vec<String>> = LazyLock::new(|| {
    column_names(&debug_query::<Sqlite, _>(&cases::table.select(CaseRow::as_select())).to_string())
});

/// The columns of a [`ListedRow`] of the case `c` in a statement, except for the last one.
pub(crate) static LISTED_COLUMNS: LazyLock<String> = LazyLock::new(|| {
    let select = cases::table.select(SummaryRow::as_select());
    let columns = column_names(&debug_query::<Sqlite, _>(&select).to_string());
    let columns: Vec<_> = columns.iter().map(|column| format!("c.{column}")).collect();
    format!(
        "{}, staff.id, staff.name, \
         CASE WHEN c.status = 'CLOSED' THEN (
            SELECT max(events.timestamp) FROM events WHERE events.case_id = c.id
                AND events.changes LIKE '%{{\"field\":\"status\",\"from\":\"%\",\"to\":\"RESOLVED\"}}%'
         ) END, {TAG_NAMES}",
        columns.join(", ")
    )
});

/// Returns the names of the columns that a statement of diesel selects.
fn column_names(select: &str) -> Vec<String> {
    let columns = select.split(" FROM ").next().unwrap_or_default();
    // Each is spelled `table`.`column`.
    let names = columns.split(", ").filter_map(|column| column.rsplit('`').nth(1));
    names.map(str::to_owned).collect()
}
