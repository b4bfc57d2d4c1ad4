//! Builders for cases, people and notifications. Details that a test does not set are ordinary.

mod changes;
mod contacts;
mod delivery;

pub use changes::{
    assigned, cancelled, corrected, escalated, in_status, joined, on_the_way_to, overdue, replied,
    replied_by, updated, written,
};
pub use contacts::{
    a_contact, a_contact_with, a_contact_with_everything, an_organization,
    an_organization_with_everything,
};
pub use delivery::{
    a_claim, a_claimed_message, a_message, a_message_to, a_message_to_participant, a_phone_number,
    an_attempt, an_email_address, an_endpoint,
};

use std::time::Duration;

use engage_domain::staff::{ServiceAccess, ServiceScope};
use engage_domain::{
    Actor, Case, CaseId, CaseNumber, Customer, CustomerType, Decision, IssueType, OpenRequest,
    Policies, Role, ServiceRef, Source, StaffMember, Stamp, Timestamp, TokenId, TraceContext,
    Urgency,
};
use engage_environment::IdGenerator;
use engage_notifier::Snapshot;
use engage_repository::{ChangeSet, EventOrigin, OutboxMessage, StaffToken};

use crate::SequentialIds;

static IDS: SequentialIds = SequentialIds::new();

/// Returns an ID that no other builder has used.
pub fn a_fresh_id() -> u128 {
    IDS.next_id()
}

/// Returns 2025-01-27T10:00:00Z, the start of every story.
pub fn monday() -> Timestamp {
    "2025-01-27T10:00:00Z".parse().unwrap()
}

/// Returns the time that many minutes after [`monday`].
pub fn minutes_later(minutes: u64) -> Timestamp {
    monday().plus(Duration::from_mins(minutes))
}

/// Returns a case number of 2025 with the given sequence.
pub fn a_case_number(sequence: u64) -> CaseNumber {
    CaseNumber::new("CW".parse().unwrap(), 2025, sequence).unwrap()
}

/// Builds a business customer without optional fields.
pub fn a_customer() -> Customer {
    Customer::new("John Doe".parse().unwrap(), "john@example.com".parse().unwrap())
        .with_type(CustomerType::Business)
}

/// Builds a technical issue of high urgency without optional fields.
pub fn a_new_case() -> OpenRequest {
    let subject = "Unable to access dashboard".parse().unwrap();
    let message = "It says 403.\nSince this morning.".parse().unwrap();
    OpenRequest::new(a_customer(), subject, message)
        .with_issue_type(IssueType::Technical)
        .with_urgency(Urgency::High)
}

/// Builds the same request with all optional fields.
pub fn a_new_case_with_everything() -> OpenRequest {
    OpenRequest {
        customer: Customer {
            organization: Some("Acme Corp".parse().unwrap()),
            phone: Some("+1234567890".parse().unwrap()),
            ..a_customer()
        },
        project: Some("Website relaunch".parse().unwrap()),
        ..a_new_case()
    }
}

/// Builds an ordinary request of a customer who has only a telephone number.
pub fn a_new_case_by_phone() -> OpenRequest {
    let phone = "+15550100911".parse().unwrap();
    let customer = Customer::by_phone("John Doe".parse().unwrap(), phone);
    OpenRequest { customer: customer.with_type(CustomerType::Business), ..a_new_case() }
}

/// Builds the stamp of a change, with fresh IDs.
pub fn a_stamp(actor: Actor, at: Timestamp) -> Stamp {
    Stamp::new(at, actor, a_fresh_id)
}

/// Opens a case as its customer.
pub fn opened(request: OpenRequest, number: CaseNumber, at: Timestamp) -> Decision {
    let id = CaseId::from_u128(a_fresh_id());
    Case::open(id, number, request, &Policies::default(), a_stamp(Actor::Customer, at))
}

/// Opens an ordinary case that came in in this way.
pub fn opened_from(source: Source, number: CaseNumber) -> Decision {
    let stamp = a_stamp(Actor::Customer, monday()).with_source(source);
    let id = CaseId::from_u128(a_fresh_id());
    Case::open(id, number, a_new_case(), &Policies::default(), stamp)
}

/// Opens an ordinary case under the number of 2025 with the given sequence.
pub fn an_opened(sequence: u64) -> Decision {
    opened(a_new_case(), a_case_number(sequence), monday())
}

/// Builds an active agent with a unique address and no optional fields.
pub fn a_staff_member(id: &str) -> StaffMember {
    StaffMember {
        id: id.parse().unwrap(),
        name: format!("Name of {id}").parse().unwrap(),
        email: format!("{id}@desk.example").parse().unwrap(),
        role: Role::Agent,
        department: None,
        phone: None,
        created_at: monday(),
        deactivated_at: None,
        service: ServiceAccess::default(),
    }
}

/// Builds an active machine with these scopes, which acts for nobody.
pub fn a_machine(id: &str, scopes: &[ServiceScope]) -> StaffMember {
    let scopes = scopes.iter().copied().collect();
    let service = ServiceAccess { scopes, ..ServiceAccess::default() };
    let name = format!("Name of {id}").parse().unwrap();
    StaffMember::new_service(id.parse().unwrap(), name, service, monday())
}

/// Builds an active supervisor with all optional fields.
pub fn a_staff_member_with_everything(id: &str) -> StaffMember {
    StaffMember {
        role: Role::Supervisor,
        department: Some("Technical Support".parse().unwrap()),
        phone: Some("+4989123456".parse().unwrap()),
        ..a_staff_member(id)
    }
}

/// Builds a token that a member made for themselves, without optional fields.
pub fn a_staff_token(owner: &StaffMember) -> StaffToken {
    StaffToken {
        id: TokenId::from_u128(a_fresh_id()),
        staff_id: owner.id.clone(),
        name: None,
        created_at: monday(),
        expires_at: None,
        last_used_at: None,
        role_ceiling: None,
        parent: None,
        made_by: None,
    }
}

/// Builds the context of a sampled trace, with the state of another tracing system.
pub fn a_trace() -> TraceContext {
    let trace: TraceContext =
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".parse().unwrap();
    trace.with_state("rojo=1,congo=t61rcWkgMzE".parse().unwrap())
}

/// Returns a staff member as an actor.
pub fn by(member: &StaffMember) -> Actor {
    Actor::Staff(member.to_ref())
}

/// Returns a machine as an actor, on behalf of a member if one is given.
pub fn by_machine(machine: &StaffMember, on_behalf_of: Option<&StaffMember>) -> Actor {
    let on_behalf_of = on_behalf_of.map(StaffMember::to_ref);
    Actor::Service(ServiceRef { machine: machine.to_ref(), on_behalf_of })
}

/// Returns the participant whom a change added last as an actor.
pub fn by_participant(case: &Case) -> Actor {
    Actor::Participant(case.facts().participants.last().unwrap().to_ref())
}

/// Builds the change set that stores a decision and its notifications.
pub fn a_change_set(decision: Decision, messages: Vec<OutboxMessage>) -> ChangeSet {
    let Decision { case, event } = decision;
    let snapshot = Snapshot::new(&event, case.facts(), None);
    let snapshot = snapshot.into_stored_json().unwrap();
    let (directory, origin) = (None, EventOrigin::default());
    ChangeSet {
        case,
        event,
        snapshot,
        messages,
        idempotency: None,
        directory,
        origin,
        revision: None,
    }
}
