use actix_web::{HttpResponse, delete, patch};
use engage_application::ContactChange;
use engage_domain::Permission;
use engage_domain::contact::TimeZoneName;
use serde::Deserialize;
use utoipa::ToSchema;

use super::fields::{emails, organization};
use super::{ContactInPath, ContactResponse};
use crate::body::{JsonBody, present};
use crate::deadline::in_time;
use crate::error::{ApiError, ErrorBody};
use crate::staff::access::{ChangeContacts, ManageOrganizations, Required, Staff, require};
use crate::staff::webhooks::DoneResponse;
use crate::validation::Validation;

/// Changes to a contact. Omitted fields do not change.
#[allow(clippy::option_option)] // Missing, null and given are three things.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ChangeContactRequest {
    /// Name of the person.
    #[schema(max_length = 200, example = "Jane Roe")]
    name: Option<String>,
    /// All addresses, the preferred one first. Requires the role `SUPERVISOR`.
    #[schema(max_items = 10, example = json!(["jane@example.com"]))]
    emails: Option<Vec<String>>,
    /// Phone number in international format. Null removes it.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, example = "+15550100123")]
    phone: Option<Option<String>>,
    /// Id of the person's organization. Null sets none, so that the domains of the addresses do not
    /// matter. Requires the role `SUPERVISOR`.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, example = "org_01jjg00000e008000000000001")]
    organization_id: Option<Option<String>>,
    /// True forgets the organization that was set, so that the one that has the domain of an address
    /// applies to it. False changes nothing. Requires the role `SUPERVISOR`.
    #[schema(example = false)]
    organization_by_domain: Option<bool>,
    /// Language (BCP 47). Null removes it.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, max_length = 35, example = "pt-BR")]
    locale: Option<Option<String>>,
    /// Time zone (IANA). Null removes it.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, max_length = 64, example = "Europe/Berlin")]
    time_zone: Option<Option<String>>,
    /// Notes for staff. Null removes them.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, max_length = 5000, example = "Prefers mail.")]
    notes: Option<Option<String>>,
}

impl ChangeContactRequest {
    fn gives_type(&self) -> bool {
        self.emails.is_some()
            || self.organization_id.is_some()
            || self.organization_by_domain.is_some()
    }

    fn validate(&self) -> Result<ContactChange, ApiError> {
        let mut v = Validation::default();
        let name = v.optional("name", self.name.as_deref());
        let emails = self.emails.as_deref().and_then(|given| emails(given, &mut v));
        let phone = self.phone.as_ref().map(|text| v.optional("phone", text.as_deref()));
        let organization =
            organization(self.organization_id.as_ref(), self.organization_by_domain, &mut v);
        let locale = self.locale.as_ref().map(|text| v.optional("locale", text.as_deref()));
        let time_zone = self.time_zone.as_ref();
        let time_zone =
            time_zone.map(|text| v.optional_as("timeZone", text.as_deref(), TimeZoneName::known));
        let notes = self.notes.as_ref().map(|text| v.optional("notes", text.as_deref()));
        v.at_least_one(&[
            ("name", self.name.is_some()),
            ("emails", self.emails.is_some()),
            ("phone", self.phone.is_some()),
            ("organizationId", self.organization_id.is_some()),
            ("organizationByDomain", self.organization_by_domain.is_some()),
            ("locale", self.locale.is_some()),
            ("timeZone", self.time_zone.is_some()),
            ("notes", self.notes.is_some()),
        ]);
        v.finish(Some(ContactChange {
            name,
            emails,
            phone,
            organization,
            locale,
            time_zone,
            notes,
        }))
    }
}

/// Update a contact.
///
/// Addresses and the organization require the role `SUPERVISOR`, because they give the person a
/// customer type.
#[utoipa::path(
    security(("staffToken" = [ChangeContacts::ROLE])),
    params(("contactId" = String, Path, description = "Id of the contact.", example = "con_01jjg00000e008000000000001")),
    request_body = ChangeContactRequest,
    responses(
        (status = 200, description = "The contact after the change.", body = ContactResponse),
        (status = 403, description = "`FORBIDDEN`: `emails`, `organizationId` and `organizationByDomain` require the role `SUPERVISOR`.", body = ErrorBody),
        (status = 404, description = "`CONTACT_NOT_FOUND` or `ORGANIZATION_NOT_FOUND`.", body = ErrorBody),
        (status = 409, description = "`CONFLICT`: the contact in the details has one of the addresses.", body = ErrorBody),
    ),
)]
#[patch("/contacts/{contactId}")]
pub(crate) async fn change_contact(
    staff: Staff<ChangeContacts>,
    id: ContactInPath,
    body: JsonBody<ChangeContactRequest>,
) -> Result<HttpResponse, ApiError> {
    if body.0.gives_type() {
        require(Permission::ManageOrganizations, staff.member())?;
    }
    let change = body.0.validate()?;
    let (manage, by) = (staff.use_cases().manage_contacts.clone(), staff.initiator());
    let contact = in_time(async move { manage.change(id.0, &change, &by).await }).await?;
    Ok(HttpResponse::Ok().json(ContactResponse::from(contact)))
}

/// Delete a contact.
///
/// The cases of the person remain.
#[utoipa::path(
    security(("staffToken" = [ManageOrganizations::ROLE])),
    params(("contactId" = String, Path, description = "Id of the contact.", example = "con_01jjg00000e008000000000001")),
    responses(
        (status = 200, description = "The contact was deleted.", body = DoneResponse),
    ),
)]
#[delete("/contacts/{contactId}")]
pub(crate) async fn remove_contact(
    staff: Staff<ManageOrganizations>,
    id: ContactInPath,
) -> Result<HttpResponse, ApiError> {
    let (manage, by) = (staff.use_cases().manage_contacts.clone(), staff.initiator());
    in_time(async move { manage.remove(id.0, &by).await }).await?;
    Ok(HttpResponse::Ok().json(DoneResponse::new("Contact deleted successfully")))
}
