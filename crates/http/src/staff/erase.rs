use actix_web::{HttpResponse, post};
use engage_application::Changed;
use engage_domain::{Status, Version};
use serde::Serialize;
use utoipa::ToSchema;

use super::CaseInPath;
use super::access::{EraseCase, Required, Staff};
use crate::body::BodyDigest;
use crate::change_headers::{ChangeHeaders, ChangeParameters};
use crate::change_response::{ChangeBody, ChangeResponse};
use crate::deadline::in_time;
use crate::error::{ApiError, ErrorBody};

/// A case whose personal data was erased.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EraseCaseResponse {
    success: bool,
    #[schema(example = "Personal data erased successfully")]
    message: &'static str,
    #[schema(example = "CW-2025-001")]
    case_number: String,
    /// Status of the case: `CLOSED` or `CANCELLED`.
    #[schema(value_type = String, example = "CANCELLED")]
    status: Status,
    /// Version of the case after the change.
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

/// Erase the personal data of a case.
///
/// The customer's details, everything written in the conversation, the
/// files and the recipients of notifications are erased permanently, in the history too. The events
/// themselves and their times remain. Pending e-mails and text messages are cancelled. An active
/// case is cancelled, and a resolved one is closed. Other systems are notified by the webhook
/// `case.erased`.
#[utoipa::path(
    security(("staffToken" = [EraseCase::ROLE])),
    params(("caseNumber" = String, Path, description = "Case number, in upper or lower case.", example = "CW-2025-001"), ChangeParameters),
    responses(
        (status = 200, description = "The erased case.", body = EraseCaseResponse),
        (status = 503, description = "`UNAVAILABLE`: the erasure may be incomplete. Send the request again.", body = ErrorBody),
    ),
)]
#[post("/support/case/{caseNumber}/erase")]
pub(crate) async fn erase_case(
    staff: Staff<EraseCase>,
    number: CaseInPath,
    change_headers: ChangeHeaders,
) -> Result<HttpResponse, ApiError> {
    let options = change_headers.options::<EraseCaseResponse>(&staff.caller(), BodyDigest::NONE);
    let (use_cases, command) = (staff.use_cases(), staff.command(number.0.clone(), options));
    let initiator = staff.initiator();
    let erase = async move { use_cases.erase_case.execute(command, &initiator).await };
    let response = ChangeResponse::of::<EraseCaseResponse>(in_time(erase).await?)?;
    tracing::info!(case = %number.0, by = %staff.member().id, "personal data was erased");
    Ok(response.to_staff())
}
