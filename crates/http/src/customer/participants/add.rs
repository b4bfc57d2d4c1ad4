use actix_web::{HttpResponse, post, web};
use engage_domain::EmailAddress;
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

/// A person whom the customer adds to a case.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AddParticipantBody {
    /// Case number, in upper or lower case.
    #[schema(required, example = "CW-2025-001", nullable = false)]
    case_number: Option<String>,
    /// E-mail address of the person.
    #[schema(
        required,
        min_length = 1,
        max_length = 254,
        format = "email",
        example = "ann@example.com",
        nullable = false
    )]
    participant_email: Option<String>,
    /// Name of the person.
    #[schema(max_length = 200, example = "Ann Lee")]
    participant_name: Option<String>,
    /// Access token of the customer. It can also be sent as a bearer token. Required in every access
    /// mode.
    #[schema(example = "cat_AAAAAGu9P_EGSESUsmkDXaG9iUmaOOtgE1k9nmX0LDaXyCbDAbNJOw")]
    access_token: Option<String>,
}

/// Add a participant to a case.
///
/// For customers who want further people to take part. The person reads what is written from now on,
/// can reply and send files, and cannot escalate or cancel the case. They hear nothing before the
/// first answer of the support team. At most 20 people take part at a time, and a customer adds at
/// most 50 new addresses to all their cases within 24 hours. From then on, the case requires an access
/// token in every access mode.
#[utoipa::path(
    security((), ("accessToken" = [])),
    params(IdempotencyKeyHeader, LinkMarkHeader),
    request_body = AddParticipantBody,
    responses(
        (status = 200, description = "The participants after the change.", body = CustomerParticipantsResponse),
        (status = 403, description = "`CUSTOMER_ONLY`.", body = ErrorBody),
        (status = 409, description = "`INVALID_TRANSITION` or `LIMIT_REACHED`.", body = ErrorBody),
        (status = 429, description = "`RATE_LIMITED`: too many requests, or too many new participants within a day.", body = ErrorBody),
    ),
)]
#[post("/api/support/case/participants")]
pub(crate) async fn invite_participant(
    use_cases: web::Data<CustomerUseCases>,
    headers: ProofHeaders,
    change_headers: ChangeHeaders,
    body: JsonBody<AddParticipantBody>,
) -> Result<HttpResponse, ApiError> {
    let mut v = Validation::default();
    let number = case_number(&mut v, body.0.case_number.as_deref());
    let proof = headers.and(&mut v, None, body.0.access_token.as_deref());
    let email = v.required_as(
        "participantEmail",
        body.0.participant_email.as_deref(),
        EmailAddress::reachable,
    );
    let name = v.optional("participantName", body.0.participant_name.as_deref());
    let (number, email) = v.finish(number.zip(email))?;
    let number = number?;
    let caller = Caller::Case(&number, proof.bearer.as_ref());
    let options = change_headers.options::<CustomerParticipantsResponse>(&caller, body.1);
    let invite = async move {
        use_cases.manage_participants.invite(number, proof, (email, name), options).await
    };
    Ok(ChangeResponse::of::<CustomerParticipantsResponse>(in_time(invite).await?)?.to_customer())
}
