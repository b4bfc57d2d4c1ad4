use actix_web::{HttpResponse, post, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::case_number;
use crate::api::CustomerDesk;
use crate::body::JsonBody;
use crate::deadline::in_time;
use crate::error::{ApiError, ErrorBody};
use crate::validation::Validation;

/// A case that is no longer needed.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CancelCaseRequest {
    /// The case's number, in any case.
    #[schema(required, example = "CW-2025-001", nullable = false)]
    case_number: Option<String>,
    /// Why.
    #[schema(
        required,
        max_length = 2000,
        example = "Issue resolved independently",
        nullable = false
    )]
    reason: Option<String>,
}

/// A case was cancelled.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CancelCaseAnswer {
    success: bool,
    #[schema(example = "Case cancelled successfully")]
    message: &'static str,
    #[schema(example = "CW-2025-001")]
    case_number: String,
}

/// Cancel a case.
#[utoipa::path(
    tag = "customers",
    request_body = CancelCaseRequest,
    responses(
        (status = 200, description = "The case is cancelled.", body = CancelCaseAnswer),
        (status = 400, description = "`MALFORMED_JSON` or `VALIDATION_ERROR`.", body = ErrorBody),
        (status = 404, description = "`CASE_NOT_FOUND`.", body = ErrorBody),
        (status = 409, description = "`INVALID_TRANSITION`.", body = ErrorBody),
        (status = 413, description = "`PAYLOAD_TOO_LARGE`.", body = ErrorBody),
        (status = 415, description = "`UNSUPPORTED_MEDIA_TYPE`.", body = ErrorBody),
        (status = 503, description = "`UNAVAILABLE`.", body = ErrorBody),
    ),
)]
#[post("/api/support/case/cancel")]
pub(crate) async fn cancel_case(
    desk: web::Data<CustomerDesk>,
    body: JsonBody<CancelCaseRequest>,
) -> Result<HttpResponse, ApiError> {
    let mut v = Validation::default();
    let number = case_number(&mut v, body.0.case_number.as_deref());
    let reason = v.required("reason", body.0.reason.as_deref());
    let (number, reason) = v.finish(number.zip(reason))?;
    let number = number?;
    let cancelled = in_time(async move { desk.cancel_case.execute(&number, reason).await }).await?;
    Ok(HttpResponse::Ok().json(CancelCaseAnswer {
        success: true,
        message: "Case cancelled successfully",
        case_number: cancelled.case.number().to_string(),
    }))
}
