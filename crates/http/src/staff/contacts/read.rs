use actix_web::{HttpResponse, get};
use engage_application::ContactPage;
use engage_domain::ContactId;
use engage_repository::ContactFilter;
use serde::Serialize;
use utoipa::ToSchema;

use super::{ContactBody, ContactInPath, ContactResponse};
use crate::deadline::in_time;
use crate::error::ApiError;
use crate::query::Query;
use crate::staff::access::{ReadContacts, Required, Staff};
use crate::staff::cursor_page::{CursorPage, CursorPagination};
use crate::validation::Validation;

/// Contacts.
#[derive(Serialize, ToSchema)]
pub(crate) struct ContactsResponse {
    success: bool,
    /// Contacts, oldest first.
    contacts: Vec<ContactBody>,
    pagination: CursorPagination,
}

fn read(query: &Query) -> Result<(ContactFilter, CursorPage<ContactId>), ApiError> {
    let mut v = Validation::default();
    let filter = ContactFilter {
        text: query.one("q", &mut v).and_then(|text| v.parse("q", text)),
        organization: query
            .one("organizationId", &mut v)
            .and_then(|id| v.parse("organizationId", id)),
        email: query.one("email", &mut v).and_then(|address| v.parse("email", address)),
        notes: None,
    };
    let page = CursorPage::read(query, &mut v);
    v.finish(page.map(|page| (filter, page)))
}

/// List contacts.
#[utoipa::path(
    security(("staffToken" = [ReadContacts::ROLE])),
    params(
        ("q" = Option<String>, Query, max_length = 200, description = "Text that the name, an address or the phone number contains, in upper or lower case.", example = "roe"),
        ("organizationId" = Option<String>, Query, description = "Id of the organization that was set, or that has the domain of an address if none was set.", example = "org_01jjg00000e008000000000001"),
        ("email" = Option<String>, Query, description = "An address of the contact.", example = "jane@example.com"),
        ("cursor" = Option<String>, Query, description = "The `pagination.nextCursor` of an earlier response."),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 100, description = "Maximum number of entries per page, 20 by default."),
    ),
    responses(
        (status = 200, description = "The matching contacts.", body = ContactsResponse),
    ),
)]
#[get("/contacts")]
pub(crate) async fn list_contacts(
    staff: Staff<ReadContacts>,
    query: Query,
) -> Result<HttpResponse, ApiError> {
    let (filter, page) = read(&query)?;
    let manage = staff.use_cases().manage_contacts.clone();
    let found = async move { manage.page(&filter, page.after, page.limit).await };
    let ContactPage { contacts, next } = in_time(found).await?;
    Ok(HttpResponse::Ok().json(ContactsResponse {
        success: true,
        contacts: contacts.into_iter().map(ContactBody::from).collect(),
        pagination: CursorPagination::new(page.limit, next),
    }))
}

/// Get a contact.
#[utoipa::path(
    security(("staffToken" = [ReadContacts::ROLE])),
    params(("contactId" = String, Path, description = "Id of the contact.", example = "con_01jjg00000e008000000000001")),
    responses(
        (status = 200, description = "The contact.", body = ContactResponse),
    ),
)]
#[get("/contacts/{contactId}")]
pub(crate) async fn get_contact(
    staff: Staff<ReadContacts>,
    id: ContactInPath,
) -> Result<HttpResponse, ApiError> {
    let manage = staff.use_cases().manage_contacts.clone();
    let contact = in_time(async move { manage.get(id.0).await }).await?;
    Ok(HttpResponse::Ok().json(ContactResponse::from(contact)))
}
