//! A case as a row of the table `cases`.

use std::time::Duration;

use diesel::prelude::*;
use engage_domain::{
    Assignment, Case, CaseFacts, CaseId, CaseNumber, CountedReplies, Customer, EscalationLevel,
    FromStored, PriorityScore, Timestamp, Version,
};
use engage_repository::{AccessGeneration, RepositoryError};

use crate::error::InvalidColumn;
use crate::schema::cases;

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = cases, treat_none_as_default_value = false, treat_none_as_null = true)]
pub(crate) struct CaseRow {
    pub(crate) id: Vec<u8>,
    number_prefix: String,
    number_year: i32,
    number_sequence: i64,
    version: i64,
    status: String,
    status_since: i64,
    urgency: String,
    issue_type: String,
    escalation_level: i32,
    customer_escalated_at: Option<i64>,
    replies_since: Option<i64>,
    replies_counted: Option<i32>,
    customer_file_bytes: i64,
    priority_score: i32,
    assigned_to: Option<String>,
    assigned_at: Option<i64>,
    department: Option<String>,
    created_at: i64,
    last_activity: i64,
    last_updated: i64,
    first_response: Option<i64>,
    first_response_ended_at: Option<i64>,
    first_response_due: i64,
    estimated_resolution: i64,
    paused: i64,
    first_response_alert: Option<String>,
    resolution_alert: Option<String>,
    next_target_at: Option<i64>,
    customer_name: String,
    customer_email: String,
    customer_organization: Option<String>,
    customer_phone: Option<String>,
    customer_type: String,
    client_or_project_name: Option<String>,
    subject: String,
    message: String,
}

/// Reads a stored text as the domain's type.
pub(crate) fn parse<T: FromStored>(text: &str, column: &'static str) -> Result<T, InvalidColumn> {
    T::from_stored(text).map_err(|_| InvalidColumn { column })
}

pub(crate) fn parse_option<T: FromStored>(
    text: Option<&str>,
    column: &'static str,
) -> Result<Option<T>, InvalidColumn> {
    text.map(|text| parse(text, column)).transpose()
}

/// Reads a stored number as a narrower one that the domain makes its own check of.
pub(crate) fn checked<N, M: TryFrom<N>, T>(
    number: N,
    check: impl FnOnce(M) -> Option<T>,
    column: &'static str,
) -> Result<T, InvalidColumn> {
    M::try_from(number).ok().and_then(check).ok_or(InvalidColumn { column })
}

pub(crate) fn id_bits(bytes: &[u8], column: &'static str) -> Result<u128, InvalidColumn> {
    bytes.try_into().map(u128::from_be_bytes).map_err(|_| InvalidColumn { column })
}

pub(crate) fn id_bytes(bits: u128) -> Vec<u8> {
    bits.to_be_bytes().to_vec()
}

pub(crate) fn case_number(
    prefix: &str,
    year: i32,
    sequence: i64,
) -> Result<CaseNumber, InvalidColumn> {
    let invalid = InvalidColumn { column: "case number" };
    let prefix = parse(prefix, "number_prefix")?;
    match (year.try_into(), sequence.try_into()) {
        (Ok(year), Ok(sequence)) => CaseNumber::new(prefix, year, sequence).map_err(|_| invalid),
        _ => Err(invalid),
    }
}

/// The parts of a case number as the columns hold them.
pub(crate) fn number_columns(
    number: &CaseNumber,
) -> Result<(String, i32, i64), std::num::TryFromIntError> {
    Ok((number.prefix().to_string(), i32::from(number.year()), number.sequence().try_into()?))
}

impl CaseRow {
    pub(crate) fn new(case: &Case) -> Result<Self, RepositoryError> {
        let facts = case.facts().clone();
        let (number_prefix, number_year, number_sequence) =
            number_columns(&facts.number).map_err(RepositoryError::internal)?;
        let paused = i64::try_from(facts.paused.as_millis()).map_err(RepositoryError::internal)?;
        let (assigned_to, assigned_at) = match facts.assignment {
            Some(Assignment { assigned_to, assigned_at }) => {
                (Some(assigned_to.to_string()), Some(assigned_at.as_millis()))
            }
            None => (None, None),
        };
        let (replies_since, replies_counted) = match facts.counted_replies {
            Some(CountedReplies { since, count }) => {
                let count = i32::try_from(count).map_err(RepositoryError::internal)?;
                (Some(since.as_millis()), Some(count))
            }
            None => (None, None),
        };
        let customer_file_bytes =
            i64::try_from(facts.customer_file_bytes).map_err(RepositoryError::internal)?;
        Ok(Self {
            id: id_bytes(facts.id.as_u128()),
            number_prefix,
            number_year,
            number_sequence,
            version: facts.version.get().into(),
            status: facts.status.to_string(),
            status_since: facts.status_since.as_millis(),
            urgency: facts.urgency.to_string(),
            issue_type: facts.issue_type.to_string(),
            escalation_level: facts.escalation_level.get().into(),
            customer_escalated_at: facts.customer_escalated_at.map(Timestamp::as_millis),
            replies_since,
            replies_counted,
            customer_file_bytes,
            priority_score: facts.priority_score.get().into(),
            assigned_to,
            assigned_at,
            department: facts.department.map(Into::into),
            created_at: facts.created_at.as_millis(),
            last_activity: facts.last_activity.as_millis(),
            last_updated: facts.last_updated.as_millis(),
            first_response: facts.first_response.map(Timestamp::as_millis),
            first_response_ended_at: facts.first_response_ended_at.map(Timestamp::as_millis),
            first_response_due: facts.first_response_due.as_millis(),
            estimated_resolution: facts.estimated_resolution.as_millis(),
            paused,
            first_response_alert: facts.first_response_alert.map(|alert| alert.to_string()),
            resolution_alert: facts.resolution_alert.map(|alert| alert.to_string()),
            next_target_at: facts.next_target_at.map(Timestamp::as_millis),
            customer_name: facts.customer.name.into(),
            customer_email: facts.customer.email.to_string(),
            customer_organization: facts.customer.organization.map(Into::into),
            customer_phone: facts.customer.phone.map(|phone| phone.to_string()),
            customer_type: facts.customer.customer_type.to_string(),
            client_or_project_name: facts.project.map(Into::into),
            subject: facts.subject.into(),
            message: facts.message.into(),
        })
    }

    pub(crate) fn into_case(self) -> Result<Case, InvalidColumn> {
        let assignment = match (self.assigned_to, self.assigned_at) {
            (Some(staff), Some(at)) => Some(Assignment {
                assigned_to: parse(&staff, "assigned_to")?,
                assigned_at: Timestamp::from_millis(at),
            }),
            (None, None) => None,
            _ => return Err(InvalidColumn { column: "assigned_at" }),
        };
        let counted_replies = match (self.replies_since, self.replies_counted) {
            (Some(since), Some(count)) => Some(CountedReplies {
                since: Timestamp::from_millis(since),
                count: checked(count, Some, "replies_counted")?,
            }),
            (None, None) => None,
            _ => return Err(InvalidColumn { column: "replies_counted" }),
        };
        Ok(Case::from_facts(CaseFacts {
            id: CaseId::from_u128(id_bits(&self.id, "id")?),
            number: case_number(&self.number_prefix, self.number_year, self.number_sequence)?,
            version: checked(self.version, Version::new, "version")?,
            customer: Customer {
                name: parse(&self.customer_name, "customer_name")?,
                email: parse(&self.customer_email, "customer_email")?,
                organization: parse_option(
                    self.customer_organization.as_deref(),
                    "customer_organization",
                )?,
                phone: parse_option(self.customer_phone.as_deref(), "customer_phone")?,
                customer_type: parse(&self.customer_type, "customer_type")?,
            },
            project: parse_option(
                self.client_or_project_name.as_deref(),
                "client_or_project_name",
            )?,
            subject: parse(&self.subject, "subject")?,
            message: parse(&self.message, "message")?,
            issue_type: parse(&self.issue_type, "issue_type")?,
            urgency: parse(&self.urgency, "urgency")?,
            status: parse(&self.status, "status")?,
            status_since: Timestamp::from_millis(self.status_since),
            escalation_level: checked(
                self.escalation_level,
                EscalationLevel::new,
                "escalation_level",
            )?,
            customer_escalated_at: self.customer_escalated_at.map(Timestamp::from_millis),
            counted_replies,
            customer_file_bytes: checked(self.customer_file_bytes, Some, "customer_file_bytes")?,
            priority_score: checked(self.priority_score, PriorityScore::new, "priority_score")?,
            assignment,
            department: parse_option(self.department.as_deref(), "department")?,
            created_at: Timestamp::from_millis(self.created_at),
            last_activity: Timestamp::from_millis(self.last_activity),
            last_updated: Timestamp::from_millis(self.last_updated),
            first_response: self.first_response.map(Timestamp::from_millis),
            first_response_ended_at: self.first_response_ended_at.map(Timestamp::from_millis),
            first_response_due: Timestamp::from_millis(self.first_response_due),
            estimated_resolution: Timestamp::from_millis(self.estimated_resolution),
            paused: checked(self.paused, |ms| Some(Duration::from_millis(ms)), "paused")?,
            first_response_alert: parse_option(
                self.first_response_alert.as_deref(),
                "first_response_alert",
            )?,
            resolution_alert: parse_option(self.resolution_alert.as_deref(), "resolution_alert")?,
            next_target_at: self.next_target_at.map(Timestamp::from_millis),
        }))
    }
}

pub(crate) fn access_generation(stored: i32) -> Result<AccessGeneration, InvalidColumn> {
    checked(stored, |count| Some(AccessGeneration(count)), "access_generation")
}
