use actix_web::{HttpResponse, post, web};
use engage_application::{CaseCommand, Changed};
use engage_domain::{EscalateRequest, Urgency};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::case_number;
use super::proof::Bearer;
use crate::body::JsonBody;
use crate::change_headers::{Caller, ChangeHeaders, IdempotencyKeyHeader};
use crate::change_response::{ChangeBody, ChangeResponse};
use crate::deadline::in_time;
use crate::error::{ApiError, ErrorBody};
use crate::use_cases::CustomerUseCases;
use crate::validation::Validation;

/// A request for more attention.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EscalateCaseRequest {
    /// The case's number, in any case.
    #[schema(required, example = "CW-2025-001", nullable = false)]
    case_number: Option<String>,
    /// Why.
    #[schema(
        required,
        min_length = 1,
        max_length = 2000,
        example = "No response for 24 hours",
        nullable = false
    )]
    reason: Option<String>,
    /// The urgency the case is to have, not below the present one; left out, one step up.
    #[schema(example = "CRITICAL")]
    new_urgency: Option<String>,
    /// The address that the case was opened with. Where it is sent it has to fit; the desk may ask
    /// for it or for `accessToken`.
    #[schema(max_length = 254, format = "email", example = "john@example.com")]
    email: Option<String>,
    /// The token from the answer to the case's creation, or from the link in an e-mail; may come as
    /// a bearer token, too. Where it is sent it has to fit; the desk may ask for it.
    #[schema(example = "cat_AAAAAGu9P_EGSESUsmkDXaG9iUmaOOtgE1k9nmX0LDaXyCbDAbNJOw")]
    access_token: Option<String>,
}

/// A case was escalated.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EscalateCaseResponse {
    success: bool,
    #[schema(example = "Case escalated successfully")]
    message: &'static str,
    #[schema(example = "CW-2025-001")]
    case_number: String,
    /// The urgency the case has now.
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
/// Customers may do so once in five minutes for each case, since it alarms people.
#[utoipa::path(
    security((), ("accessToken" = [])),
    params(IdempotencyKeyHeader),
    request_body = EscalateCaseRequest,
    responses(
        (status = 200, description = "The case is escalated.", body = EscalateCaseResponse),
        (status = 401, description = "`PROOF_REQUIRED`.", body = ErrorBody),
        (status = 404, description = "`CASE_NOT_FOUND`: there is none, or what was shown does not fit.", body = ErrorBody),
        (status = 409, description = "`INVALID_TRANSITION` or `IDEMPOTENCY_IN_PROGRESS`.", body = ErrorBody),
    ),
)]
#[post("/api/support/case/escalate")]
pub(crate) async fn escalate_case(
    use_cases: web::Data<CustomerUseCases>,
    bearer: Bearer,
    change_headers: ChangeHeaders,
    body: JsonBody<EscalateCaseRequest>,
) -> Result<HttpResponse, ApiError> {
    let mut v = Validation::default();
    let number = case_number(&mut v, body.0.case_number.as_deref());
    let proof = bearer.and(&mut v, body.0.email.as_deref(), body.0.access_token.as_deref());
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
