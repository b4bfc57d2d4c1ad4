use actix_web::{HttpResponse, post};
use engage_application::Changed;
use engage_domain::{Status, Version};
use serde::Serialize;
use utoipa::ToSchema;

use super::CaseInPath;
use super::access::{Admin, Staff};
use crate::body::BodyDigest;
use crate::change_headers::{ChangeHeaders, ChangeParameters};
use crate::change_response::{ChangeBody, ChangeResponse};
use crate::deadline::in_time;
use crate::error::{ApiError, ErrorBody};

/// What was known of a person is erased.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EraseCaseResponse {
    success: bool,
    #[schema(example = "Personal data erased successfully")]
    message: &'static str,
    #[schema(example = "CW-2025-001")]
    case_number: String,
    /// Where the case stands now: `CLOSED` or `CANCELLED`.
    #[schema(value_type = String, example = "CANCELLED")]
    status: Status,
    /// How many changes the case has seen.
    #[schema(value_type = u32, minimum = 1)]
    version: Version,
}

impl ChangeBody for EraseCaseResponse {
    fn new(changed: &Changed) -> Self {
        Self {
            success: true,
            message: "Personal data erased successfully",
            case_number: changed.case.number().to_string(),
            status: changed.case.status(),
            version: changed.case.version(),
        }
    }
}

/// The request says nothing but in its path and headers.
const NO_BODY: BodyDigest = BodyDigest([0; 32]);

/// Erase the personal data of a case.
///
/// Who the customer was, what they and others wrote, the files, and where messages went are gone for
/// good, in the history too; that things happened, and when, stays. E-mail and SMS that have not gone
/// out are cancelled. An active case is cancelled with it, a resolved one closed. Other systems hear of
/// it by the webhook `case.cancelled` or `case.updated`.
#[utoipa::path(
    security(("staffToken" = [])),
    params(("caseNumber" = String, Path, description = "The case's number, in any case.", example = "CW-2025-001"), ChangeParameters),
    responses(
        (status = 200, description = "It is erased.", body = EraseCaseResponse),
        (status = 400, description = "`VALIDATION_ERROR` for a header.", body = ErrorBody),
        (status = 403, description = "`FORBIDDEN`: it takes an `ADMIN`.", body = ErrorBody),
        (status = 404, description = "`CASE_NOT_FOUND`.", body = ErrorBody),
        (status = 503, description = "`UNAVAILABLE`: it may be half done; ask again.", body = ErrorBody),
    ),
)]
#[post("/support/case/{caseNumber}/erase")]
pub(crate) async fn erase_case(
    staff: Staff<Admin>,
    number: CaseInPath,
    change_headers: ChangeHeaders,
) -> Result<HttpResponse, ApiError> {
    let options = change_headers.options::<EraseCaseResponse>(&staff.caller(), NO_BODY);
    let (use_cases, command) = (staff.use_cases(), staff.command(number.0.clone(), options));
    let initiator = staff.initiator();
    let erase = async move { use_cases.erase_case.execute(command, &initiator).await };
    let response = ChangeResponse::of::<EraseCaseResponse>(in_time(erase).await?)?;
    tracing::info!(case = %number.0, by = %staff.member().id, "personal data was erased");
    Ok(response.to_staff())
}
