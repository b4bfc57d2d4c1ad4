use actix_web::{HttpResponse, delete, patch};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{ParticipantInPath, ParticipantsChangedResponse};
use crate::body::{BodyDigest, JsonBody, present};
use crate::change_headers::{ChangeHeaders, ChangeParameters};
use crate::change_response::ChangeResponse;
use crate::deadline::in_time;
use crate::error::{ApiError, ErrorBody};
use crate::staff::CaseInPath;
use crate::staff::access::{ChangeCases, Required, Staff};
use crate::validation::Validation;

/// A change of a participant.
#[allow(clippy::option_option)] // Missing, null and given are three things.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ChangeParticipantRequest {
    /// New name. Null removes it. Earlier entries keep the name that their author had.
    #[serde(default, deserialize_with = "present")]
    #[schema(required, value_type = Option<String>, max_length = 200, example = "Ann Lee")]
    name: Option<Option<String>>,
}

/// Name a participant.
#[utoipa::path(
    security(("staffToken" = [ChangeCases::ROLE])),
    params(
        ("caseNumber" = String, Path, description = "Case number, in upper or lower case.", example = "CW-2025-001"),
        ("participantId" = String, Path, description = "Id of the participant.", example = "per_01jjg00000e008000000000001"),
        ChangeParameters,
    ),
    request_body = ChangeParticipantRequest,
    responses(
        (status = 200, description = "The participants after the change.", body = ParticipantsChangedResponse),
        (status = 409, description = "`INVALID_TRANSITION`.", body = ErrorBody),
    ),
)]
#[patch("/support/case/{caseNumber}/participants/{participantId}")]
pub(crate) async fn change_participant(
    staff: Staff<ChangeCases>,
    number: CaseInPath,
    participant: ParticipantInPath,
    change_headers: ChangeHeaders,
    body: JsonBody<ChangeParticipantRequest>,
) -> Result<HttpResponse, ApiError> {
    let mut v = Validation::default();
    let name = match &body.0.name {
        None => {
            v.problem("name", "is required: null removes it");
            None
        }
        Some(given) => Some(given.as_deref().and_then(|name| v.parse("name", name))),
    };
    let name = v.finish(name)?;
    let options = change_headers.options::<ParticipantsChangedResponse>(&staff.caller(), body.1);
    let (use_cases, command) = (staff.use_cases(), staff.command(number.0, options));
    let person = participant.0;
    let change = async move { use_cases.manage_participants.name(command, person, name).await };
    Ok(ChangeResponse::of::<ParticipantsChangedResponse>(in_time(change).await?)?.to_staff())
}

/// Remove a participant from a case.
///
/// Their access ends at once, and what waits to be sent to them is cancelled. Possible in every
/// status of the case. The participant remains in the list, as `REMOVED`.
#[utoipa::path(
    security(("staffToken" = [ChangeCases::ROLE])),
    params(
        ("caseNumber" = String, Path, description = "Case number, in upper or lower case.", example = "CW-2025-001"),
        ("participantId" = String, Path, description = "Id of the participant.", example = "per_01jjg00000e008000000000001"),
        ChangeParameters,
    ),
    responses(
        (status = 200, description = "The participants after the change.", body = ParticipantsChangedResponse),
    ),
)]
#[delete("/support/case/{caseNumber}/participants/{participantId}")]
pub(crate) async fn remove_participant(
    staff: Staff<ChangeCases>,
    number: CaseInPath,
    participant: ParticipantInPath,
    change_headers: ChangeHeaders,
) -> Result<HttpResponse, ApiError> {
    let options =
        change_headers.options::<ParticipantsChangedResponse>(&staff.caller(), BodyDigest::NONE);
    let (use_cases, command) = (staff.use_cases(), staff.command(number.0, options));
    let person = participant.0;
    let remove = async move { use_cases.manage_participants.remove(command, person).await };
    Ok(ChangeResponse::of::<ParticipantsChangedResponse>(in_time(remove).await?)?.to_staff())
}
