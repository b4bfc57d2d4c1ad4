//! A case in a snapshot.

use engage_domain::case::{Entitlement, EscalationLevel};
use engage_domain::organization::SlaOverride;
use engage_domain::priority::PriorityScore;
use engage_domain::tag::Tags;
use engage_domain::{
    CaseFacts, CaseNumber, CustomerType, Department, EmailAddress, FirstMessageBy, IssueType,
    Message, Organization, PersonName, PhoneNumber, ProjectName, Source, StaffId, StaffRef, Status,
    Subject, Timestamp, Urgency, Version,
};
use serde::{Deserialize, Deserializer, Serialize};

/// A case as staff and external systems see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct CaseSnapshot {
    /// Case number.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "CW-2025-001"))]
    pub case_number: CaseNumber,
    /// Version of the case, incremented by every change.
    #[cfg_attr(feature = "openapi", schema(value_type = u32, minimum = 1))]
    pub version: Version,
    /// The customer.
    pub customer_info: CustomerSnapshot,
    /// Content, classification and status.
    pub case_details: CaseDetailsSnapshot,
    /// The assignee and the department.
    pub assignment: AssignmentSnapshot,
    /// Times of the case, including its SLA targets.
    pub timeline: TimelineSnapshot,
}

/// Customer of a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct CustomerSnapshot {
    /// Name of the person.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub name: PersonName,
    /// E-mail address for replies. Null if the customer has none.
    #[serde(default, deserialize_with = "known_email")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = "idn-email"))]
    pub email: Option<EmailAddress>,
    /// Organization that the customer works for.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub organization: Option<Organization>,
    /// Phone number in E.164 format.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub phone: Option<PhoneNumber>,
    /// Customer's type of contract.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "BUSINESS"))]
    pub customer_type: CustomerType,
    /// Type of contract that the customer claimed, also if another one applies. Null in events of
    /// earlier releases.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, example = "BUSINESS"))]
    pub claimed_customer_type: Option<CustomerType>,
    /// `VERIFIED` if the contract of an organization applies to the customer's proven address, else
    /// `CLAIMED`.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "CLAIMED"))]
    pub entitlement: Entitlement,
    /// True if somebody has shown that they read the mail to this address.
    #[serde(default)]
    pub customer_proven: bool,
    /// Service targets of the contract by urgency, if it has its own.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub sla_targets: Option<SlaOverride>,
}

/// Content, classification and status of a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct CaseDetailsSnapshot {
    /// Subject line.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub subject: Subject,
    /// Text of the request.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub message: Message,
    /// Author of the message: the customer, or staff who wrote to the customer first.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "CUSTOMER"))]
    pub first_message_by: FirstMessageBy,
    /// Client or project of the customer that the case concerns.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub client_or_project_name: Option<ProjectName>,
    /// Way in which the case came in.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "API"))]
    pub source: Source,
    /// Kind of help requested.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "TECHNICAL"))]
    pub issue_type: IssueType,
    /// Urgency of the case.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "HIGH"))]
    pub urgency: Urgency,
    /// Current status.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "IN_PROGRESS"))]
    pub status: Status,
    /// Priority, from 0 to 100.
    #[cfg_attr(feature = "openapi", schema(value_type = u8, maximum = 100))]
    pub priority_score: PriorityScore,
    /// Number of escalations, capped at 3.
    #[cfg_attr(feature = "openapi", schema(value_type = u8, maximum = 3))]
    pub escalation_level: EscalationLevel,
    /// Tags of the case, by name. Empty in events of earlier releases.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>, example = json!(["VIP"])))]
    pub tags: Tags,
}

/// Assignee and department of a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct AssignmentSnapshot {
    /// Id of the assignee.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub assigned_to: Option<StaffId>,
    /// Name of the assignee.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub assignee_name: Option<PersonName>,
    /// Time of the assignment.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub assigned_at: Option<Timestamp>,
    /// Department that handles the case.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub department: Option<Department>,
}

/// Times of a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct TimelineSnapshot {
    /// Time at which the case was opened.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub created_at: Timestamp,
    /// Time of the first response by staff.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub first_response: Option<Timestamp>,
    /// Time by which the first response is due.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub first_response_due: Timestamp,
    /// Time of the last change.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub last_activity: Timestamp,
    /// Time by which the case should be resolved.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub estimated_resolution: Timestamp,
}

/// Reads an address, or [`ABSENT_EMAIL`](engage_domain::contact::ABSENT_EMAIL) as none.
fn known_email<'de, D: Deserializer<'de>>(from: D) -> Result<Option<EmailAddress>, D::Error> {
    let email = Option::<EmailAddress>::deserialize(from)?;
    Ok(email.filter(|email| !email.is_absent()))
}

impl CaseSnapshot {
    /// Takes a snapshot of a case and its assignee.
    pub fn new(case: &CaseFacts, assignee: Option<&StaffRef>) -> Self {
        let assignment = case.assignment.as_ref();
        Self {
            case_number: case.number.clone(),
            version: case.version,
            customer_info: CustomerSnapshot {
                name: case.customer.name.clone(),
                email: case.customer.email.clone(),
                organization: case.customer.organization.clone(),
                phone: case.customer.phone.clone(),
                customer_type: case.customer.customer_type,
                claimed_customer_type: Some(case.claimed_type()),
                entitlement: case.entitlement,
                customer_proven: case.is_customer_proven(),
                sla_targets: case.sla_targets.clone(),
            },
            case_details: CaseDetailsSnapshot {
                subject: case.subject.clone(),
                message: case.message.clone(),
                first_message_by: case.first_message_by,
                client_or_project_name: case.project.clone(),
                source: case.source,
                issue_type: case.issue_type,
                urgency: case.urgency,
                status: case.status,
                priority_score: case.priority_score,
                escalation_level: case.escalation_level,
                tags: case.tags.clone(),
            },
            assignment: AssignmentSnapshot {
                assigned_to: assignment.map(|a| a.assigned_to.clone()),
                assignee_name: assignee.map(|staff| staff.name.clone()),
                assigned_at: assignment.map(|a| a.assigned_at),
                department: case.department.clone(),
            },
            timeline: TimelineSnapshot {
                created_at: case.created_at,
                first_response: case.first_response,
                first_response_due: case.first_response_due,
                last_activity: case.last_activity,
                estimated_resolution: case.estimated_resolution,
            },
        }
    }
}
