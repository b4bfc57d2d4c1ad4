//! The enumerations of the API. Each is declared once, by its name, so that generated clients have
//! one type for it wherever it is used.

use engage_domain::{
    AttemptOutcome, Channel, CustomerType, EventSubtype, EventType, IssueType, NotificationStatus,
    Role, ServiceAlert, SlaTimerKind, SlaTimerState, Status, Template, Urgency,
};
use serde_json::json;
use utoipa::openapi::schema::SchemaType;
use utoipa::openapi::{Components, Object, OneOf, Ref, RefOr, Schema, Type};

use crate::staff::{bulk, export, list, webhooks};

/// The words out of which a value is one.
pub(super) struct Enumeration {
    /// The name of its schema.
    pub(super) name: &'static str,
    /// Each word, as it is answered.
    pub(super) words: &'static [&'static str],
    /// The word that examples have.
    example: &'static str,
    meaning: &'static str,
}

static CASE_STATUS: Enumeration = Enumeration {
    name: "CaseStatus",
    words: Status::SPELLINGS,
    example: "IN_PROGRESS",
    meaning: "Where a case stands.",
};
static URGENCY: Enumeration = Enumeration {
    name: "Urgency",
    words: Urgency::SPELLINGS,
    example: "HIGH",
    meaning: "How much a case hurts.",
};
static CUSTOMER_TYPE: Enumeration = Enumeration {
    name: "CustomerType",
    words: CustomerType::SPELLINGS,
    example: "BUSINESS",
    meaning: "What kind of contract a customer has.",
};
static ISSUE_TYPE: Enumeration = Enumeration {
    name: "IssueType",
    words: IssueType::SPELLINGS,
    example: "TECHNICAL",
    meaning: "What kind of help is wanted.",
};
static ROLE: Enumeration = Enumeration {
    name: "Role",
    words: Role::SPELLINGS,
    example: "AGENT",
    meaning: "What a member of staff may do; each role may do what those before it may.",
};
static CHANNEL: Enumeration = Enumeration {
    name: "Channel",
    words: Channel::SPELLINGS,
    example: "EMAIL",
    meaning: "The way on which a message goes out.",
};
static NOTIFICATION_STATUS: Enumeration = Enumeration {
    name: "NotificationStatus",
    words: NotificationStatus::SPELLINGS,
    example: "DEAD",
    meaning: "Where a message stands.",
};
static MESSAGE_TEMPLATE: Enumeration = Enumeration {
    name: "MessageTemplate",
    words: Template::SPELLINGS,
    example: "case-updated-customer",
    meaning: "The template that a message is written by.",
};
static ATTEMPT_OUTCOME: Enumeration = Enumeration {
    name: "AttemptOutcome",
    words: AttemptOutcome::SPELLINGS,
    example: "SENT",
    meaning: "What came of an attempt to send a message.",
};
static EVENT_TYPE: Enumeration = Enumeration {
    name: "EventType",
    words: EventType::SPELLINGS,
    example: "case.updated",
    meaning: "The type of an event.",
};
static EVENT_SUBTYPE: Enumeration = Enumeration {
    name: "EventSubtype",
    words: EventSubtype::SPELLINGS,
    example: "case.answered",
    meaning: "A finer kind of event than its type.",
};
static WEBHOOK_EVENT_TYPE: Enumeration = Enumeration {
    name: "WebhookEventType",
    words: webhooks::EVENT_TYPES,
    example: "case.created",
    meaning: "What an endpoint can ask for: a type of events, or a finer kind.",
};
static ACTOR_KIND: Enumeration = Enumeration {
    name: "ActorKind",
    words: &["CUSTOMER", "STAFF", "SYSTEM"],
    example: "STAFF",
    meaning: "Who did or wrote something.",
};
/// The properties that a change can be one of, as events name them.
pub(super) const CHANGED_FIELDS: &[&str] = &[
    "status",
    "urgency",
    "customerType",
    "issueType",
    "escalationLevel",
    "priorityScore",
    "assignedTo",
    "department",
    "firstResponse",
    "firstResponseDue",
    "estimatedResolution",
    "firstResponseAlert",
    "resolutionAlert",
];
static CHANGED_FIELD: Enumeration = Enumeration {
    name: "ChangedField",
    words: CHANGED_FIELDS,
    example: "status",
    meaning: "A property of a case that became another.",
};
static SERVICE_CLOCK: Enumeration = Enumeration {
    name: "SlaTimerKind",
    words: SlaTimerKind::SPELLINGS,
    example: "FIRST_RESPONSE",
    meaning: "Which service target.",
};
static SERVICE_ALERT: Enumeration = Enumeration {
    name: "ServiceAlert",
    words: ServiceAlert::SPELLINGS,
    example: "WARNING",
    meaning: "`WARNING` when three quarters of the time are used up, `BREACH` when the target is missed.",
};
static BULK_ACTION: Enumeration = Enumeration {
    name: "BulkAction",
    words: bulk::ACTION_NAMES,
    example: "close",
    meaning: "What to do with many cases.",
};
static CASE_SORT: Enumeration = Enumeration {
    name: "CaseSort",
    words: list::SORT_NAMES,
    example: "createdAt",
    meaning: "A property by which cases can be sorted.",
};
static SORT_ORDER: Enumeration = Enumeration {
    name: "SortOrder",
    words: list::ORDER_NAMES,
    example: "desc",
    meaning: "Ascending or descending.",
};
static EXPORT_FORMAT: Enumeration = Enumeration {
    name: "ExportFormat",
    words: export::FORMAT_NAMES,
    example: "csv",
    meaning: "The format of an export.",
};

static EXPORT_DELIMITER: Enumeration = Enumeration {
    name: "ExportDelimiter",
    words: export::DELIMITER_NAMES,
    example: ";",
    meaning: "What stands between the cells of CSV.",
};
static CLOCK_STATE: Enumeration = Enumeration {
    name: "ClockStateBody",
    words: SlaTimerState::SPELLINGS,
    example: "WARNING",
    meaning: "How a clock stands: `PENDING` runs; `WARNING` runs, and three quarters of the target are used \
        up; `BREACHED` was not met in time, which stays so; `MET` was; `PAUSED` stands still; `CANCELLED` was \
        not due yet when the case came to its end.",
};

/// All enumerations there are.
static ALL: [&Enumeration; 22] = [
    &CASE_STATUS,
    &URGENCY,
    &CUSTOMER_TYPE,
    &ISSUE_TYPE,
    &ROLE,
    &CHANNEL,
    &NOTIFICATION_STATUS,
    &MESSAGE_TEMPLATE,
    &ATTEMPT_OUTCOME,
    &EVENT_TYPE,
    &EVENT_SUBTYPE,
    &WEBHOOK_EVENT_TYPE,
    &ACTOR_KIND,
    &CHANGED_FIELD,
    &SERVICE_CLOCK,
    &SERVICE_ALERT,
    &BULK_ACTION,
    &CASE_SORT,
    &SORT_ORDER,
    &EXPORT_FORMAT,
    &EXPORT_DELIMITER,
    &CLOCK_STATE,
];

/// Returns the enumeration of a field. A field belongs to a schema, or as a parameter to a path.
pub(super) fn enumeration(owner: &str, name: &str) -> Option<&'static Enumeration> {
    let found = match (owner, name) {
        (super::webhooks::TEST, "type") => return None,
        ("NotificationBody" | "/api/internal/notifications/status", "status") => {
            &NOTIFICATION_STATUS
        }
        (_, "status" | "statusChange") => &CASE_STATUS,
        (_, "urgency" | "newUrgency" | "previousUrgency") => &URGENCY,
        (_, "customerType") => &CUSTOMER_TYPE,
        (_, "issueType") => &ISSUE_TYPE,
        (_, "role") => &ROLE,
        (_, "channel") => &CHANNEL,
        (_, "template") => &MESSAGE_TEMPLATE,
        (_, "event" | "type") => &EVENT_TYPE,
        (_, "eventTypes") => &WEBHOOK_EVENT_TYPE,
        (_, "subtypes") => &EVENT_SUBTYPE,
        ("ActorSnapshot" | "AuthorBody", "kind") => &ACTOR_KIND,
        ("AttemptBody", "outcome") => &ATTEMPT_OUTCOME,
        ("OverdueSnapshot", "clock") => &SERVICE_CLOCK,
        ("OverdueSnapshot", "alert") => &SERVICE_ALERT,
        ("Change", "field") => &CHANGED_FIELD,
        ("BulkRequest", "action") => &BULK_ACTION,
        (_, "sortBy") => &CASE_SORT,
        (_, "sortOrder") => &SORT_ORDER,
        ("/api/internal/support/cases/export", "format") => &EXPORT_FORMAT,
        ("/api/internal/support/cases/export", "delimiter") => &EXPORT_DELIMITER,
        (_, "slaState") => &CLOCK_STATE,
        _ => return None,
    };
    Some(found)
}

impl Enumeration {
    /// Returns what refers to it, with what is said of the field that has it.
    pub(super) fn reference(&self, may_be_null: bool, said: Option<String>) -> RefOr<Schema> {
        let mut named = Ref::from_schema_name(self.name);
        if may_be_null {
            let items = vec![named.into(), Object::with_type(Type::Null).into()];
            return Schema::OneOf(OneOf { items, description: said, ..OneOf::new() }).into();
        }
        named.description = said.unwrap_or_default();
        named.into()
    }

    fn schema(&self) -> Object {
        let mut schema = Object::with_type(SchemaType::Type(Type::String));
        schema.description = Some(self.meaning.to_owned());
        schema.enum_values = Some(self.words.iter().map(|word| json!(word)).collect());
        schema.examples = vec![json!(self.example)];
        schema
    }
}

/// Declares all enumerations.
pub(super) fn declare(components: &mut Components) {
    for one in ALL {
        components.schemas.insert(one.name.to_owned(), one.schema().into());
    }
}
