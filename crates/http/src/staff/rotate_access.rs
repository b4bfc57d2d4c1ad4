use actix_web::{HttpResponse, post};
use serde::Serialize;
use utoipa::ToSchema;

use super::CaseInPath;
use super::access::{Required, RevokeCustomerAccess, Staff};
use crate::deadline::in_time;
use crate::error::ApiError;

/// The access tokens of the case were revoked.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RotateAccessResponse {
    success: bool,
    #[schema(example = "All access tokens and links for this case have been revoked")]
    message: &'static str,
    #[schema(example = "CW-2025-001")]
    case_number: String,
}

/// Revoke all access tokens of a case.
///
/// This also revokes the links in e-mails already sent, for example after one fell into the wrong
/// hands. The next e-mail to the customer contains a new link.
#[utoipa::path(
    security(("staffToken" = [RevokeCustomerAccess::ROLE])),
    params(("caseNumber" = String, Path, description = "Case number, in upper or lower case.", example = "CW-2025-001")),
    responses(
        (status = 200, description = "The access tokens were revoked.", body = RotateAccessResponse),
    ),
)]
#[post("/support/case/{caseNumber}/access/rotate")]
pub(crate) async fn rotate_access(
    staff: Staff<RevokeCustomerAccess>,
    number: CaseInPath,
) -> Result<HttpResponse, ApiError> {
    let (use_cases, case, by) = (staff.use_cases(), number.0.clone(), staff.initiator());
    in_time(async move { use_cases.rotate_access.execute(&case, &by).await }).await?;
    tracing::info!(case = %number.0, by = %staff.member().id, "access tokens were revoked");
    Ok(HttpResponse::Ok().json(RotateAccessResponse {
        success: true,
        message: "All access tokens and links for this case have been revoked",
        case_number: number.0.to_string(),
    }))
}
