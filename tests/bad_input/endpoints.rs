//! Every endpoint that takes JSON, what it takes, and a body that it accepts.

use reqwest::Method;
use serde_json::{Value, json};

use super::Outcome::{self, Accepted, Invalid, NoAccess, NoFile, NoMessage};
use crate::support::a_case;

/// What a field takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// One line of so many characters at most.
    Line(usize),
    /// Text of so many characters at most.
    Prose(usize),
    Email,
    Phone,
    /// One of some words.
    Word,
    /// The number of a case that has to be there.
    CaseNumber,
    /// A text that may be anything: what does not fit is not told.
    Anything,
    /// The address of the case's customer.
    ProofByEmail,
    /// An access token of the case.
    ProofByToken,
    StaffId,
    Flag,
    /// A point in time.
    Time,
    /// The id of a message.
    MessageId,
    /// The id of an endpoint.
    EndpointId,
    Url,
    /// Names of events.
    EventTypes,
    /// Headers of an endpoint's messages.
    Headers,
    /// Numbers of cases, 1 to 100.
    CaseNumbers,
    Files,
    /// How many to answer.
    Limit,
    /// Where a conversation goes on.
    Cursor,
}

pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    /// What comes of it when it is left out.
    pub(super) missing: Outcome,
    /// What comes of it when it is blank.
    pub(super) blank: Outcome,
    /// What comes of it when it is null.
    pub(super) null: Outcome,
    /// The field that is named when this one is missing.
    pub(super) blamed: &'static str,
}

const fn required(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, missing: Invalid, blank: Invalid, null: Invalid, blamed: name }
}

const fn optional(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, missing: Accepted, blank: Accepted, null: Accepted, blamed: name }
}

impl Field {
    /// Null means something of its own.
    const fn null_is(mut self, null: Outcome) -> Self {
        self.null = null;
        self
    }

    /// Left out, it means more than any value does.
    const fn never_blank(mut self) -> Self {
        self.blank = Invalid;
        self
    }

    const fn blames(mut self, other: &'static str) -> Self {
        self.blamed = other;
        self
    }
}

pub(super) struct Endpoint {
    pub(super) method: Method,
    /// As the description has it.
    pub(super) path: &'static str,
    /// What comes of a request of which nothing is wrong.
    pub(super) fine: Outcome,
    /// A body, for the case with this number.
    pub(super) body: fn(&str) -> Value,
    pub(super) fields: Vec<Field>,
}

fn post(path: &'static str, body: fn(&str) -> Value, fields: Vec<Field>) -> Endpoint {
    Endpoint { method: Method::POST, path, fine: Accepted, body, fields }
}

impl Endpoint {
    fn by(self, method: Method) -> Self {
        Self { method, ..self }
    }

    fn ends_in(self, fine: Outcome) -> Self {
        Self { fine, ..self }
    }

    /// It is about a case, and takes proof that the case is the caller's.
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
        post(
            "/api/support/case",
            |_| a_case(),
            vec![
                required("name", Kind::Line(200)),
                required("email", Kind::Email),
                optional("organization", Kind::Line(200)),
                optional("phone", Kind::Phone),
                optional("customerType", Kind::Word),
                optional("issueType", Kind::Word),
                optional("urgency", Kind::Word),
                optional("clientOrProjectName", Kind::Line(200)),
                required("subject", Kind::Line(200)),
                required("message", Kind::Prose(20_000)),
                optional("attachments", Kind::Files),
            ],
        ),
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
    ]
}

pub(super) fn of_cases() -> Vec<Endpoint> {
    vec![
        post(
            "/api/internal/support/case/{caseNumber}/update",
            |_| json!({"message": "m", "isInternal": true, "attachments": []}),
            vec![
                required("message", Kind::Prose(20_000)),
                optional("isInternal", Kind::Flag),
                optional("statusChange", Kind::Word),
                optional("attachments", Kind::Files),
            ],
        ),
        post(
            "/api/internal/support/case/{caseNumber}/assign",
            |_| json!({"staffId": "staff-456", "department": "D", "notes": "n"}),
            vec![
                // Null takes a case back from its assignee.
                required("staffId", Kind::StaffId).null_is(Accepted),
                optional("department", Kind::Line(100)),
                optional("notes", Kind::Prose(5_000)),
            ],
        )
        .by(Method::PUT),
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
            ],
        )
        .by(Method::PATCH),
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
            ],
        ),
    ]
}

pub(super) fn of_administrators() -> Vec<Endpoint> {
    vec![
        post(
            "/api/internal/staff",
            |number| {
                // Nobody has them yet.
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
