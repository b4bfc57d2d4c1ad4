//! Tags of operations, one per kind of resource. They follow from the path.

use utoipa::openapi::OpenApi;
use utoipa::openapi::tag::TagBuilder;

use super::operations::operations;

/// A tag: name, description and path prefixes.
struct Tag(&'static str, &'static str, &'static [&'static str]);

/// If a path matches several, the last one counts.
const TAGS: [Tag; 15] = [
    Tag(
        "Service",
        "Health checks, metrics, and this description.",
        &["/health", "/metrics", "/openapi.json"],
    ),
    Tag("Callbacks", "Requests from external services.", &["/api/webhooks/"]),
    Tag(
        "Customer cases",
        "Cases for customers, without an account. Proof that the case belongs to the customer may \
            be required.",
        &["/api/support/case"],
    ),
    Tag("Cases", "Cases for staff.", &["/api/internal/support/case"]),
    Tag(
        "Files",
        "Uploads and attachments.",
        &["/api/support/case/attachment", "/api/internal/support/attachments"],
    ),
    Tag("Tags", "Labels of cases.", &["/api/internal/support/tags"]),
    Tag("Events", "Feed of the events of all cases.", &["/api/internal/support/events"]),
    Tag("Staff", "Staff members.", &["/api/internal/staff", "/api/internal/me"]),
    Tag("Tokens", "Tokens of staff members.", &["/api/internal/staff/{staffId}/tokens"]),
    Tag("Notifications", "Notifications and their delivery.", &["/api/internal/notifications"]),
    Tag("Webhooks", "Webhook endpoints, and the events sent to them.", &["/api/internal/webhooks"]),
    Tag("Contacts", "Persons who are known to the support team.", &["/api/internal/contacts"]),
    Tag("Customers", "Persons in all cases and contacts.", &["/api/internal/customers"]),
    Tag("Organizations", "Organizations of customers.", &["/api/internal/organizations"]),
    Tag("Audit", "Audit log of staff and operators.", &["/api/internal/audit"]),
];

fn of(path: &str) -> Option<&'static str> {
    let fits = |Tag(_, _, places): &&Tag| places.iter().any(|place| path.starts_with(place));
    TAGS.iter().rfind(fits).map(|Tag(name, ..)| *name)
}

/// Tags all operations, and declares the tags.
pub(super) fn complete(document: &mut OpenApi) {
    let mut used = Vec::new();
    for (path, item) in &mut document.paths.paths {
        let tag = of(path);
        used.extend(tag);
        for operation in operations(item) {
            operation.tags = tag.map(|tag| vec![tag.to_owned()]);
        }
    }
    let tags = TAGS.iter().filter(|Tag(name, ..)| used.contains(name));
    let declared = tags.map(|Tag(name, meaning, _)| {
        TagBuilder::new().name(*name).description(Some(*meaning)).build()
    });
    document.tags = Some(declared.collect());
}
