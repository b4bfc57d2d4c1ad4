use actix_web::{HttpResponse, post};
use engage_application::Changed;
use engage_domain::case::EscalationLevel;
use engage_domain::{EscalateRequest, Status, Timestamp, Urgency, Version};
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

/// A request by staff to escalate a case.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StaffEscalateRequest {
    /// Reason for the escalation. The customer can read it.
    #[schema(
        required,
        min_length = 1,
        max_length = 2000,
        example = "Outage at the customer's site",
        nullable = false
    )]
    reason: Option<String>,
    /// New urgency, at least the current one. By default the urgency rises by one step.
    #[schema(example = "CRITICAL")]
    new_urgency: Option<String>,
}

/// The escalated case.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StaffEscalateResponse {
    success: bool,
    #[schema(example = "Case escalated successfully")]
    message: &'static str,
    #[schema(example = "CW-2025-001")]
    case_number: String,
    /// Urgency of the case after the escalation.
    #[schema(value_type = String, example = "CRITICAL")]
    new_urgency: Urgency,
    /// Number of escalations, up to 3.
    #[schema(value_type = u8, minimum = 1, maximum = 3)]
    escalation_level: EscalationLevel,
    /// New estimated time of resolution.
    #[schema(value_type = String, format = DateTime)]
    estimated_resolution: Timestamp,
    /// Status of the case after the change.
    #[schema(value_type = String, example = "IN_PROGRESS")]
    status: Status,
    /// Version of the case after the change.
    #[schema(value_type = u32, minimum = 1)]
    version: Version,
}

impl ChangeBody for StaffEscalateResponse {
    fn new(Changed { case, .. }: &Changed) -> Self {
        let facts = case.facts();
        Self {
            success: true,
            message: "Case escalated successfully",
            case_number: case.number().to_string(),
            new_urgency: facts.urgency,
            escalation_level: facts.escalation_level,
            estimated_resolution: facts.estimated_resolution,
            status: facts.status,
            version: facts.version,
        }
    }
}

/// Escalate a case.
///
/// Works like an escalation by the customer, but without the limit of one in five minutes.
#[utoipa::path(
    operation_id = "escalate_case_by_staff",
    security(("staffToken" = [ChangeCases::ROLE])),
    params(("caseNumber" = String, Path, description = "Case number, in upper or lower case.", example = "CW-2025-001"), ChangeParameters),
    request_body = StaffEscalateRequest,
    responses(
        (status = 200, description = "The escalated case.", body = StaffEscalateResponse),
        (status = 409, description = "`INVALID_TRANSITION`.", body = ErrorBody),
    ),
)]
#[post("/support/case/{caseNumber}/escalate")]
pub(crate) async fn escalate_case(
    staff: Staff<ChangeCases>,
    number: CaseInPath,
    change_headers: ChangeHeaders,
    body: JsonBody<StaffEscalateRequest>,
) -> Result<HttpResponse, ApiError> {
    let mut v = Validation::default();
    let reason = v.required("reason", body.0.reason.as_deref());
    let new_urgency = v.word("newUrgency", body.0.new_urgency.as_deref());
    let request = EscalateRequest { reason: v.finish(reason)?, new_urgency };
    let options = change_headers.options::<StaffEscalateResponse>(&staff.caller(), body.1);
    let (use_cases, command) = (staff.use_cases(), staff.command(number.0, options));
    let escalate = async move { use_cases.escalate_case.execute(command, request).await };
    Ok(ChangeResponse::of::<StaffEscalateResponse>(in_time(escalate).await?)?.to_staff())
}
