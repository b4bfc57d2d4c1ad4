use actix_web::{HttpResponse, post};
use engage_application::PersonToErase;
use engage_domain::EmailAddress;
use serde::Deserialize;
use utoipa::ToSchema;

use super::ErasureResponse;
use crate::body::JsonBody;
use crate::change_headers::{ChangeHeaders, StaffIdempotencyKey};
use crate::change_response::REPLAYED;
use crate::deadline::in_time;
use crate::error::{ApiError, ErrorBody};
use crate::staff::access::{ErasePerson, Required, Staff};
use crate::validation::Validation;

/// A person to erase: exactly one of `email` and `contactId`.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ErasePersonRequest {
    /// Address of the person. If a contact has it, its other addresses are erased as well.
    #[schema(format = "idn-email", max_length = 254, example = "john@example.com")]
    email: Option<String>,
    /// Contact of the person, with all of its addresses.
    #[schema(example = "con_01jjg00000e008000000000001")]
    contact_id: Option<String>,
    /// True to change nothing, and only count. False by default.
    #[schema(example = true)]
    preview: Option<bool>,
}

impl ErasePersonRequest {
    fn validate(&self) -> Result<PersonToErase, ApiError> {
        let mut v = Validation::default();
        let given = [("email", self.email.as_deref()), ("contactId", self.contact_id.as_deref())];
        for (name, text) in given {
            v.refuse_blank(name, text);
        }
        if given.iter().filter(|(_, text)| text.is_some()).count() != 1 {
            v.problem("body", "must have exactly one of email, contactId");
        }
        let email = v.optional_as("email", self.email.as_deref(), EmailAddress::reachable);
        if email.as_ref().is_some_and(EmailAddress::is_placeholder) {
            v.problem("email", "must not be the placeholder of erased addresses");
        }
        let contact = v.optional("contactId", self.contact_id.as_deref());
        let person = email.map(PersonToErase::Email);
        v.finish(person.or(contact.map(PersonToErase::Contact)))
    }
}

/// Erase a person.
///
/// Cases of which the person is the customer are erased like with
/// `POST /api/internal/support/case/{caseNumber}/erase`. From the cases of others, the person is
/// erased as a participant: their updates, files, name and address. Contacts of the person are
/// deleted, and mentions of them in the notes of others are erased. Updates of others that quote the
/// person are counted, listed in the history of their cases, and stay as they are.
///
/// This happens in the background, in two passes, the second an hour after the first.
#[utoipa::path(
    security(("staffToken" = [ErasePerson::ROLE])),
    params(StaffIdempotencyKey),
    request_body = ErasePersonRequest,
    responses(
        (status = 200, description = "The erasure, which has begun, or the preview.", body = ErasureResponse),
        (status = 404, description = "`CONTACT_NOT_FOUND`.", body = ErrorBody),
    ),
)]
#[post("/customers/erase")]
pub(crate) async fn erase_person(
    staff: Staff<ErasePerson>,
    change_headers: ChangeHeaders,
    body: JsonBody<ErasePersonRequest>,
) -> Result<HttpResponse, ApiError> {
    let person = body.0.validate()?;
    let erase_person = staff.use_cases().erase_person.clone();
    if body.0.preview.unwrap_or(false) {
        let counts = in_time(async move { erase_person.preview(person).await }).await?;
        return Ok(HttpResponse::Ok().json(ErasureResponse::preview(counts)));
    }
    let key = change_headers.erasure_key(&staff.caller(), body.1);
    let (member, initiator) = (staff.member().id.clone(), staff.initiator());
    let request = async move { erase_person.request(person, member, key, &initiator).await };
    let requested = in_time(request).await?;
    tracing::info!(
        erasure = %requested.id, by = %staff.member().id, "the erasure of a person was requested"
    );
    let mut response = HttpResponse::Ok();
    if requested.is_replayed {
        response.insert_header((REPLAYED, "true"));
    }
    Ok(response.json(ErasureResponse::requested(requested.id)))
}
