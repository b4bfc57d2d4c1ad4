//! Every endpoint with a JSON body, its fields, and a valid body.

use reqwest::Method;
use serde_json::{Value, json};

use super::Outcome::{
    self, Accepted, Invalid, NoAccess, NoFile, NoMessage, NoPerson, NoProof, NoUpdate,
};
use crate::support::a_case;

/// The kind of value that a field accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// One line with at most this many characters.
    Line(usize),
    /// Text with at most this many characters.
    Prose(usize),
    Email,
    Phone,
    /// One of a set of words.
    Word,
    /// The number of an existing case.
    CaseNumber,
    /// Any text, since a mismatch is not revealed.
    Anything,
    /// The address of the case's customer.
    ProofByEmail,
    /// An access token of the case.
    ProofByToken,
    StaffId,
    Flag,
    /// A point in time.
    Time,
    /// The ID of a notification.
    MessageId,
    /// The ID of an endpoint.
    EndpointId,
    Url,
    /// Names of events.
    EventTypes,
    /// Scopes of a machine.
    Scopes,
    /// IDs of people among the staff.
    StaffIds,
    /// Headers of an endpoint's webhooks.
    Headers,
    /// Numbers of cases, 1 to 100.
    CaseNumbers,
    Files,
    /// The maximum number of results.
    Limit,
    /// The position at which a conversation continues.
    Cursor,
    /// Addresses of a contact.
    Emails,
    /// Domains of an organization.
    Domains,
    /// Service targets by urgency.
    Targets,
    /// Names of tags.
    Tags,
}

pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    /// Outcome if the field is missing.
    pub(super) missing: Outcome,
    /// Outcome if the field is blank.
    pub(super) blank: Outcome,
    /// Outcome if the field is null.
    pub(super) null: Outcome,
    /// The field that the error names if this one is missing.
    pub(super) blamed: &'static str,
}

pub(super) const fn required(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, missing: Invalid, blank: Invalid, null: Invalid, blamed: name }
}

pub(super) const fn optional(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, missing: Accepted, blank: Accepted, null: Accepted, blamed: name }
}

impl Field {
    /// Sets the outcome of null if it has a special meaning.
    const fn null_is(mut self, null: Outcome) -> Self {
        self.null = null;
        self
    }

    /// Makes a blank value invalid, since omitting the field has the widest meaning.
    const fn never_blank(mut self) -> Self {
        self.blank = Invalid;
        self
    }

    pub(super) const fn blames(mut self, other: &'static str) -> Self {
        self.blamed = other;
        self
    }
}

pub(super) struct Endpoint {
    pub(super) method: Method,
    /// The path in the API's description.
    pub(super) path: &'static str,
    /// The member in the path.
    pub(super) member: &'static str,
    /// Outcome of a valid request.
    pub(super) fine: Outcome,
    /// Builds a valid body for the case with this number.
    pub(super) body: fn(&str) -> Value,
    pub(super) fields: Vec<Field>,
}

pub(super) fn post(path: &'static str, body: fn(&str) -> Value, fields: Vec<Field>) -> Endpoint {
    let member = "staff-456";
    Endpoint { method: Method::POST, path, member, fine: Accepted, body, fields }
}

impl Endpoint {
    pub(super) fn by(self, method: Method) -> Self {
        Self { method, ..self }
    }

    /// Names a machine in the path.
    fn of_machine(self) -> Self {
        Self { member: "gateway", ..self }
    }

    pub(super) fn ends_in(self, fine: Outcome) -> Self {
        Self { fine, ..self }
    }

    /// Adds the fields of a new case.
    fn with_new_case(mut self, email: Field) -> Self {
        self.fields.extend([
            required("name", Kind::Line(200)),
            email,
            optional("organization", Kind::Line(200)),
            optional("phone", Kind::Phone),
            optional("customerType", Kind::Word),
            optional("issueType", Kind::Word),
            optional("urgency", Kind::Word),
            optional("clientOrProjectName", Kind::Line(200)),
            required("subject", Kind::Line(200)),
            required("message", Kind::Prose(20_000)),
        ]);
        self
    }

    /// Adds the fields of a case and a proof of ownership.
    fn with_proof(mut self) -> Self {
        self.fields.extend([
            required("caseNumber", Kind::CaseNumber),
            optional("email", Kind::ProofByEmail),
            optional("accessToken", Kind::ProofByToken),
        ]);
        self
    }
}

pub(super) fn of_customers() -> Vec<Endpoint> {
    vec![
        post("/api/support/case", |_| a_case(), vec![optional("attachments", Kind::Files)])
            .with_new_case(required("email", Kind::Email)),
        post(
            "/api/support/case/reply",
            |number| json!({"caseNumber": number, "message": "m"}),
            vec![required("message", Kind::Prose(20_000)), optional("attachments", Kind::Files)],
        )
        .with_proof(),
        post(
            "/api/support/case/status",
            |number| json!({"caseNumber": number}),
            vec![optional("limit", Kind::Limit), optional("cursor", Kind::Cursor)],
        )
        .with_proof(),
        post(
            "/api/support/case/escalate",
            |number| json!({"caseNumber": number, "reason": "r", "newUrgency": "CRITICAL"}),
            vec![required("reason", Kind::Prose(2_000)), optional("newUrgency", Kind::Word)],
        )
        .with_proof(),
        post(
            "/api/support/case/cancel",
            |number| json!({"caseNumber": number, "reason": "r"}),
            vec![required("reason", Kind::Prose(2_000))],
        )
        .with_proof(),
        post(
            "/api/support/case/attachment",
            |number| {
                let absent = "att_01jjg00000e008000000000001";
                json!({"caseNumber": number, "attachmentId": absent})
            },
            vec![required("attachmentId", Kind::Anything)],
        )
        .with_proof()
        .ends_in(NoFile),
        post(
            "/api/support/case/access",
            |number| json!({"caseNumber": number, "email": "john@example.com"}),
            vec![required("caseNumber", Kind::Anything), required("email", Kind::Email)],
        ),
        post(
            "/api/support/case/access/redeem",
            |number| {
                let code = "K7QM-4XPD";
                json!({"caseNumber": number, "email": "john@example.com", "code": code})
            },
            vec![
                required("caseNumber", Kind::Anything),
                required("email", Kind::Email),
                required("code", Kind::Anything),
            ],
        )
        .ends_in(NoAccess),
        of_participants(
            "/api/support/case/participants",
            |number| json!({"caseNumber": number, "participantEmail": "ann@x.example"}),
            vec![
                required("participantEmail", Kind::Email),
                optional("participantName", Kind::Line(200)),
            ],
        ),
        of_participants(
            "/api/support/case/participants/remove",
            |number| json!({"caseNumber": number, "participantId": "per_1"}),
            vec![required("participantId", Kind::Anything)],
        ),
        of_participants(
            "/api/support/case/participants/leave",
            |number| json!({"caseNumber": number}),
            Vec::new(),
        ),
        of_participants(
            "/api/support/case/participants/return",
            |number| json!({"caseNumber": number}),
            Vec::new(),
        ),
    ]
}

/// A request about participants. It has no token here, so that a valid one lacks a proof.
fn of_participants(
    path: &'static str,
    body: fn(&str) -> Value,
    mut fields: Vec<Field>,
) -> Endpoint {
    fields.extend([
        required("caseNumber", Kind::CaseNumber),
        optional("accessToken", Kind::ProofByToken),
    ]);
    post(path, body, fields).ends_in(NoProof)
}

const REDACT: &str = "/api/internal/support/case/{caseNumber}/redact";

#[allow(clippy::too_many_lines)] // A list with one entry for each endpoint.
pub(super) fn of_cases() -> Vec<Endpoint> {
    vec![
        post(
            "/api/internal/support/cases",
            |_| a_case(),
            vec![
                optional("firstMessageBy", Kind::Word),
                optional("responded", Kind::Flag),
                optional("assignedTo", Kind::StaffId),
                optional("department", Kind::Line(100)),
                optional("notifyCustomer", Kind::Flag),
                optional("customerProven", Kind::Flag),
                optional("onBehalfOf", Kind::StaffId).never_blank(),
                optional("attachments", Kind::Files),
                optional("tags", Kind::Tags),
            ],
        )
        .with_new_case(optional("email", Kind::Email)),
        post(
            "/api/internal/support/case/{caseNumber}/update",
            |_| json!({"message": "m", "isInternal": true, "attachments": []}),
            vec![
                required("message", Kind::Prose(20_000)),
                optional("isInternal", Kind::Flag),
                optional("statusChange", Kind::Word),
                optional("attachments", Kind::Files),
                optional("addTags", Kind::Tags),
                optional("removeTags", Kind::Tags),
                optional("onBehalfOf", Kind::StaffId).never_blank(),
            ],
        ),
        post(
            "/api/internal/support/case/{caseNumber}/assign",
            |_| json!({"staffId": "staff-456", "department": "D", "notes": "n"}),
            vec![
                // Null unassigns the case.
                required("staffId", Kind::StaffId).null_is(Accepted),
                optional("department", Kind::Line(100)),
                optional("notes", Kind::Prose(5_000)),
            ],
        )
        .by(Method::PUT),
        post(
            "/api/internal/support/case/{caseNumber}/participants",
            |_| json!({"email": "ann@x.example", "readsFrom": "START"}),
            vec![
                required("email", Kind::Email),
                optional("name", Kind::Line(200)),
                optional("readsFrom", Kind::Word),
            ],
        ),
        post(
            "/api/internal/support/case/{caseNumber}/participants/{participantId}",
            |_| json!({"name": "Ann Lee"}),
            vec![required("name", Kind::Line(200)).null_is(Accepted)],
        )
        .by(Method::PATCH)
        .ends_in(NoPerson),
        post(
            "/api/internal/support/case/{caseNumber}/escalate",
            |_| json!({"reason": "r", "newUrgency": "CRITICAL"}),
            vec![required("reason", Kind::Prose(2_000)), optional("newUrgency", Kind::Word)],
        ),
        post(
            "/api/internal/support/case/{caseNumber}",
            |_| json!({"urgency": "LOW", "issueType": "BILLING", "customerType": "FREE"}),
            vec![
                optional("urgency", Kind::Word),
                optional("issueType", Kind::Word),
                optional("customerType", Kind::Word),
                optional("name", Kind::Line(200)).never_blank(),
                // Null removes the address, since the customer has a phone.
                optional("email", Kind::Email).never_blank(),
                optional("phone", Kind::Phone).never_blank(),
                optional("organization", Kind::Line(200)).never_blank(),
                optional("clientOrProjectName", Kind::Line(200)).never_blank(),
                optional("subject", Kind::Line(200)).never_blank(),
                optional("tags", Kind::Tags),
            ],
        )
        .by(Method::PATCH),
        post(
            REDACT,
            |_| json!({"field": "message"}),
            vec![required("field", Kind::Word).blames("body"), optional("preview", Kind::Flag)],
        ),
        post(
            REDACT,
            |_| json!({"updateId": "upd_01jjg00000e008000000000001"}),
            vec![required("updateId", Kind::MessageId).blames("body")],
        )
        .ends_in(NoUpdate),
        post(
            REDACT,
            |_| json!({"attachmentId": "att_01jjg00000e008000000000001"}),
            vec![required("attachmentId", Kind::MessageId).blames("body")],
        )
        .ends_in(NoFile),
        post(
            "/api/internal/support/cases/bulk",
            |number| {
                let staff = "staff-456";
                json!({"action": "assign", "caseNumbers": [number], "staffId": staff, "notes": "n"})
            },
            vec![
                required("action", Kind::Word),
                required("caseNumbers", Kind::CaseNumbers),
                required("staffId", Kind::StaffId).null_is(Accepted),
                optional("department", Kind::Line(100)),
                optional("notes", Kind::Prose(5_000)),
            ],
        ),
        post(
            "/api/internal/support/cases/bulk",
            |number| {
                let status = "IN_PROGRESS";
                json!({"action": "update", "caseNumbers": [number], "statusChange": status,
                    "message": "m"})
            },
            vec![
                optional("message", Kind::Prose(20_000)),
                optional("isInternal", Kind::Flag),
                optional("statusChange", Kind::Word),
                optional("addTags", Kind::Tags),
                optional("removeTags", Kind::Tags),
            ],
        ),
    ]
}

pub(super) fn of_administrators() -> Vec<Endpoint> {
    vec![
        post(
            "/api/internal/staff",
            |number| {
                // An ID and an address that no member has yet.
                let id = number.to_lowercase();
                json!({"id": id, "name": "N", "email": format!("{id}@example.com"),
                    "role": "AGENT"})
            },
            vec![
                optional("id", Kind::StaffId),
                required("name", Kind::Line(200)),
                required("email", Kind::Email),
                required("role", Kind::Word),
                optional("department", Kind::Line(100)),
                optional("phone", Kind::Phone),
            ],
        ),
        post(
            "/api/internal/staff",
            |number| {
                let id = number.to_lowercase();
                json!({"id": id, "name": "N", "role": "SERVICE", "scopes": ["cases.read"]})
            },
            vec![optional("scopes", Kind::Scopes), optional("actsFor", Kind::StaffIds)],
        ),
        post(
            "/api/internal/staff/{staffId}",
            |_| json!({"name": "Gateway", "active": true}),
            vec![optional("scopes", Kind::Scopes), optional("actsFor", Kind::StaffIds)],
        )
        .by(Method::PATCH)
        .of_machine(),
        post(
            "/api/internal/staff/{staffId}",
            |_| json!({"name": "Sam Jones", "active": true}),
            vec![
                optional("name", Kind::Line(200)),
                optional("email", Kind::Email),
                optional("role", Kind::Word),
                optional("department", Kind::Line(100)),
                optional("phone", Kind::Phone),
                optional("active", Kind::Flag),
            ],
        )
        .by(Method::PATCH),
        post(
            "/api/internal/staff/{staffId}/tokens",
            |_| json!({"name": "Laptop", "expiresAt": "2036-01-27T10:00:00Z"}),
            vec![
                optional("name", Kind::Line(100)),
                optional("expiresAt", Kind::Time).never_blank(),
            ],
        ),
        post(
            "/api/internal/notifications/retry",
            |_| json!({"since": "2036-01-27T10:00:00Z"}),
            vec![
                required("since", Kind::Time),
                optional("channel", Kind::Word).never_blank(),
                optional("endpointId", Kind::EndpointId).never_blank(),
                optional("reason", Kind::Line(200)).never_blank(),
            ],
        ),
        post(
            "/api/internal/webhooks",
            |number| json!({"url": format!("https://hooks.example/{number}"), "description": "d"}),
            vec![
                required("url", Kind::Url),
                optional("eventTypes", Kind::EventTypes),
                optional("includeInternal", Kind::Flag),
                optional("headers", Kind::Headers),
                optional("description", Kind::Line(200)),
            ],
        ),
        post(
            "/api/internal/webhooks/{webhookId}",
            |_| json!({"description": "d", "enabled": true}),
            vec![
                optional("url", Kind::Url),
                optional("eventTypes", Kind::EventTypes),
                optional("includeInternal", Kind::Flag),
                optional("headers", Kind::Headers),
                optional("description", Kind::Line(200)),
                optional("enabled", Kind::Flag),
            ],
        )
        .by(Method::PATCH),
        post(
            "/api/internal/webhooks/{webhookId}/replay",
            |_| json!({"since": "2036-01-27T10:00:00Z"}),
            vec![required("since", Kind::Time)],
        ),
        post(
            "/api/internal/webhooks/{webhookId}/replay",
            |_| json!({"notificationId": "ntf_01jjg00000e008000000000001"}),
            vec![required("notificationId", Kind::MessageId).blames("since")],
        )
        .ends_in(NoMessage),
    ]
}
