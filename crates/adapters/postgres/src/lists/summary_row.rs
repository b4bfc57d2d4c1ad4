//! A case in a list as a row.

use diesel::dsl::{AsSelect, SqlTypeOf};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{Integer, Nullable, Text};
use engage_domain::PriorityScore;
use engage_repository::{CaseSummary, SearchPlace};

use crate::case_rows::{case_number, checked, parse, parse_option};
use crate::error::InvalidColumn;
use crate::instant::Instant;
use crate::schema::cases;
use crate::staff::staff_ref;

/// What is selected of a case, in the order of [`SummaryRow`], and of its assignee.
pub(super) const SUMMARY_COLUMNS: &str = "\
    c.number_prefix, c.number_year, c.number_sequence, c.subject, c.customer_name, \
    c.customer_email, c.customer_type, c.status, c.urgency, c.issue_type, c.priority_score, \
    c.department, c.created_at, c.last_activity, c.estimated_resolution, staff.id, staff.name";

/// The types of these columns, and of the place where a search was met.
pub(super) type PartColumns =
    (SqlTypeOf<AsSelect<SummaryRow, Pg>>, Nullable<(Text, Text)>, Integer);

/// A row of these columns.
#[derive(Queryable)]
pub(super) struct PartRow {
    case: SummaryRow,
    assignee: Option<(String, String)>,
    place: i32,
}

impl PartRow {
    pub(super) fn into_found(self) -> Result<(CaseSummary, SearchPlace), InvalidColumn> {
        let place = checked(self.place, SearchPlace::from_number, "place")?;
        Ok((self.case.into_summary(self.assignee)?, place))
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
