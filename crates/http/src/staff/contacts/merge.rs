use actix_web::{HttpResponse, post};
use engage_domain::ContactId;
use serde::Deserialize;
use utoipa::ToSchema;

use super::ContactResponse;
use crate::body::JsonBody;
use crate::deadline::in_time;
use crate::error::{ApiError, ErrorBody};
use crate::staff::access::{ManageOrganizations, Required, Staff};
use crate::validation::Validation;

/// Two contacts that are the same person.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MergeContactsRequest {
    /// Id of the contact that remains.
    #[schema(required, value_type = String, example = "con_01jjg00000e008000000000001")]
    into: Option<String>,
    /// Id of the contact that is deleted.
    #[schema(required, value_type = String, example = "con_01jjg00000e008000000000002")]
    from: Option<String>,
}

impl MergeContactsRequest {
    fn validate(&self) -> Result<(ContactId, ContactId), ApiError> {
        let mut v = Validation::default();
        let into = v.required("into", self.into.as_deref());
        let from = v.required("from", self.from.as_deref());
        v.finish(into.zip(from))
    }
}

/// Merge two contacts.
///
/// The contact `into` gets the addresses of `from`, its phone number, organization, language and
/// time zone if it has none, and its notes after its own. `from` is deleted. No case changes,
/// because the cases of a contact are those of its addresses.
#[utoipa::path(
    security(("staffToken" = [ManageOrganizations::ROLE])),
    request_body = MergeContactsRequest,
    responses(
        (status = 200, description = "The contact that remains.", body = ContactResponse),
        (status = 404, description = "`CONTACT_NOT_FOUND`.", body = ErrorBody),
    ),
)]
#[post("/contacts/merge")]
pub(crate) async fn merge_contacts(
    staff: Staff<ManageOrganizations>,
    body: JsonBody<MergeContactsRequest>,
) -> Result<HttpResponse, ApiError> {
    let (into, from) = body.0.validate()?;
    let (manage, by) = (staff.use_cases().manage_contacts.clone(), staff.initiator());
    let contact = in_time(async move { manage.merge(into, from, &by).await }).await?;
    Ok(HttpResponse::Ok().json(ContactResponse::from(contact)))
}
