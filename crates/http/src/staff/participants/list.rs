use actix_web::{HttpResponse, get};
use engage_repository::UpdatesWanted;
use serde::Serialize;
use utoipa::ToSchema;

use crate::change_response::etag;
use crate::deadline::in_time;
use crate::error::ApiError;
use crate::participant_body::ParticipantBody;
use crate::staff::CaseInPath;
use crate::staff::access::{ReadCases, Required, Staff};

/// The participants of a case.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ParticipantsResponse {
    success: bool,
    #[schema(example = "CW-2025-001")]
    case_number: String,
    /// All participants, including those who left or were removed.
    participants: Vec<ParticipantBody>,
}

/// List the participants of a case.
///
/// Participants are further people of the customer's who take part in the case. They read the public
/// entries from a time on, reply and send files.
#[utoipa::path(
    security(("staffToken" = [ReadCases::ROLE])),
    params(("caseNumber" = String, Path, description = "Case number, in upper or lower case.", example = "CW-2025-001")),
    responses(
        (status = 200, description = "The participants. The version of the case is the `ETag`.", body = ParticipantsResponse),
    ),
)]
#[get("/support/case/{caseNumber}/participants")]
pub(crate) async fn list_participants(
    staff: Staff<ReadCases>,
    number: CaseInPath,
) -> Result<HttpResponse, ApiError> {
    let use_cases = staff.use_cases();
    let get = async move { use_cases.get_case.execute(&number.0, &UpdatesWanted::LATEST).await };
    let case = in_time(get).await?.details.case;
    let facts = case.facts();
    let body = |participant| ParticipantBody::new(participant, &facts.customer.name);
    Ok(HttpResponse::Ok().insert_header(etag(case.version())).json(ParticipantsResponse {
        success: true,
        case_number: case.number().to_string(),
        participants: facts.participants.iter().map(body).collect(),
    }))
}
