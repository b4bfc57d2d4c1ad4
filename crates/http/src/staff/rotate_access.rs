use actix_web::{HttpResponse, post};
use engage_domain::PersonId;
use serde::Serialize;
use utoipa::ToSchema;

use super::CaseInPath;
use super::access::{Required, RevokeCustomerAccess, Staff};
use crate::deadline::in_time;
use crate::error::{ApiError, ErrorBody};
use crate::query::Query;
use crate::validation::Validation;

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

/// Revoke the access tokens of a case, or of one person of it.
///
/// This also revokes the links in e-mails already sent, for example after one fell into the wrong
/// hands. The next e-mail to the customer or the participant contains a new link.
#[utoipa::path(
    security(("staffToken" = [RevokeCustomerAccess::ROLE])),
    params(
        ("caseNumber" = String, Path, description = "Case number, in upper or lower case.", example = "CW-2025-001"),
        ("personId" = Option<String>, Query, description = "Id of a participant, or the `personId` of the customer's entries. Everybody's access tokens are revoked if omitted."),
    ),
    responses(
        (status = 200, description = "The access tokens were revoked.", body = RotateAccessResponse),
        (status = 404, description = "`PARTICIPANT_NOT_FOUND`.", body = ErrorBody),
    ),
)]
#[post("/support/case/{caseNumber}/access/rotate")]
pub(crate) async fn rotate_access(
    staff: Staff<RevokeCustomerAccess>,
    number: CaseInPath,
    query: Query,
) -> Result<HttpResponse, ApiError> {
    let mut v = Validation::default();
    let given = query.one("personId", &mut v).map(str::to_owned);
    v.finish(Some(()))?;
    let person: Option<PersonId> = match given {
        Some(text) => Some(text.parse().map_err(|_| ApiError::ParticipantNotFound(text))?),
        None => None,
    };
    let (use_cases, case, by) = (staff.use_cases(), number.0.clone(), staff.initiator());
    in_time(async move { use_cases.rotate_access.execute(&case, person, &by).await }).await?;
    tracing::info!(case = %number.0, by = %staff.member().id, "access tokens were revoked");
    Ok(HttpResponse::Ok().json(RotateAccessResponse {
        success: true,
        message: match person {
            Some(_) => "The access tokens and links of this person have been revoked",
            None => "All access tokens and links for this case have been revoked",
        },
        case_number: number.0.to_string(),
    }))
}
