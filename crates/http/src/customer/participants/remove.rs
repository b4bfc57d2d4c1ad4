use actix_web::{HttpResponse, post, web};
use engage_domain::PersonId;
use serde::Deserialize;
use utoipa::ToSchema;

use super::CustomerParticipantsResponse;
use crate::body::JsonBody;
use crate::change_headers::{Caller, ChangeHeaders, IdempotencyKeyHeader};
use crate::change_response::ChangeResponse;
use crate::customer::case_number;
use crate::customer::proof::{LinkMarkHeader, ProofHeaders};
use crate::deadline::in_time;
use crate::error::{ApiError, ErrorBody};
use crate::use_cases::CustomerUseCases;
use crate::validation::Validation;

/// A participant whom the customer removes from a case.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RemoveParticipantBody {
    /// Case number, in upper or lower case.
    #[schema(required, example = "CW-2025-001", nullable = false)]
    case_number: Option<String>,
    /// Id of the participant.
    #[schema(required, example = "per_01jjg00000e008000000000001", nullable = false)]
    participant_id: Option<String>,
    /// Access token of the customer. It can also be sent as a bearer token. Required in every access
    /// mode.
    #[schema(example = "cat_AAAAAGu9P_EGSESUsmkDXaG9iUmaOOtgE1k9nmX0LDaXyCbDAbNJOw")]
    access_token: Option<String>,
}

/// Remove a participant from a case.
///
/// Their access ends at once, and what waits to be sent to them is cancelled.
#[utoipa::path(
    security((), ("accessToken" = [])),
    params(IdempotencyKeyHeader, LinkMarkHeader),
    request_body = RemoveParticipantBody,
    responses(
        (status = 200, description = "The participants after the change.", body = CustomerParticipantsResponse),
        (status = 403, description = "`CUSTOMER_ONLY`.", body = ErrorBody),
        (status = 404, description = "`PARTICIPANT_NOT_FOUND`.", body = ErrorBody),
    ),
)]
#[post("/api/support/case/participants/remove")]
pub(crate) async fn uninvite_participant(
    use_cases: web::Data<CustomerUseCases>,
    headers: ProofHeaders,
    change_headers: ChangeHeaders,
    body: JsonBody<RemoveParticipantBody>,
) -> Result<HttpResponse, ApiError> {
    let mut v = Validation::default();
    let number = case_number(&mut v, body.0.case_number.as_deref());
    let proof = headers.and(&mut v, None, body.0.access_token.as_deref());
    let given = body.0.participant_id;
    if given.is_none() {
        v.problem("participantId", "is required");
    }
    let (number, given) = v.finish(number.zip(given))?;
    let number = number?;
    let caller = Caller::Case(&number, proof.bearer.as_ref());
    let options = change_headers.options::<CustomerParticipantsResponse>(&caller, body.1);
    // No participant has the id that stands for a malformed one, so that the proof comes first.
    let person = given.parse().unwrap_or(PersonId::from_u128(0));
    let remove = async move {
        use_cases.manage_participants.remove_by_customer(number, proof, person, options).await
    };
    Ok(ChangeResponse::of::<CustomerParticipantsResponse>(in_time(remove).await?)?.to_customer())
}
