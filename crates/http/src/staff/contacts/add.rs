use actix_web::{HttpResponse, post};
use engage_application::NewContact;
use engage_domain::Permission;
use engage_domain::contact::TimeZoneName;
use serde::Deserialize;
use utoipa::ToSchema;

use super::ContactResponse;
use super::fields::{emails, organization};
use crate::body::{JsonBody, present};
use crate::deadline::in_time;
use crate::error::{ApiError, ErrorBody};
use crate::staff::access::{ChangeContacts, Required, Staff, require};
use crate::validation::Validation;

/// A new contact.
#[allow(clippy::option_option)] // Missing, null and given are three things.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AddContactRequest {
    /// Name of the person.
    #[schema(required, value_type = String, min_length = 1, max_length = 200, example = "Jane Roe")]
    name: Option<String>,
    /// Addresses, the preferred one first. No other contact may have one of them.
    #[schema(max_items = 10, example = json!(["jane@example.com"]))]
    emails: Option<Vec<String>>,
    /// Phone number in international format.
    #[schema(example = "+15550100123")]
    phone: Option<String>,
    /// Id of the person's organization. Null sets none. If it is not given, the organization that
    /// has the domain of an address applies to it. Requires the role `SUPERVISOR`.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, example = "org_01jjg00000e008000000000001")]
    organization_id: Option<Option<String>>,
    /// Language (BCP 47).
    #[schema(max_length = 35, example = "pt-BR")]
    locale: Option<String>,
    /// Time zone (IANA).
    #[schema(max_length = 64, example = "Europe/Berlin")]
    time_zone: Option<String>,
    /// Notes for staff.
    #[schema(max_length = 5000, example = "Prefers mail.")]
    notes: Option<String>,
}

impl AddContactRequest {
    fn validate(&self) -> Result<NewContact, ApiError> {
        let mut v = Validation::default();
        let name = v.required("name", self.name.as_deref());
        let emails = emails(self.emails.as_deref().unwrap_or_default(), &mut v);
        let phone = v.optional("phone", self.phone.as_deref());
        let organization = organization(self.organization_id.as_ref(), None, &mut v);
        let locale = v.optional("locale", self.locale.as_deref());
        let time_zone = v.optional_as("timeZone", self.time_zone.as_deref(), TimeZoneName::known);
        let notes = v.optional("notes", self.notes.as_deref());
        v.finish(name.zip(emails).map(|(name, emails)| NewContact {
            name,
            emails,
            phone,
            organization: organization.unwrap_or_default(),
            locale,
            time_zone,
            notes,
        }))
    }
}

/// Add a contact.
#[utoipa::path(
    security(("staffToken" = [ChangeContacts::ROLE])),
    request_body = AddContactRequest,
    responses(
        (status = 200, description = "The contact.", body = ContactResponse),
        (status = 403, description = "`FORBIDDEN`: `organizationId` requires the role `SUPERVISOR`.", body = ErrorBody),
        (status = 404, description = "`ORGANIZATION_NOT_FOUND`.", body = ErrorBody),
        (status = 409, description = "`CONFLICT`: the contact in the details has one of the addresses.", body = ErrorBody),
    ),
)]
#[post("/contacts")]
pub(crate) async fn add_contact(
    staff: Staff<ChangeContacts>,
    body: JsonBody<AddContactRequest>,
) -> Result<HttpResponse, ApiError> {
    if body.0.organization_id.is_some() {
        require(Permission::ManageOrganizations, staff.member())?;
    }
    let new = body.0.validate()?;
    let (manage, by) = (staff.use_cases().manage_contacts.clone(), staff.initiator());
    let contact = in_time(async move { manage.add(new, &by).await }).await?;
    Ok(HttpResponse::Ok().json(ContactResponse::from(contact)))
}
