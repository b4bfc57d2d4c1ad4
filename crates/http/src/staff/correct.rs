use std::fmt::Display;
use std::str::FromStr;

use actix_web::{HttpResponse, patch};
use engage_application::Changed;
use engage_domain::priority::PriorityScore;
use engage_domain::{
    CorrectRequest, CustomerType, EmailAddress, IssueType, Organization, PersonName, PhoneNumber,
    ProjectName, Status, Subject, Timestamp, Urgency, Version,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::CaseInPath;
use super::access::{ChangeCases, Required, Staff};
use super::tags::fields::{all_tags, known_tags};
use crate::body::{JsonBody, present};
use crate::change_headers::{ChangeHeaders, ChangeParameters};
use crate::change_response::{ChangeBody, ChangeResponse};
use crate::deadline::in_time;
use crate::error::{ApiError, ErrorBody};
use crate::validation::Validation;

/// A correction of the customer's details, the subject or the classification of a case. Omitted
/// fields do not change. At least one is required.
#[allow(clippy::option_option)] // Missing, null and given are three things.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CorrectCaseRequest {
    /// `LOW`, `MEDIUM`, `HIGH` or `CRITICAL`. It may be lower than before.
    #[schema(example = "MEDIUM")]
    urgency: Option<String>,
    /// `TECHNICAL`, `BILLING` or `GENERAL`.
    #[schema(example = "BILLING")]
    issue_type: Option<String>,
    /// `FREE`, `BUSINESS` or `ENTERPRISE`.
    #[schema(example = "ENTERPRISE")]
    customer_type: Option<String>,
    /// Name of the customer.
    #[schema(max_length = 200, example = "John Doe")]
    name: Option<String>,
    /// E-mail address of the customer. Null removes it, if there is a phone.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, max_length = 254, example = "john.doe@example.com")]
    email: Option<Option<String>>,
    /// Phone number of the customer. Null removes it, if there is an e-mail address.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, example = "+15550100456")]
    phone: Option<Option<String>>,
    /// Organization of the customer. Null removes it.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, max_length = 200, example = "Acme Corp")]
    organization: Option<Option<String>>,
    /// Client or project that the case concerns. Null removes it.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, max_length = 200, example = "Website relaunch")]
    client_or_project_name: Option<Option<String>>,
    /// Subject of the case.
    #[schema(max_length = 200, example = "Unable to access dashboard")]
    subject: Option<String>,
    /// All tags of the case, instead of those that it has. Those that do not exist are created, if you
    /// may.
    #[schema(max_items = 20, example = json!(["VIP", "Renewal"]))]
    tags: Option<Vec<String>>,
}

impl CorrectCaseRequest {
    fn validate(&self) -> Result<CorrectRequest, ApiError> {
        let mut v = Validation::default();
        let correction = CorrectRequest {
            urgency: v.word("urgency", self.urgency.as_deref()),
            issue_type: v.word("issueType", self.issue_type.as_deref()),
            customer_type: v.word("customerType", self.customer_type.as_deref()),
            name: given(&mut v, "name", self.name.as_deref()),
            email: self.email.as_ref().map(|email| {
                v.refuse_blank("email", email.as_deref());
                v.optional_as("email", email.as_deref(), EmailAddress::reachable)
            }),
            phone: removable(&mut v, "phone", self.phone.as_ref()),
            organization: removable(&mut v, "organization", self.organization.as_ref()),
            project: removable(&mut v, "clientOrProjectName", self.client_or_project_name.as_ref()),
            subject: given(&mut v, "subject", self.subject.as_deref()),
            tags: all_tags(&mut v, "tags", self.tags.as_deref()),
        };
        v.at_least_one(&[
            ("urgency", correction.urgency.is_some()),
            ("issueType", correction.issue_type.is_some()),
            ("customerType", correction.customer_type.is_some()),
            ("name", correction.name.is_some()),
            ("email", correction.email.is_some()),
            ("phone", correction.phone.is_some()),
            ("organization", correction.organization.is_some()),
            ("clientOrProjectName", correction.project.is_some()),
            ("subject", correction.subject.is_some()),
            ("tags", correction.tags.is_some()),
        ]);
        v.finish(Some(correction))
    }
}

/// Reads a field that a case always has.
fn given<T>(v: &mut Validation, field: &'static str, text: Option<&str>) -> Option<T>
where
    T: FromStr,
    T::Err: Display,
{
    v.refuse_blank(field, text);
    v.optional(field, text)
}

/// Reads a field that null removes.
#[allow(clippy::option_option)]
fn removable<T>(
    v: &mut Validation,
    field: &'static str,
    text: Option<&Option<String>>,
) -> Option<Option<T>>
where
    T: FromStr,
    T::Err: Display,
{
    text.map(|text| given(v, field, text.as_deref()))
}

/// The corrected case.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CorrectCaseResponse {
    success: bool,
    #[schema(example = "Case corrected successfully")]
    message: &'static str,
    #[schema(example = "CW-2025-001")]
    case_number: String,
    /// Name of the customer.
    #[schema(value_type = String)]
    name: PersonName,
    /// E-mail address of the customer. Null if there is none.
    #[schema(value_type = Option<String>, format = "idn-email")]
    email: Option<EmailAddress>,
    /// Phone number of the customer in E.164 format.
    #[schema(value_type = Option<String>)]
    phone: Option<PhoneNumber>,
    /// Organization of the customer.
    #[schema(value_type = Option<String>)]
    organization: Option<Organization>,
    /// Client or project that the case concerns.
    #[schema(value_type = Option<String>)]
    client_or_project_name: Option<ProjectName>,
    /// Subject of the case.
    #[schema(value_type = String)]
    subject: Subject,
    /// Tags of the case, by name.
    tags: Vec<String>,
    #[schema(value_type = String, example = "MEDIUM")]
    urgency: Urgency,
    #[schema(value_type = String, example = "BILLING")]
    issue_type: IssueType,
    #[schema(value_type = String, example = "ENTERPRISE")]
    customer_type: CustomerType,
    /// New priority score, from 0 to 100.
    #[schema(value_type = u8, maximum = 100)]
    priority_score: PriorityScore,
    /// New estimated time of resolution.
    #[schema(value_type = String, format = DateTime)]
    estimated_resolution: Timestamp,
    #[schema(value_type = String, example = "IN_PROGRESS")]
    status: Status,
    /// Version of the case after the change.
    #[schema(value_type = u32, minimum = 1)]
    version: Version,
}

impl ChangeBody for CorrectCaseResponse {
    fn new(Changed { case, event }: &Changed) -> Self {
        let facts = case.facts();
        Self {
            success: true,
            message: match event {
                Some(_) => "Case corrected successfully",
                None => "Nothing to change",
            },
            case_number: case.number().to_string(),
            name: facts.customer.name.clone(),
            email: facts.customer.email.clone(),
            phone: facts.customer.phone.clone(),
            organization: facts.customer.organization.clone(),
            client_or_project_name: facts.project.clone(),
            subject: facts.subject.clone(),
            tags: facts.tags.iter().map(ToString::to_string).collect(),
            urgency: facts.urgency,
            issue_type: facts.issue_type,
            customer_type: facts.customer.customer_type,
            priority_score: facts.priority_score,
            estimated_resolution: facts.estimated_resolution,
            status: facts.status,
            version: facts.version,
        }
    }
}

/// Correct the customer's details, the subject or the classification of a case.
///
/// The priority score and the due times are updated. A new e-mail address ends the access of the old
/// one at once: links, sessions and codes. What is still to be sent to an old address or phone is
/// cancelled. The customer is notified of a new address there, and of nothing else. Closed and
/// cancelled cases cannot be corrected.
#[utoipa::path(
    security(("staffToken" = [ChangeCases::ROLE])),
    params(("caseNumber" = String, Path, description = "Case number, in upper or lower case.", example = "CW-2025-001"), ChangeParameters),
    request_body = CorrectCaseRequest,
    responses(
        (status = 200, description = "The case after the change.", body = CorrectCaseResponse),
        (status = 409, description = "`INVALID_TRANSITION`.", body = ErrorBody),
    ),
)]
#[patch("/support/case/{caseNumber}")]
pub(crate) async fn correct_case(
    staff: Staff<ChangeCases>,
    number: CaseInPath,
    change_headers: ChangeHeaders,
    body: JsonBody<CorrectCaseRequest>,
) -> Result<HttpResponse, ApiError> {
    let mut request = body.0.validate()?;
    if let Some(tags) = &request.tags {
        request.tags = Some(known_tags(&staff, tags).await?);
    }
    let options = change_headers.options::<CorrectCaseResponse>(&staff.caller(), body.1);
    let (use_cases, command) = (staff.use_cases(), staff.command(number.0, options));
    let correct = async move { use_cases.correct_case.execute(command, request).await };
    Ok(ChangeResponse::of::<CorrectCaseResponse>(in_time(correct).await?)?.to_staff())
}
