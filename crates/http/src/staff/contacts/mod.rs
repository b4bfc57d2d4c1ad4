//! Contacts.

pub(crate) mod add;
pub(crate) mod change;
mod csv_rows;
mod fields;
pub(crate) mod import;
mod import_columns;
pub(crate) mod merge;
pub(crate) mod read;

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use engage_domain::contact::ContactOrganization;
use engage_domain::{Contact, ContactId, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

use crate::error::ApiError;

/// A contact.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ContactBody {
    /// Id of the contact.
    #[schema(example = "con_01jjg00000e008000000000001")]
    id: String,
    /// Number of changes, including the addition.
    #[schema(minimum = 1, example = 1)]
    version: u32,
    /// Name of the person.
    #[schema(example = "Jane Roe")]
    name: String,
    /// Addresses, the preferred one first. No two contacts share one.
    #[schema(max_items = 10, example = json!(["jane@example.com"]))]
    emails: Vec<String>,
    /// Phone number.
    #[schema(example = "+15550100123")]
    phone: Option<String>,
    /// Id of the organization that was set.
    #[schema(example = "org_01jjg00000e008000000000001")]
    organization_id: Option<String>,
    /// True if no organization was set, so that the one that has the domain of an address applies to
    /// it. False if one was set, or none.
    organization_by_domain: bool,
    /// Language (BCP 47).
    #[schema(example = "pt-BR")]
    locale: Option<String>,
    /// Time zone (IANA).
    #[schema(example = "Europe/Berlin")]
    time_zone: Option<String>,
    /// Notes of staff.
    notes: Option<String>,
    /// Time at which the contact was added.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

impl From<Contact> for ContactBody {
    fn from(contact: Contact) -> Self {
        Self {
            id: contact.id.to_string(),
            version: contact.version.get(),
            name: contact.name.into(),
            emails: contact.emails.iter().map(ToString::to_string).collect(),
            phone: contact.phone.map(|phone| phone.to_string()),
            organization_id: contact.organization.own().map(|id| id.to_string()),
            organization_by_domain: contact.organization == ContactOrganization::ByDomain,
            locale: contact.locale.map(|locale| locale.to_string()),
            time_zone: contact.time_zone.map(|zone| zone.to_string()),
            notes: contact.notes.map(Into::into),
            created_at: contact.created_at,
        }
    }
}

/// The contact.
#[derive(Serialize, ToSchema)]
pub(crate) struct ContactResponse {
    success: bool,
    contact: ContactBody,
}

impl From<Contact> for ContactResponse {
    fn from(contact: Contact) -> Self {
        Self { success: true, contact: contact.into() }
    }
}

/// The contact in the path.
pub(crate) struct ContactInPath(pub(crate) ContactId);

impl FromRequest for ContactInPath {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let text = request.match_info().query("contactId");
        let id = text.parse().map_err(|_| ApiError::ContactNotFound(text.to_owned()));
        ready(id.map(Self))
    }
}
