use actix_web::{HttpResponse, post, web};
use engage_application::{CaseCommand, Changed};
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

/// A request to cancel a case.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CancelCaseRequest {
    /// Case number, in upper or lower case.
    #[schema(required, example = "CW-2025-001", nullable = false)]
    case_number: Option<String>,
    /// Reason for the cancellation.
    #[schema(
        required,
        min_length = 1,
        max_length = 2000,
        example = "Issue resolved independently",
        nullable = false
    )]
    reason: Option<String>,
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

/// The cancelled case.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CancelCaseResponse {
    success: bool,
    #[schema(example = "Case cancelled successfully")]
    message: &'static str,
    #[schema(example = "CW-2025-001")]
    case_number: String,
}

impl ChangeBody for CancelCaseResponse {
    fn new(Changed { case, .. }: &Changed) -> Self {
        Self {
            success: true,
            message: "Case cancelled successfully",
            case_number: case.number().to_string(),
        }
    }
}

/// Cancel a case.
///
/// Cases that are resolved, closed or already cancelled cannot be cancelled. The customer and the
/// team are notified by e-mail.
#[utoipa::path(
    security((), ("accessToken" = [])),
    params(IdempotencyKeyHeader, LinkMarkHeader),
    request_body = CancelCaseRequest,
    responses(
        (status = 200, description = "The cancelled case.", body = CancelCaseResponse),
        (status = 403, description = "`CUSTOMER_ONLY`.", body = ErrorBody),
        (status = 409, description = "`INVALID_TRANSITION`.", body = ErrorBody),
    ),
)]
#[post("/api/support/case/cancel")]
pub(crate) async fn cancel_case(
    use_cases: web::Data<CustomerUseCases>,
    headers: ProofHeaders,
    change_headers: ChangeHeaders,
    body: JsonBody<CancelCaseRequest>,
) -> Result<HttpResponse, ApiError> {
    let mut v = Validation::default();
    let number = case_number(&mut v, body.0.case_number.as_deref());
    let proof = headers.and(&mut v, body.0.email.as_deref(), body.0.access_token.as_deref());
    let reason = v.required("reason", body.0.reason.as_deref());
    let (number, reason) = v.finish(number.zip(reason))?;
    let number = number?;
    let caller = Caller::Case(&number, proof.bearer.as_ref());
    let options = change_headers.options::<CancelCaseResponse>(&caller, body.1);
    let command = CaseCommand::by_customer(number, proof).with_options(options);
    let outcome =
        in_time(async move { use_cases.cancel_case.execute(command, reason).await }).await?;
    Ok(ChangeResponse::of::<CancelCaseResponse>(outcome)?.to_customer())
}
