//! JSON of every public value, held in `tests/golden/values.json`.
//!
//! What is stored once must be read by later versions, so a line of that file is only ever added. To
//! accept a deliberate change, run the tests with `ENGAGE_UPDATE_GOLDEN=1` and look at the
//! difference.

use std::any::type_name;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::fs;
use std::path::{Path, PathBuf};

use engage_domain::attachment::{ContentHash, ContentType, FileName};
use engage_domain::case::{
    Action, AddressProof, CaseNumberPrefix, Contract, Entitlement, ErasePeopleRequest,
    EscalationLevel, ReadsFrom, UnknownType,
};
use engage_domain::contact::{ContactEmails, ContactOrganization, Locale, TimeZoneName};
use engage_domain::event::{
    EventSubtype, Quote, RedactableField, RedactedPart, Redaction, WantedEvents,
};
use engage_domain::notify::{
    AttemptOutcome, NotificationStatus, PlannedMessage, Recipient, WebhookTarget,
};
use engage_domain::organization::{DomainName, OrganizationDomains, PublicDomains, SlaOverride};
use engage_domain::priority::{PriorityScore, PriorityWeights};
use engage_domain::sla::{Calendar, ServiceAlert, SlaTimerKind, SlaTimerState, WorkingHours};
use engage_domain::staff::{ServiceAccess, ServiceScope};
use engage_domain::tag::{TagChange, TagName, Tags};
use engage_domain::webhook::{EndpointState, HeaderName, WebhookUrl};
use engage_domain::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, from_value, to_value};

use crate::support::*;

/// Public types that have no JSON, besides errors.
const WITHOUT_JSON: &[(&str, &str)] = &[
    ("AnyText", "a kind of text without values"),
    ("Audience", "it borrows what a caller has read"),
    ("HeaderValue", "a secret must not be written by accident"),
    ("InvalidTransition", "an error"),
    ("Line", "each kind has its own name"),
    ("Permission", "it decides, and is never stored"),
    ("Prose", "each kind has its own name"),
    ("PublicDomains", "a list of the program and its settings"),
    ("RedactionMark", "a text, and stored as one"),
    ("SpanId", "a part of a header, whose text is stored"),
    ("TemplateAudience", "it follows from the template"),
    ("TooManyHeaders", "an error"),
    ("TooManyTags", "an error"),
    ("TraceContext", "a header, whose text is stored"),
    ("TraceId", "a part of a header, whose text is stored"),
    ("TraceState", "a header, whose text is stored"),
    ("UnknownValue", "an error"),
    ("WebhookEndpoint", "it contains secrets"),
    ("WebhookHeaders", "it contains secrets"),
    ("WebhookSecret", "a secret must not be written by accident"),
    ("WrongActor", "an error"),
];

fn details_of_jon() -> CorrectRequest {
    CorrectRequest::default()
        .with_name(text("Jon Doe"))
        .with_email(None)
        .with_phone(text::<PhoneNumber>("+15550100911"))
        .with_organization(text::<Organization>("Initech"))
        .with_project(None)
        .with_subject(text("No access"))
}

/// JSON of some values of each type, by its name.
#[derive(Default)]
struct Golden(BTreeMap<&'static str, Vec<Value>>);

impl Golden {
    /// Serializes the values and reads them back.
    fn add<T>(&mut self, name: &'static str, values: impl IntoIterator<Item = T>)
    where
        T: Serialize + DeserializeOwned + PartialEq + Debug,
    {
        assert!(type_name::<T>().contains(name), "{name} is not {}", type_name::<T>());
        let mut written = Vec::new();
        for value in values {
            let json = to_value(&value).unwrap();
            let read: T = from_value(json.clone()).unwrap_or_else(|e| panic!("{name}: {e}"));
            assert_eq!(read, value, "{name}: {json}");
            assert_eq!(serde_json::from_str::<T>(&json.to_string()).unwrap(), value, "{json}");
            written.push(json);
        }
        assert!(!written.is_empty(), "{name} has no value");
        self.0.insert(name, written);
    }

    fn all() -> Self {
        let mut golden = Self::default();
        golden.add_words();
        golden.add_texts();
        golden.add_ids();
        golden.add_policies();
        golden.add_requests();
        golden.add_notifications();
        golden.add_cases();
        golden.add_contacts();
        golden
    }

    fn add_words(&mut self) {
        self.add("AttemptOutcome", AttemptOutcome::ALL.to_vec());
        self.add("Channel", Channel::ALL.to_vec());
        self.add("CustomerType", CustomerType::ALL.to_vec());
        self.add("Entitlement", Entitlement::ALL.to_vec());
        self.add("ErasureState", ErasureState::ALL.to_vec());
        self.add("EventSubtype", EventSubtype::ALL.to_vec());
        self.add("EventType", EventType::ALL.to_vec());
        self.add("FirstMessageBy", FirstMessageBy::ALL.to_vec());
        self.add("IssueType", IssueType::ALL.to_vec());
        self.add("NotificationStatus", NotificationStatus::ALL.to_vec());
        self.add("ParticipantState", ParticipantState::ALL.to_vec());
        self.add("ReadsFrom", ReadsFrom::ALL.to_vec());
        self.add("Recipient", Recipient::ALL.to_vec());
        self.add("RedactableField", RedactableField::ALL.to_vec());
        self.add("Role", Role::ALL.to_vec());
        self.add("ServiceAlert", ServiceAlert::ALL.to_vec());
        self.add("ServiceScope", ServiceScope::ALL.to_vec());
        self.add("SlaTimerKind", SlaTimerKind::ALL.to_vec());
        self.add("SlaTimerState", SlaTimerState::ALL.to_vec());
        self.add("Source", Source::ALL.to_vec());
        self.add("Status", Status::ALL.to_vec());
        self.add("Template", Template::ALL.to_vec());
        self.add("Urgency", Urgency::ALL.to_vec());
        self.add("Visibility", Visibility::ALL.to_vec());
        let wanted = ["case.escalated", "case.resolved"].map(text::<WantedEvents>);
        self.add("WantedEvents", wanted);
    }

    fn add_texts(&mut self) {
        self.add::<CaseNumber>("CaseNumber", [text("CW-2025-001")]);
        self.add::<CaseNumberPrefix>("CaseNumberPrefix", [text("CW")]);
        self.add::<ContentHash>("ContentHash", [attachment().hash]);
        self.add::<ContentType>("ContentType", [text("text/plain")]);
        self.add::<Department>("Department", [text("Technical Support")]);
        self.add::<DomainName>("DomainName", [text("m\u{fc}nchen.example")]);
        self.add::<EmailAddress>("EmailAddress", [text("john@m\u{fc}nchen.example")]);
        self.add::<FileName>("FileName", [text("log.txt")]);
        self.add::<HeaderName>("HeaderName", [text("X-Team")]);
        self.add::<Locale>("Locale", [text("pt-BR")]);
        self.add::<Message>("Message", [text("It says 403.\nSince this morning.")]);
        self.add::<Notes>("Notes", [text("Have a look.")]);
        self.add::<Organization>("Organization", [text("Example Inc.")]);
        self.add::<PersonName>("PersonName", [text("John Doe")]);
        self.add::<PhoneNumber>("PhoneNumber", [text("+15559999999")]);
        self.add::<ProjectName>("ProjectName", [text("Website")]);
        self.add::<Reason>("Reason", [text("No answer")]);
        self.add::<StaffId>("StaffId", [text("jane")]);
        self.add::<Subject>("Subject", [text("Unable to access dashboard")]);
        self.add::<TagName>("TagName", [text("Renewal 2027")]);
        self.add::<TimeZoneName>("TimeZoneName", [text("Europe/Berlin")]);
        self.add::<Timestamp>("Timestamp", [opening(), Timestamp::MAX]);
        self.add::<WebhookUrl>("WebhookUrl", [text("https://example.com/hooks")]);
        self.add::<WorkingHours>("WorkingHours", [text("09:00-12:30"), text("00:00-24:00")]);
        self.add("EscalationLevel", [EscalationLevel::NONE, EscalationLevel::MAX]);
        self.add("PriorityScore", [0, 85, 100].map(|score| PriorityScore::new(score).unwrap()));
        self.add("Version", [Version::FIRST]);
    }

    fn add_ids(&mut self) {
        const BITS: u128 = 0x0194_a000_0000_7000_8000_0000_0000_0001;
        self.add("AttachmentId", [AttachmentId::from_u128(BITS)]);
        self.add("CaseId", [CaseId::from_u128(BITS)]);
        self.add("ContactId", [ContactId::from_u128(BITS)]);
        self.add("ErasureId", [ErasureId::from_u128(BITS)]);
        self.add("EventId", [EventId::from_u128(BITS)]);
        self.add("NotificationId", [NotificationId::from_u128(BITS)]);
        self.add("OrganizationId", [OrganizationId::from_u128(BITS)]);
        self.add("PersonId", [PersonId::from_u128(BITS)]);
        self.add("TagId", [TagId::from_u128(BITS)]);
        self.add("TokenId", [TokenId::from_u128(BITS)]);
        self.add("UpdateId", [UpdateId::from_u128(BITS)]);
        self.add("WebhookId", [WebhookId::from_u128(BITS)]);
    }

    fn add_policies(&mut self) {
        let policies = office();
        let calendar = policies.sla.calendar(CustomerType::Business).clone();
        let Calendar::BusinessHours(hours) = calendar.clone() else { panic!("business hours") };
        self.add("BusinessHours", [hours]);
        self.add("Calendar", [Calendar::RoundTheClock, calendar]);
        self.add("EscalationPolicy", [policies.escalation]);
        self.add("LifecyclePolicy", [policies.lifecycle]);
        self.add("UnknownType", UnknownType::ALL.to_vec());
        self.add("PriorityPolicy", [policies.priority]);
        self.add("PriorityWeights", [PriorityWeights::default()]);
        self.add("ReplyPolicy", [policies.replies]);
        let target = policies.sla.target(CustomerType::Enterprise, Urgency::Critical);
        self.add("ServiceTarget", [target]);
        self.add("SlaPolicy", [policies.sla.clone()]);
        self.add("Policies", [policies]);
    }

    fn add_requests(&mut self) {
        let files = vec![attachment()];
        let named = ann().with_name(text("Ann Lee")).reading_from(ReadsFrom::Start);
        self.add("AddParticipantRequest", [ann().of_staff().as_proposal(), named]);
        self.add("Assignee", [Assignee::from(&jane()), (&inactive()).into(), (&gateway()).into()]);
        let assign = give_to(&jane()).with_department(text("Billing"));
        self.add("AssignRequest", [assign.with_notes(text("Have a look.")), take_back()]);
        let correction = to_urgency(Urgency::Low)
            .with_issue_type(IssueType::General)
            .with_customer_type(CustomerType::Free);
        self.add("CorrectRequest", [CorrectRequest::default(), correction, details_of_jon()]);
        self.add("EscalateRequest", [escalate_to(None), escalate_to(Some(Urgency::Critical))]);
        self.add("OpenRequest", [new_case().with_attachments(files.clone())]);
        let reply = ReplyRequest::message(text("Here is the log.")).with_attachments(files.clone());
        self.add("ReplyRequest", [reply, ReplyRequest::files(files)]);
        let resolution = public_message().with_status(Status::Resolved);
        let tags = Tags::new([text("VIP"), text("Late")]).unwrap();
        let (add, remove) = (vec![text("VIP")], vec![text("Late")]);
        let retagging = TagChange { add, remove };
        let retagged = UpdateRequest::default().with_tags(retagging.clone());
        self.add("TagChange", [TagChange::default(), retagging]);
        self.add("Tags", [Tags::default(), tags.clone()]);
        let on_hold = status_change(Status::OnHold);
        self.add("UpdateRequest", [internal_note(), resolution, on_hold, retagged]);
        let for_customer = StaffOpenRequest::new(new_case()).with_assignee(&jane());
        let first = for_customer.clone().with_message_by_staff().with_responded(false);
        self.add(
            "StaffOpenRequest",
            [for_customer, first.with_department(text("Billing")).with_tags(tags)],
        );
        self.add("Stamp", [by_staff(opening()), by_customer(opening())]);
        let actions = [Action::Become(Status::Closed), Action::Escalate, Action::WriteToCustomer];
        self.add("Action", actions);
    }

    fn add_notifications(&mut self) {
        let webhook = Address::Webhook(WebhookId::from_u128(9));
        let addresses = [
            Address::Email(text("john@example.com")),
            Address::Phone(text("+15559999999")),
            webhook,
        ];
        let planned = addresses.clone().map(|address| {
            let template = Template::CaseUpdatedCustomer;
            PlannedMessage { template, address, person: None }
        });
        self.add("Address", addresses);
        self.add("PlannedMessage", planned);
        let contacts = Contacts {
            team: Some(text("team@desk.example")),
            on_call: vec![text("+15550000009")],
            ..Contacts::default()
        };
        self.add("Contacts", [contacts]);
        let matrix = NotificationMatrix::default();
        self.add("NotificationRule", matrix.rules.values().take(1).cloned());
        self.add("NotificationMatrix", [matrix]);
        let target = WebhookTarget {
            id: WebhookId::from_u128(9),
            event_types: vec![EventType::Escalated],
            event_subtypes: vec![EventSubtype::Resolved],
            includes_internal: true,
        };
        self.add("WebhookTarget", [target]);
        let disabled =
            EndpointState::Disabled { reason: "It does not answer.".into(), since: opening() };
        self.add("EndpointState", [EndpointState::Enabled, disabled]);
    }

    fn add_cases(&mut self) {
        let with_file = public_message().with_attachments(vec![attachment()]);
        let answered = updated(&assigned_case(), with_file, by_staff(after(minutes(90))));
        let waiting = become_(&answered.case, Status::OnHold, after(hours(2)));
        let resumed = become_(&waiting, Status::InProgress, after(hours(3) + MILLISECOND));
        let replied = try_reply(&resumed, after(hours(4))).unwrap();
        let escalated = try_escalate(&replied.case, None, by_customer(after(hours(5)))).unwrap();
        let mut policies = Policies::default();
        policies.escalation.raise_on_breach = true;
        let overdue = case().apply_due_action(&policies, by_system(after(days(3)))).unwrap();
        let facts = escalated.case.facts().clone();
        let timers = policies.sla.timers(&facts, after(hours(30) + MILLISECOND));

        let EventKind::Overdue(alert) = overdue.event.kind.clone() else { panic!("an alert") };
        self.add("Escalation", alert.escalation.clone());
        self.add("Overdue", [alert]);
        let added = with_ann(&case());
        let reply = ReplyRequest::message(text("It says 403 here, too."));
        let replied_by_ann = added.case.reply(reply, &policies, by_ann(after(hours(4)))).unwrap();
        let removed =
            added.case.remove_participant(ANN, &policies, by_staff(after(hours(5)))).unwrap();
        let parts = [
            RedactedPart::UpdateId(UpdateId::from_u128(5)),
            RedactedPart::AttachmentId(AttachmentId::from_u128(3)),
            RedactedPart::Field(RedactableField::Message),
        ];
        let quote = Quote { update_id: UpdateId::from_u128(6), at: after(hours(1)) };
        self.add("Quote", [quote]);
        let redactions = parts.map(|part| Redaction { part, quotes: vec![quote] });
        self.add("Redaction", redactions.clone());
        let request = ErasePeopleRequest { people: vec![ANN], redactions: redactions.into() };
        self.add("ErasePeopleRequest", [request, ErasePeopleRequest::default()]);
        self.add("ErasureCounts", [ErasureCounts { cases: 3, entries: 2, quotes: 1 }]);
        self.add("RedactedPart", parts);
        let corrected = corrected(&case(), details_of_jon(), after(hours(1)));
        let redacted = redacted(&case(), parts[0]);
        let changes = [
            &escalated.event,
            &added.event,
            &removed.unwrap().event,
            &corrected.event,
            &redacted.event,
        ];
        self.add("Change", changes.into_iter().flat_map(|event| event.changes.clone()));
        let entries = [&answered.event, &replied.event, &replied_by_ann.event];
        self.add("Update", entries.into_iter().flat_map(|event| event.updates.clone()));
        self.add("Participant", added.case.facts().participants.clone());
        self.add("Attachment", [attachment()]);
        let opening = open_as(CustomerType::Business, Urgency::High).event;
        let assigned = assign(&case(), give_to(&jane()), by_staff(after(hours(1)))).unwrap().event;
        let cancelled = try_cancel(&case(), after(hours(1))).unwrap().event;
        let events = [opening, answered.event, assigned, cancelled, overdue.event];
        let by_ann = replied_by_ann.event.actor.clone();
        let Actor::Participant(ann) = by_ann.clone() else { panic!("a participant") };
        self.add("ParticipantRef", [ann]);
        let events = events.into_iter().chain([escalated.event.clone(), replied_by_ann.event]);
        let events: Vec<_> = events.collect();
        self.add("EventKind", events.iter().map(|event| event.kind.clone()));
        self.add("Event", events);
        let [alone, for_jane] = [gateway_alone(), gateway_for(&jane())].map(Actor::Service);
        let by_jane = Actor::Staff(jane().to_ref());
        self.add("Actor", [Actor::Customer, by_ann, by_jane, alone, for_jane, Actor::System]);
        self.add("ServiceRef", [gateway_alone(), gateway_for(&jane())]);
        self.add("ServiceAccess", [ServiceAccess::default(), gateway().service]);
        self.add("StaffRef", [jane().to_ref()]);
        self.add("StaffMember", [jane(), inactive(), gateway()]);
        self.add("Customer", [new_case().customer]);
        self.add("Assignment", facts.assignment.clone());
        self.add("CountedReplies", facts.counted_replies);
        self.add("PriorityBreakdown", [policies.explain_priority(&facts)]);
        self.add("SlaTimerReading", [timers.resolution]);
        self.add("SlaTimers", [timers]);
        self.add("CaseFacts", [facts, added.case.into_facts()]);
        self.add("Case", [escalated.case.clone()]);
        self.add("Decision", [escalated]);
    }

    fn add_contacts(&mut self) {
        let emails = ["jane@example.com", "J.Smith@m\u{fc}nchen.example"].map(text);
        let emails = ContactEmails::new(emails).unwrap();
        let own = ContactOrganization::Own(OrganizationId::from_u128(7));
        let plain = Contact {
            id: ContactId::from_u128(8),
            version: Version::FIRST,
            emails: ContactEmails::default(),
            name: text("John Doe"),
            phone: None,
            organization: ContactOrganization::ByDomain,
            locale: None,
            time_zone: None,
            notes: None,
            created_at: opening(),
        };
        let complete = Contact {
            emails: emails.clone(),
            phone: Some(text("+15559999999")),
            organization: own,
            locale: Some(text("pt-BR")),
            time_zone: Some(text("Europe/Berlin")),
            notes: Some(text("Have a look.")),
            ..plain.clone()
        };
        self.add("ContactEmails", [emails]);
        let sources = [ContactOrganization::ByDomain, ContactOrganization::None, own];
        self.add("ContactOrganization", sources);
        self.add("Contact", [plain, complete]);
        let domains = ["example.com", "m\u{fc}nchen.example"].map(text);
        let domains = OrganizationDomains::new(domains, &PublicDomains::default()).unwrap();
        let targets = [(Urgency::High, 60, 480), (Urgency::Critical, 15, 240)];
        let sla_override = SlaOverride::of_minutes(targets).unwrap();
        self.add("OrganizationDomains", [domains.clone()]);
        self.add("SlaOverride", [sla_override.clone()]);
        let contract = Contract {
            customer_type: CustomerType::Business,
            sla_override: Some(sla_override.clone()),
        };
        self.add("Contract", [contract.clone()]);
        self.add("AddressProof", [AddressProof::default(), AddressProof::with_contract(contract)]);
        let organization = CustomerOrganization {
            id: OrganizationId::from_u128(7),
            version: Version::FIRST,
            name: text("Example Inc."),
            domains,
            customer_type: CustomerType::Enterprise,
            notes: None,
            sla_override: Some(sla_override),
            created_at: opening(),
        };
        self.add("CustomerOrganization", [organization]);
    }
}

fn folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn every_value_is_written_as_in_the_golden_file_and_read_from_it() {
    let file = folder().join("tests/golden/values.json");
    let golden = Golden::all();
    if std::env::var_os("ENGAGE_UPDATE_GOLDEN").is_some() {
        let text = serde_json::to_string_pretty(&golden.0).unwrap();
        fs::write(&file, text + "\n").unwrap();
    }
    let held: BTreeMap<String, Vec<Value>> =
        serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    for (name, written) in &golden.0 {
        assert_eq!(Some(written), held.get(*name), "{name}");
    }
    assert_eq!(held.len(), golden.0.len(), "a type is gone from the tests");
}

#[test]
fn every_public_type_has_json() {
    let types = public_types();
    assert!(types.len() > 90, "{types:?}");
    let golden = Golden::all();
    let without: BTreeSet<_> = WITHOUT_JSON.iter().map(|(name, _)| (*name).to_owned()).collect();
    let missing: Vec<_> = types
        .iter()
        .filter(|name| !name.ends_with("Error") && !without.contains(*name))
        .filter(|name| !golden.0.contains_key(name.as_str()))
        .collect();
    assert!(missing.is_empty(), "no JSON in golden.rs: {missing:?}");
    let gone: Vec<_> = without.iter().filter(|name| !types.contains(*name)).collect();
    assert!(gone.is_empty(), "not public: {gone:?}");
}

/// Returns the names of all public types, as they stand in the sources.
fn public_types() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for file in sources(&folder().join("src")) {
        let text = fs::read_to_string(&file).unwrap();
        for line in text.lines().take_while(|line| *line != "#[cfg(test)]").map(str::trim) {
            let declared = ["pub struct ", "pub enum ", "pub type "]
                .iter()
                .find_map(|keyword| line.strip_prefix(keyword))
                // The ids are declared by a macro.
                .or_else(|| line.split_once("Id, \"").and(Some(line)));
            let name = declared.unwrap_or("").split(|c: char| !c.is_alphanumeric()).next();
            names.extend(name.filter(|name| !name.is_empty()).map(str::to_owned));
        }
    }
    names
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let files = entries.flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] });
    files.collect()
}
