//! The tags of operations: one for each kind of resource, which follows from the path.

use utoipa::openapi::OpenApi;
use utoipa::openapi::tag::TagBuilder;

use super::operations::operations;

/// A tag by its name, what it is about, and where the paths of its operations begin.
struct Tag(&'static str, &'static str, &'static [&'static str]);

/// Of those that a path fits, the last one counts.
const TAGS: [Tag; 11] = [
    Tag("Service", "About the service itself.", &["/health", "/metrics", "/openapi.json"]),
    Tag("Callbacks", "For services that Engage works with.", &["/api/webhooks/"]),
    Tag(
        "Customer cases",
        "For customers; no account. The desk may ask for proof that a case is theirs.",
        &["/api/support/case"],
    ),
    Tag("Cases", "Cases as staff see and change them.", &["/api/internal/support/case"]),
    Tag(
        "Files",
        "Files that belong to cases.",
        &["/api/support/case/attachment", "/api/internal/support/attachments"],
    ),
    Tag("Events", "What happened to all cases.", &["/api/internal/support/events"]),
    Tag("Staff", "The members of staff.", &["/api/internal/staff", "/api/internal/me"]),
    Tag("Tokens", "The tokens of members of staff.", &["/api/internal/staff/{staffId}/tokens"]),
    Tag(
        "Notifications",
        "The messages that go out, and how they fare.",
        &["/api/internal/notifications"],
    ),
    Tag(
        "Webhooks",
        "Endpoints of other systems, and what is sent to them.",
        &["/api/internal/webhooks"],
    ),
    Tag("Audit", "What staff and operators did.", &["/api/internal/audit"]),
];

fn of(path: &str) -> Option<&'static str> {
    let fits = |Tag(_, _, places): &&Tag| places.iter().any(|place| path.starts_with(place));
    TAGS.iter().rfind(fits).map(|Tag(name, ..)| *name)
}

/// Tags all operations, and declares the tags that there are.
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
