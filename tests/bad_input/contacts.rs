//! Endpoints of contacts, organizations and tags.

use reqwest::Method;
use serde_json::json;

use super::Outcome::{NoContact, NoTag};
use super::endpoints::{Endpoint, Field, Kind, optional, post, required};

const UNKNOWN_TAG: &str = "tag_01jjg00000e008000000000001";

const ERASE: &str = "/api/internal/customers/erase";

/// Fields of a contact that all requests have.
fn of_contact() -> Vec<Field> {
    vec![
        optional("phone", Kind::Phone),
        optional("organizationId", Kind::EndpointId),
        optional("locale", Kind::Word),
        optional("timeZone", Kind::Word),
        optional("notes", Kind::Prose(5_000)),
        optional("emails", Kind::Emails),
    ]
}

/// Fields of an organization that all requests have.
fn of_organization() -> Vec<Field> {
    vec![
        optional("domains", Kind::Domains),
        optional("notes", Kind::Prose(5_000)),
        optional("slaOverride", Kind::Targets),
    ]
}

fn with(mut fields: Vec<Field>, more: Vec<Field>) -> Vec<Field> {
    fields.extend(more);
    fields
}

pub(super) fn of_supervisors() -> Vec<Endpoint> {
    let merge = |_: &str| {
        let unknown = "con_01jjg00000e008000000000001";
        json!({"into": unknown, "from": unknown})
    };
    vec![
        post(
            "/api/internal/contacts",
            |_| json!({"name": "N"}),
            with(of_contact(), vec![required("name", Kind::Line(200))]),
        ),
        post(
            "/api/internal/contacts/{contactId}",
            |_| json!({"name": "N", "notes": "n"}),
            with(
                of_contact(),
                vec![
                    optional("name", Kind::Line(200)),
                    optional("organizationByDomain", Kind::Flag),
                ],
            ),
        )
        .by(Method::PATCH),
        post(
            "/api/internal/contacts/merge",
            merge,
            vec![required("into", Kind::EndpointId), required("from", Kind::EndpointId)],
        )
        .ends_in(NoContact),
        post(
            "/api/internal/organizations",
            |_| json!({"name": "N", "customerType": "FREE"}),
            with(
                of_organization(),
                vec![required("name", Kind::Line(200)), required("customerType", Kind::Word)],
            ),
        ),
        post(
            "/api/internal/organizations/{organizationId}",
            |_| json!({"name": "N", "notes": "n"}),
            with(
                of_organization(),
                vec![optional("name", Kind::Line(200)), optional("customerType", Kind::Word)],
            ),
        )
        .by(Method::PATCH),
        post(
            "/api/internal/support/tags/{tagId}",
            |number| json!({"name": number}),
            vec![required("name", Kind::Line(40))],
        )
        .by(Method::PATCH),
        post(
            "/api/internal/support/tags/merge",
            |_| json!({"into": UNKNOWN_TAG, "from": "tag_01jjg00000e008000000000002"}),
            vec![required("into", Kind::EndpointId), required("from", Kind::EndpointId)],
        )
        .ends_in(NoTag),
        // A preview, so that nobody is erased while the others are tried.
        post(
            ERASE,
            |_| json!({"email": "nobody@customer.example", "preview": true}),
            vec![required("email", Kind::Email).blames("body"), optional("preview", Kind::Flag)],
        ),
        post(
            ERASE,
            |_| json!({"contactId": "con_01jjg00000e008000000000001", "preview": true}),
            vec![required("contactId", Kind::EndpointId).blames("body")],
        )
        .ends_in(NoContact),
    ]
}
