use actix_web::{HttpResponse, patch};
use engage_application::Changed;
use engage_domain::priority::PriorityScore;
use engage_domain::{CorrectRequest, CustomerType, IssueType, Status, Timestamp, Urgency, Version};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::CaseInPath;
use super::access::{ChangeCases, Required, Staff};
use crate::body::JsonBody;
use crate::change_headers::{ChangeHeaders, ChangeParameters};
use crate::change_response::{ChangeBody, ChangeResponse};
use crate::deadline::in_time;
use crate::error::{ApiError, ErrorBody};
use crate::validation::Validation;

/// A correction of the case's classification. Omitted fields do not change. At least one is
/// required.
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
}

impl CorrectCaseRequest {
    fn validate(&self) -> Result<CorrectRequest, ApiError> {
        let mut v = Validation::default();
        let correction = CorrectRequest {
            urgency: v.word("urgency", self.urgency.as_deref()),
            issue_type: v.word("issueType", self.issue_type.as_deref()),
            customer_type: v.word("customerType", self.customer_type.as_deref()),
        };
        v.at_least_one(&[
            ("urgency", correction.urgency.is_some()),
            ("issueType", correction.issue_type.is_some()),
            ("customerType", correction.customer_type.is_some()),
        ]);
        v.finish(Some(correction))
    }
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

/// Correct the classification of a case.
///
/// The priority score and the due times are updated. The customer is not notified. Closed and
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
    let request = body.0.validate()?;
    let options = change_headers.options::<CorrectCaseResponse>(&staff.caller(), body.1);
    let (use_cases, command) = (staff.use_cases(), staff.command(number.0, options));
    let correct = async move { use_cases.correct_case.execute(command, request).await };
    Ok(ChangeResponse::of::<CorrectCaseResponse>(in_time(correct).await?)?.to_staff())
}
