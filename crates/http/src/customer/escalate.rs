use actix_web::{HttpResponse, post, web};
use engage_application::{CaseCommand, Changed};
use engage_domain::{EscalateRequest, Urgency};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::case_number;
use super::proof::{LinkMarkHeader, ProofHeaders};
use crate::body::JsonBody;
use crate::change_headers::{Caller, ChangeHeaders, IdempotencyKeyHeader};
use crate::change_response::{ChangeBody, ChangeResponse};
use crate::deadline::in_time;
use crate::error::{ApiError, ErrorBody};
use crate::use_cases::CustomerUseCases;
use crate::validation::Validation;

/// A request to escalate a case.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EscalateCaseRequest {
    /// Case number, in upper or lower case.
    #[schema(required, example = "CW-2025-001", nullable = false)]
    case_number: Option<String>,
    /// Reason for the escalation.
    #[schema(
        required,
        min_length = 1,
        max_length = 2000,
        example = "No response for 24 hours",
        nullable = false
    )]
    reason: Option<String>,
    /// New urgency, at least the current one. By default the urgency rises by one step.
    #[schema(example = "CRITICAL")]
    new_urgency: Option<String>,
    /// E-mail address that the case was opened with. If sent, it must match. The service may be
    /// configured to require it or `accessToken`.
    #[schema(max_length = 254, format = "email", example = "john@example.com")]
    email: Option<String>,
    /// Access token from the response that opened the case, or from a link in an e-mail. It can
    /// also be sent as a bearer token. If sent, it must be valid. The service may be configured to
    /// require it.
    #[schema(example = "cat_AAAAAGu9P_EGSESUsmkDXaG9iUmaOOtgE1k9nmX0LDaXyCbDAbNJOw")]
    access_token: Option<String>,
}

/// The escalated case.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EscalateCaseResponse {
    success: bool,
    #[schema(example = "Case escalated successfully")]
    message: &'static str,
    #[schema(example = "CW-2025-001")]
    case_number: String,
    /// Urgency of the case after the escalation.
    #[schema(value_type = String, example = "CRITICAL")]
    new_urgency: Urgency,
}

impl ChangeBody for EscalateCaseResponse {
    fn new(Changed { case, .. }: &Changed) -> Self {
        Self {
            success: true,
            message: "Case escalated successfully",
            case_number: case.number().to_string(),
            new_urgency: case.facts().urgency,
        }
    }
}

/// Escalate a case.
///
/// Escalations alert the team, so customers can escalate a case only once in five minutes.
#[utoipa::path(
    security((), ("accessToken" = [])),
    params(IdempotencyKeyHeader, LinkMarkHeader),
    request_body = EscalateCaseRequest,
    responses(
        (status = 200, description = "The escalated case.", body = EscalateCaseResponse),
        (status = 403, description = "`CUSTOMER_ONLY`.", body = ErrorBody),
        (status = 409, description = "`INVALID_TRANSITION`.", body = ErrorBody),
    ),
)]
#[post("/api/support/case/escalate")]
pub(crate) async fn escalate_case(
    use_cases: web::Data<CustomerUseCases>,
    headers: ProofHeaders,
    change_headers: ChangeHeaders,
    body: JsonBody<EscalateCaseRequest>,
) -> Result<HttpResponse, ApiError> {
    let mut v = Validation::default();
    let number = case_number(&mut v, body.0.case_number.as_deref());
    let proof = headers.and(&mut v, body.0.email.as_deref(), body.0.access_token.as_deref());
    let reason = v.required("reason", body.0.reason.as_deref());
    let new_urgency = v.word("newUrgency", body.0.new_urgency.as_deref());
    let (number, reason) = v.finish(number.zip(reason))?;
    let number = number?;
    let caller = Caller::Case(&number, proof.bearer.as_ref());
    let options = change_headers.options::<EscalateCaseResponse>(&caller, body.1);
    let command = CaseCommand::by_customer(number, proof).with_options(options);
    let request = EscalateRequest { reason, new_urgency };
    let outcome =
        in_time(async move { use_cases.escalate_case.execute(command, request).await }).await?;
    Ok(ChangeResponse::of::<EscalateCaseResponse>(outcome)?.to_customer())
}
