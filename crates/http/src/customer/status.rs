use actix_web::{HttpResponse, post, web};
use engage_domain::{Status, Timestamp, Update, Urgency, Visibility};
use engage_notifier::AttachmentSnapshot;
use engage_repository::CaseProgress;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::case_number;
use super::proof::Bearer;
use crate::api::CustomerDesk;
use crate::body::JsonBody;
use crate::deadline::in_time;
use crate::error::{ApiError, ErrorBody};
use crate::validation::Validation;

/// Which case to look up.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CaseStatusRequest {
    /// The case's number, in any case.
    #[schema(required, example = "CW-2025-001", nullable = false)]
    case_number: Option<String>,
    /// The address that the case was opened with. Where it is sent it has to fit; the desk may ask
    /// for it or for `accessToken`.
    #[schema(max_length = 254, format = "email", example = "john@example.com")]
    email: Option<String>,
    /// The token from the answer to the case's creation, or from the link in an e-mail; may come as
    /// a bearer token, too. Where it is sent it has to fit; the desk may ask for it.
    #[schema(example = "cat_AAAAAGu9P_EGSESUsmkDXaG9iUmaOOtgE1k9nmX0LDaXyCbDAbNJOw")]
    access_token: Option<String>,
}

/// How a case is going.
#[derive(Serialize, ToSchema)]
pub(crate) struct CaseStatusAnswer {
    success: bool,
    case: CaseProgressBody,
    /// What was written for the customer, oldest first.
    updates: Vec<PublicUpdateBody>,
}

/// Where a case stands.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct CaseProgressBody {
    #[schema(example = "CW-2025-001")]
    case_number: String,
    #[schema(value_type = String, example = "IN_PROGRESS")]
    status: Status,
    #[schema(value_type = String, example = "HIGH")]
    urgency: Urgency,
    /// When it was opened.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it last changed in a way that the customer sees.
    #[schema(value_type = String, format = DateTime)]
    last_updated: Timestamp,
    /// When it should be resolved.
    #[schema(value_type = String, format = DateTime)]
    estimated_resolution: Timestamp,
}

/// Something that was written for the customer.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct PublicUpdateBody {
    /// When it was written.
    #[schema(value_type = String, format = DateTime)]
    timestamp: Timestamp,
    /// What it says.
    message: String,
    /// Always false here.
    is_internal: bool,
    /// The files that belong to it; left out where there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    attachments: Vec<AttachmentSnapshot>,
}

impl From<Update> for PublicUpdateBody {
    fn from(update: Update) -> Self {
        Self {
            timestamp: update.timestamp,
            message: update.message.into(),
            is_internal: update.visibility == Visibility::Internal,
            attachments: update.attachments.iter().map(AttachmentSnapshot::from).collect(),
        }
    }
}

impl From<CaseProgress> for CaseStatusAnswer {
    fn from(progress: CaseProgress) -> Self {
        let case = progress.case.facts();
        Self {
            success: true,
            case: CaseProgressBody {
                case_number: case.number.to_string(),
                status: case.status,
                urgency: case.urgency,
                created_at: case.created_at,
                last_updated: case.last_updated,
                estimated_resolution: case.estimated_resolution,
            },
            updates: progress.public_updates.into_iter().map(PublicUpdateBody::from).collect(),
        }
    }
}

/// Look up how a case is going.
#[utoipa::path(
    tag = "customers",
    security((), ("accessToken" = [])),
    request_body = CaseStatusRequest,
    responses(
        (status = 200, description = "The case.", body = CaseStatusAnswer),
        (status = 400, description = "`MALFORMED_JSON` or `VALIDATION_ERROR`.", body = ErrorBody),
        (status = 401, description = "`PROOF_REQUIRED`.", body = ErrorBody),
        (status = 404, description = "`CASE_NOT_FOUND`: there is none, or what was shown does not fit.", body = ErrorBody),
        (status = 413, description = "`PAYLOAD_TOO_LARGE`.", body = ErrorBody),
        (status = 415, description = "`UNSUPPORTED_MEDIA_TYPE`.", body = ErrorBody),
        (status = 503, description = "`UNAVAILABLE`.", body = ErrorBody),
    ),
)]
#[post("/api/support/case/status")]
pub(crate) async fn look_up_case(
    desk: web::Data<CustomerDesk>,
    bearer: Bearer,
    body: JsonBody<CaseStatusRequest>,
) -> Result<HttpResponse, ApiError> {
    let mut v = Validation::default();
    let number = case_number(&mut v, body.0.case_number.as_deref());
    let proof = bearer.and(&mut v, body.0.email.as_deref(), body.0.access_token.as_deref());
    let number = v.finish(number)??;
    let progress = in_time(async move { desk.look_up_case.execute(&number, &proof).await }).await?;
    Ok(HttpResponse::Ok().json(CaseStatusAnswer::from(progress)))
}
