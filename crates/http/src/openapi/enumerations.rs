//! The enumerations of the API. Each has one named schema, so that generated clients have one type
//! for it wherever it is used.

use engage_domain::case::{Entitlement, ReadsFrom};
use engage_domain::event::{EventSubtype, RedactableField};
use engage_domain::notify::{AttemptOutcome, NotificationStatus};
use engage_domain::sla::{ServiceAlert, SlaTimerKind, SlaTimerState};
use engage_domain::staff::ServiceScope;
use engage_domain::{
    Channel, CustomerType, EventType, FirstMessageBy, IssueType, ParticipantState, Role, Source,
    Status, Template, Urgency,
};
use serde_json::json;
use utoipa::openapi::schema::SchemaType;
use utoipa::openapi::{Components, Object, OneOf, Ref, RefOr, Schema, Type};

use crate::staff::{bulk, export, list, webhooks};

/// An enumeration.
pub(super) struct Enumeration {
    /// Name of the schema.
    pub(super) name: &'static str,
    /// Values, as they appear in responses.
    pub(super) words: &'static [&'static str],
    /// Value used in examples.
    example: &'static str,
    meaning: &'static str,
}

static CASE_STATUS: Enumeration = Enumeration {
    name: "CaseStatus",
    words: Status::SPELLINGS,
    example: "IN_PROGRESS",
    meaning: "Status of a case.",
};
static URGENCY: Enumeration = Enumeration {
    name: "Urgency",
    words: Urgency::SPELLINGS,
    example: "HIGH",
    meaning: "Urgency of a case.",
};
static CUSTOMER_TYPE: Enumeration = Enumeration {
    name: "CustomerType",
    words: CustomerType::SPELLINGS,
    example: "BUSINESS",
    meaning: "Type of the customer's contract.",
};
static ENTITLEMENT: Enumeration = Enumeration {
    name: "Entitlement",
    words: Entitlement::SPELLINGS,
    example: "CLAIMED",
    meaning: "Whether the customer's type of contract is more than a claim.",
};
static ISSUE_TYPE: Enumeration = Enumeration {
    name: "IssueType",
    words: IssueType::SPELLINGS,
    example: "TECHNICAL",
    meaning: "Type of the issue.",
};
static SOURCE: Enumeration = Enumeration {
    name: "Source",
    words: Source::SPELLINGS,
    example: "STAFF",
    meaning: "Way in which a case or an update came in. `API`: through the API for customers, or \
        generated. `STAFF`: written by a staff member. `FORM`, `EMAIL` and `IMPORT` are reserved.",
};
static FIRST_MESSAGE_BY: Enumeration = Enumeration {
    name: "FirstMessageBy",
    words: FirstMessageBy::SPELLINGS,
    example: "CUSTOMER",
    meaning: "Author of the message that a case begins with.",
};
static PARTICIPANT_STATE: Enumeration = Enumeration {
    name: "ParticipantState",
    words: ParticipantState::SPELLINGS,
    example: "ACTIVE",
    meaning: "State of a participant: `PROPOSED` (not yet accepted), `ACTIVE`, `BOUNCED` (mail to \
        the address comes back), `LEFT`, or `REMOVED` (by the customer or staff).",
};
static READS_FROM: Enumeration = Enumeration {
    name: "ReadsFrom",
    words: ReadsFrom::SPELLINGS,
    example: "NOW",
    meaning: "Beginning of what a participant may read: `NOW`, or `START` for everything.",
};
static ROLE: Enumeration = Enumeration {
    name: "Role",
    words: Role::SPELLINGS,
    example: "AGENT",
    meaning: "Role of a staff member. `AGENT`, `SUPERVISOR` and `ADMIN` each include the \
        permissions of the lower ones. `SERVICE` is a machine, which has those of its scopes.",
};
static SERVICE_SCOPE: Enumeration = Enumeration {
    name: "ServiceScope",
    words: ServiceScope::SPELLINGS,
    example: "cases.reply",
    meaning: "Scope of a `SERVICE` member. `intake.email` is reserved.",
};
static CHANNEL: Enumeration = Enumeration {
    name: "Channel",
    words: Channel::SPELLINGS,
    example: "EMAIL",
    meaning: "Delivery channel of a notification.",
};
static NOTIFICATION_STATUS: Enumeration = Enumeration {
    name: "NotificationStatus",
    words: NotificationStatus::SPELLINGS,
    example: "DEAD",
    meaning: "Status of a notification.",
};
static MESSAGE_TEMPLATE: Enumeration = Enumeration {
    name: "MessageTemplate",
    words: Template::SPELLINGS,
    example: "case-updated-customer",
    meaning: "Template of a notification.",
};
static ATTEMPT_OUTCOME: Enumeration = Enumeration {
    name: "AttemptOutcome",
    words: AttemptOutcome::SPELLINGS,
    example: "SENT",
    meaning: "Outcome of a delivery attempt.",
};
static EVENT_TYPE: Enumeration = Enumeration {
    name: "EventType",
    words: EventType::SPELLINGS,
    example: "case.updated",
    meaning: "Type of an event.",
};
static EVENT_SUBTYPE: Enumeration = Enumeration {
    name: "EventSubtype",
    words: EventSubtype::SPELLINGS,
    example: "case.answered",
    meaning: "Subtype of an event.",
};
static WEBHOOK_EVENT_TYPE: Enumeration = Enumeration {
    name: "WebhookEventType",
    words: webhooks::EVENT_TYPES,
    example: "case.created",
    meaning: "Event type or subtype that an endpoint can subscribe to.",
};
static ACTOR_KIND: Enumeration = Enumeration {
    name: "ActorKind",
    words: &["CUSTOMER", "PARTICIPANT", "STAFF", "SYSTEM"],
    example: "STAFF",
    meaning: "Kind of actor.",
};
/// Names of the properties in the changes of events.
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
    "customerProven",
    "entitlement",
    "tags",
    "participant",
    "name",
    "email",
    "phone",
    "organization",
    "clientOrProjectName",
    "subject",
    "redaction",
];
static CHANGED_FIELD: Enumeration = Enumeration {
    name: "ChangedField",
    words: CHANGED_FIELDS,
    example: "status",
    meaning: "Property of a case that changed.",
};
static REDACTABLE_FIELD: Enumeration = Enumeration {
    name: "RedactableField",
    words: RedactableField::SPELLINGS,
    example: "message",
    meaning: "Text of a case that can be redacted.",
};
static SLA_TIMER_KIND: Enumeration = Enumeration {
    name: "SlaTimerKind",
    words: SlaTimerKind::SPELLINGS,
    example: "FIRST_RESPONSE",
    meaning: "Kind of SLA timer.",
};
static SERVICE_ALERT: Enumeration = Enumeration {
    name: "ServiceAlert",
    words: ServiceAlert::SPELLINGS,
    example: "WARNING",
    meaning: "`WARNING` when three quarters of the target have elapsed, `BREACH` when it is \
        missed.",
};
static BULK_ACTION: Enumeration = Enumeration {
    name: "BulkAction",
    words: bulk::ACTION_NAMES,
    example: "close",
    meaning: "Change to many cases.",
};
static CASE_SORT: Enumeration = Enumeration {
    name: "CaseSort",
    words: list::SORT_NAMES,
    example: "createdAt",
    meaning: "Sort field of cases.",
};
static SORT_ORDER: Enumeration = Enumeration {
    name: "SortOrder",
    words: list::ORDER_NAMES,
    example: "desc",
    meaning: "Sort direction: ascending or descending.",
};
static EXPORT_FORMAT: Enumeration = Enumeration {
    name: "ExportFormat",
    words: export::FORMAT_NAMES,
    example: "csv",
    meaning: "Format of an export.",
};

static EXPORT_DELIMITER: Enumeration = Enumeration {
    name: "ExportDelimiter",
    words: export::DELIMITER_NAMES,
    example: ";",
    meaning: "Delimiter of CSV cells.",
};
static SLA_TIMER_STATE: Enumeration = Enumeration {
    name: "SlaTimerState",
    words: SlaTimerState::SPELLINGS,
    example: "WARNING",
    meaning: "State of an SLA timer: `PENDING` (running), `WARNING` (running, three quarters of \
        the target have elapsed), `BREACHED` (missed; permanent), `MET`, `PAUSED`, or `CANCELLED` \
        (the case ended before the target was due).",
};

/// All enumerations.
static ALL: [&Enumeration; 29] = [
    &CASE_STATUS,
    &URGENCY,
    &CUSTOMER_TYPE,
    &ENTITLEMENT,
    &ISSUE_TYPE,
    &SOURCE,
    &FIRST_MESSAGE_BY,
    &PARTICIPANT_STATE,
    &READS_FROM,
    &ROLE,
    &SERVICE_SCOPE,
    &CHANNEL,
    &NOTIFICATION_STATUS,
    &MESSAGE_TEMPLATE,
    &ATTEMPT_OUTCOME,
    &EVENT_TYPE,
    &EVENT_SUBTYPE,
    &WEBHOOK_EVENT_TYPE,
    &ACTOR_KIND,
    &CHANGED_FIELD,
    &REDACTABLE_FIELD,
    &SLA_TIMER_KIND,
    &SERVICE_ALERT,
    &BULK_ACTION,
    &CASE_SORT,
    &SORT_ORDER,
    &EXPORT_FORMAT,
    &EXPORT_DELIMITER,
    &SLA_TIMER_STATE,
];

/// Returns the enumeration of a field. `owner` is the name of a schema or, for parameters, a path.
pub(super) fn enumeration(owner: &str, name: &str) -> Option<&'static Enumeration> {
    let found = match (owner, name) {
        (super::webhooks::TEST, "type") => return None,
        ("NotificationBody" | "/api/internal/notifications/status", "status") => {
            &NOTIFICATION_STATUS
        }
        (_, "status" | "statusChange") => &CASE_STATUS,
        ("ParticipantBody" | "PublicParticipantBody", "state") => &PARTICIPANT_STATE,
        ("StaffAddParticipantRequest", "readsFrom") => &READS_FROM,
        (_, "urgency" | "newUrgency" | "previousUrgency") => &URGENCY,
        (_, "customerType" | "claimedCustomerType") => &CUSTOMER_TYPE,
        (_, "entitlement") => &ENTITLEMENT,
        (_, "issueType") => &ISSUE_TYPE,
        (_, "source") => &SOURCE,
        (_, "firstMessageBy" | "messageBy") => &FIRST_MESSAGE_BY,
        (_, "role") => &ROLE,
        (_, "scopes") => &SERVICE_SCOPE,
        (_, "channel") => &CHANNEL,
        (_, "template") => &MESSAGE_TEMPLATE,
        (_, "event" | "type") => &EVENT_TYPE,
        (_, "eventTypes") => &WEBHOOK_EVENT_TYPE,
        (_, "subtypes") => &EVENT_SUBTYPE,
        ("ActorSnapshot" | "AuthorBody", "kind") => &ACTOR_KIND,
        ("AttemptBody", "outcome") => &ATTEMPT_OUTCOME,
        ("OverdueSnapshot", "clock") => &SLA_TIMER_KIND,
        ("OverdueSnapshot", "alert") => &SERVICE_ALERT,
        ("Change", "field") => &CHANGED_FIELD,
        ("RedactCaseRequest", "field") => &REDACTABLE_FIELD,
        ("BulkRequest", "action") => &BULK_ACTION,
        (_, "sortBy") => &CASE_SORT,
        (_, "sortOrder") => &SORT_ORDER,
        ("/api/internal/support/cases/export", "format") => &EXPORT_FORMAT,
        ("/api/internal/support/cases/export", "delimiter") => &EXPORT_DELIMITER,
        (_, "slaState") => &SLA_TIMER_STATE,
        _ => return None,
    };
    Some(found)
}

impl Enumeration {
    /// Builds a reference to the enumeration, with the description of the field.
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
