//! A case in a list as a row.

use diesel::dsl::{AsSelect, SqlTypeOf};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{Integer, Nullable, Text, Timestamptz};
use engage_domain::{EscalationLevel, PriorityScore, Status};
use engage_repository::{CaseColumns, CaseSummary, SearchField};

use crate::case_rows::{case_number, checked, parse, parse_option};
use crate::db_timestamp::DbTimestamp;
use crate::error::InvalidColumn;
use crate::schema::cases;
use crate::staff_rows::staff_ref;

/// What is selected of a case, in the order of [`SummaryRow`], and of its assignee.
pub(super) const SUMMARY_COLUMNS: &str = "\
    c.number_prefix, c.number_year, c.number_sequence, c.subject, c.customer_name, \
    c.customer_email, c.customer_type, c.status, c.urgency, c.issue_type, c.priority_score, \
    c.department, c.created_at, c.last_activity, c.estimated_resolution, c.status_since, \
    c.customer_organization, c.customer_phone, c.client_or_project_name, c.escalation_level, \
    c.last_updated, c.first_response, c.first_response_ended_at, c.first_response_due, c.first_response_alert, \
    c.resolution_alert, staff.id, staff.name, \
    CASE WHEN c.status = 'CLOSED' THEN (
        SELECT max(events.timestamp) FROM events WHERE events.case_id = c.id
            AND events.changes LIKE '%{\"field\":\"status\",\"from\":\"%\",\"to\":\"RESOLVED\"}%'
    ) END";

/// The types of these columns, and of the place where a search was met.
pub(super) type PartColumns =
    (SqlTypeOf<AsSelect<SummaryRow, Pg>>, Nullable<(Text, Text)>, Nullable<Timestamptz>, Integer);

/// A row of these columns.
#[derive(Queryable)]
pub(super) struct PartRow {
    case: SummaryRow,
    assignee: Option<(String, String)>,
    resolved_before_closing: Option<DbTimestamp>,
    place: i32,
}

impl PartRow {
    pub(super) fn into_found(self) -> Result<(CaseSummary, SearchField), InvalidColumn> {
        let place = checked(self.place, SearchField::from_number, "place")?;
        Ok((self.case.into_summary(self.assignee, self.resolved_before_closing)?, place))
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = cases)]
pub(super) struct SummaryRow {
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

impl SummaryRow {
    fn into_summary(
        self,
        assignee: Option<(String, String)>,
        resolved_before_closing: Option<DbTimestamp>,
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
            number: case_number(&self.number_prefix, self.number_year, self.number_sequence)?,
            subject: parse(&self.subject, "subject")?,
            customer_name: parse(&self.customer_name, "customer_name")?,
            customer_email: parse(&self.customer_email, "customer_email")?,
            customer_type: parse(&self.customer_type, "customer_type")?,
            status,
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
