use actix_web::{HttpResponse, post};
use engage_domain::{AddParticipantRequest, EmailAddress};
use serde::Deserialize;
use utoipa::ToSchema;

use super::ParticipantsChangedResponse;
use crate::body::JsonBody;
use crate::change_headers::{ChangeHeaders, ChangeParameters};
use crate::change_response::ChangeResponse;
use crate::deadline::in_time;
use crate::error::{ApiError, ErrorBody};
use crate::staff::CaseInPath;
use crate::staff::access::{ChangeCases, Required, Staff};
use crate::validation::Validation;

/// A person to add to a case.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StaffAddParticipantRequest {
    /// E-mail address of the person.
    #[schema(
        required,
        min_length = 1,
        max_length = 254,
        format = "email",
        example = "ann@example.com",
        nullable = false
    )]
    email: Option<String>,
    /// Name of the person.
    #[schema(max_length = 200, example = "Ann Lee")]
    name: Option<String>,
    /// Beginning of what the person may read: `NOW`, the default, or `START`, which shows them the
    /// whole conversation.
    #[schema(example = "NOW")]
    reads_from: Option<String>,
}

impl StaffAddParticipantRequest {
    fn validate(&self) -> Result<AddParticipantRequest, ApiError> {
        let mut v = Validation::default();
        let email = v.required_as("email", self.email.as_deref(), EmailAddress::reachable);
        let name = v.optional("name", self.name.as_deref());
        let reads_from = v.word("readsFrom", self.reads_from.as_deref()).unwrap_or_default();
        let request = email.map(|email| {
            let request = AddParticipantRequest::new(email).reading_from(reads_from);
            AddParticipantRequest { name, ..request }
        });
        v.finish(request)
    }
}

/// Add a participant to a case.
///
/// Also accepts a person who is `PROPOSED`, and brings back one who left or was removed. They hear
/// nothing before the first answer of staff. At most 20 people take part at a time.
#[utoipa::path(
    security(("staffToken" = [ChangeCases::ROLE])),
    params(("caseNumber" = String, Path, description = "Case number, in upper or lower case.", example = "CW-2025-001"), ChangeParameters),
    request_body = StaffAddParticipantRequest,
    responses(
        (status = 200, description = "The participants after the change.", body = ParticipantsChangedResponse),
        (status = 409, description = "`INVALID_TRANSITION` or `LIMIT_REACHED`.", body = ErrorBody),
    ),
)]
#[post("/support/case/{caseNumber}/participants")]
pub(crate) async fn add_participant(
    staff: Staff<ChangeCases>,
    number: CaseInPath,
    change_headers: ChangeHeaders,
    body: JsonBody<StaffAddParticipantRequest>,
) -> Result<HttpResponse, ApiError> {
    let request = body.0.validate()?;
    let options = change_headers.options::<ParticipantsChangedResponse>(&staff.caller(), body.1);
    let (use_cases, command) = (staff.use_cases(), staff.command(number.0, options));
    let add = async move { use_cases.manage_participants.add(command, request).await };
    Ok(ChangeResponse::of::<ParticipantsChangedResponse>(in_time(add).await?)?.to_staff())
}
