use actix_web::{HttpResponse, post, web};
use engage_application::{ChangeOptions, Changed, Proof};
use engage_domain::CaseNumber;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::body::JsonBody;
use crate::change_headers::{Caller, ChangeHeaders, IdempotencyKeyHeader};
use crate::change_response::{ChangeBody, ChangeResponse};
use crate::customer::case_number;
use crate::customer::proof::ProofHeaders;
use crate::deadline::in_time;
use crate::error::{ApiError, ErrorBody};
use crate::use_cases::CustomerUseCases;
use crate::validation::Validation;

/// A request of a participant about their own participation.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ParticipationRequest {
    /// Case number, in upper or lower case.
    #[schema(required, example = "CW-2025-001", nullable = false)]
    case_number: Option<String>,
    /// Access token of the participant. It can also be sent as a bearer token.
    #[schema(
        example = "cap_AZSgAAAAcACAAAAAAAAAAQAAAABrvT_xZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXp7fH1-f4CBgoM"
    )]
    access_token: Option<String>,
}

/// The participation after the request.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ParticipationResponse {
    success: bool,
    #[schema(example = "Participation changed successfully")]
    message: &'static str,
    #[schema(example = "CW-2025-001")]
    case_number: String,
}

impl ChangeBody for ParticipationResponse {
    fn new(Changed { case, event }: &Changed) -> Self {
        Self {
            success: true,
            message: match event {
                Some(_) => "Participation changed successfully",
                None => "Nothing to change",
            },
            case_number: case.number().to_string(),
        }
    }
}

/// A valid request.
struct Participation {
    number: CaseNumber,
    proof: Proof,
    options: ChangeOptions,
}

impl Participation {
    fn read(
        headers: ProofHeaders,
        change_headers: &ChangeHeaders,
        JsonBody(request, digest): JsonBody<ParticipationRequest>,
    ) -> Result<Self, ApiError> {
        let ParticipationRequest { case_number: given, access_token } = request;
        let mut v = Validation::default();
        let number = case_number(&mut v, given.as_deref());
        let proof = headers.and(&mut v, None, access_token.as_deref());
        let number = v.finish(number)??;
        let caller = Caller::Case(&number, proof.bearer.as_ref());
        let options = change_headers.options::<ParticipationResponse>(&caller, digest);
        Ok(Self { number, proof, options })
    }
}

/// Leave a case as a participant.
///
/// The participant reads no more of the case and gets no more e-mails about it. Only they themselves
/// and staff can bring them back.
#[utoipa::path(
    security((), ("accessToken" = [])),
    params(IdempotencyKeyHeader),
    request_body = ParticipationRequest,
    responses(
        (status = 200, description = "The participant has left.", body = ParticipationResponse),
        (status = 403, description = "`PARTICIPANT_ONLY`.", body = ErrorBody),
    ),
)]
#[post("/api/support/case/participants/leave")]
pub(crate) async fn leave_case(
    use_cases: web::Data<CustomerUseCases>,
    headers: ProofHeaders,
    change_headers: ChangeHeaders,
    body: JsonBody<ParticipationRequest>,
) -> Result<HttpResponse, ApiError> {
    let Participation { number, proof, options } =
        Participation::read(headers, &change_headers, body)?;
    let leave = async move { use_cases.manage_participants.leave(number, proof, options).await };
    Ok(ChangeResponse::of::<ParticipationResponse>(in_time(leave).await?)?.to_customer())
}

/// Come back to a case as a participant who left.
///
/// The participant reads what is written from now on, and their own entries. Their access token is
/// the one they had, or a new one in exchange for an access code.
#[utoipa::path(
    security((), ("accessToken" = [])),
    params(IdempotencyKeyHeader),
    request_body = ParticipationRequest,
    responses(
        (status = 200, description = "The participant takes part again.", body = ParticipationResponse),
        (status = 403, description = "`PARTICIPANT_ONLY`.", body = ErrorBody),
        (status = 409, description = "`INVALID_TRANSITION`.", body = ErrorBody),
    ),
)]
#[post("/api/support/case/participants/return")]
pub(crate) async fn return_to_case(
    use_cases: web::Data<CustomerUseCases>,
    headers: ProofHeaders,
    change_headers: ChangeHeaders,
    body: JsonBody<ParticipationRequest>,
) -> Result<HttpResponse, ApiError> {
    let Participation { number, proof, options } =
        Participation::read(headers, &change_headers, body)?;
    let come_back =
        async move { use_cases.manage_participants.come_back(number, proof, options).await };
    Ok(ChangeResponse::of::<ParticipationResponse>(in_time(come_back).await?)?.to_customer())
}
