//! Builders shared by the tests.

use std::fmt::Debug;
use std::str::FromStr;
use std::time::Duration;

use engage_domain::attachment::ContentHash;
use engage_domain::case::{
    AddParticipantError, AssignError, CancelError, CorrectError, EscalateError, ReplyError,
    UpdateError,
};
use engage_domain::event::{RedactedPart, Redaction};
use engage_domain::sla::BusinessHours;
use engage_domain::staff::{ServiceAccess, ServiceScope};
use engage_domain::*;
use jiff::civil::{Weekday, date};
use jiff::tz::TimeZone;

pub(crate) const MILLISECOND: Duration = Duration::from_millis(1);

pub(crate) const fn minutes(count: u64) -> Duration {
    Duration::from_secs(count * 60)
}

pub(crate) const fn hours(count: u64) -> Duration {
    minutes(count * 60)
}

pub(crate) const fn days(count: u64) -> Duration {
    hours(count * 24)
}

/// Parses a value that is known to be well-formed.
pub(crate) fn text<T: FromStr<Err: Debug>>(text: &str) -> T {
    text.parse().unwrap()
}

/// Returns the time at which [`case`] is opened: the seed's example, a Monday.
pub(crate) fn opening() -> Timestamp {
    text("2025-01-27T10:00:00Z")
}

/// Returns the instant this long after the opening.
pub(crate) fn after(duration: Duration) -> Timestamp {
    opening().plus(duration)
}

/// Default rules with business hours for business customers: Monday to Friday from 9 to 17 in
/// Berlin, except on 1 May 2025.
pub(crate) fn office() -> Policies {
    use Weekday::{Friday, Monday, Thursday, Tuesday, Wednesday};
    let days = [Monday, Tuesday, Wednesday, Thursday, Friday];
    let berlin = TimeZone::get("Europe/Berlin").unwrap();
    let week = days.map(|day| (day, text("09:00-17:00")));
    let hours = BusinessHours::new(berlin, week, [date(2025, 5, 1)]).unwrap();
    let sla = SlaPolicy::default().with_calendar(CustomerType::Business, hours.into());
    Policies { sla, ..Policies::default() }
}

pub(crate) fn stamp(actor: Actor, at: Timestamp) -> Stamp {
    let mut ids = [7, 1, 2].into_iter();
    Stamp::new(at, actor, || ids.next().unwrap())
}

pub(crate) fn by_customer(at: Timestamp) -> Stamp {
    stamp(Actor::Customer, at)
}

pub(crate) fn by_system(at: Timestamp) -> Stamp {
    stamp(Actor::System, at)
}

/// Stamp of Jane of Technical Support.
pub(crate) fn by_staff(at: Timestamp) -> Stamp {
    by(&jane(), at)
}

pub(crate) fn by(member: &StaffMember, at: Timestamp) -> Stamp {
    stamp(Actor::Staff(member.to_ref()), at)
}

fn member(id: &str, name: &str, department: Option<&str>, phone: Option<&str>) -> StaffMember {
    let email = text(&format!("{id}@desk.example"));
    let joined = text("2024-01-01T00:00:00Z");
    let member = StaffMember::new(text(id), text(name), email, Role::Agent, joined);
    StaffMember { department: department.map(text), phone: phone.map(text), ..member }
}

pub(crate) fn jane() -> StaffMember {
    member("jane", "Jane Smith", Some("Technical Support"), Some("+15550000001"))
}

pub(crate) fn bob() -> StaffMember {
    member("bob", "Bob Jones", Some("Billing"), Some("+15550000002"))
}

/// A member without a department or a telephone.
pub(crate) fn floater() -> StaffMember {
    member("floater", "Flo Ater", None, None)
}

pub(crate) fn inactive() -> StaffMember {
    StaffMember { deactivated_at: Some(opening()), ..member("gone", "Gone Now", None, None) }
}

/// A machine that may reply, also on behalf of Jane.
pub(crate) fn gateway() -> StaffMember {
    let scopes = [ServiceScope::CasesReply].into();
    let service = ServiceAccess { scopes, acts_for: [jane().id].into() };
    StaffMember::new_service(text("gateway"), text("Gateway"), service, jane().created_at)
}

/// The machine as an author for itself.
pub(crate) fn gateway_alone() -> ServiceRef {
    ServiceRef { machine: gateway().to_ref(), on_behalf_of: None }
}

/// The machine as an author on behalf of a member.
pub(crate) fn gateway_for(member: &StaffMember) -> ServiceRef {
    ServiceRef { on_behalf_of: Some(member.to_ref()), ..gateway_alone() }
}

/// The request of the customer in the seed's example.
pub(crate) fn new_case() -> OpenRequest {
    let customer = Customer::new(text("John Doe"), text("john@example.com"))
        .with_type(CustomerType::Business)
        .with_organization(text("Example Inc."))
        .with_phone(text("+15559999999"));
    OpenRequest::new(customer, text("Unable to access dashboard"), text("It says 403."))
        .with_project(text("Website"))
        .with_issue_type(IssueType::Technical)
        .with_urgency(Urgency::High)
}

pub(crate) fn open_as(customer_type: CustomerType, urgency: Urgency) -> Decision {
    Case::open(
        CaseId::from_u128(1),
        text("CW-2025-001"),
        OpenRequest {
            customer: Customer { customer_type, ..new_case().customer },
            urgency,
            ..new_case()
        },
        &Policies::default(),
        by_customer(opening()),
    )
}

pub(crate) fn case_of(customer_type: CustomerType, urgency: Urgency) -> Case {
    open_as(customer_type, urgency).case
}

/// The seed's example: BUSINESS, HIGH and TECHNICAL, due two days after its opening.
pub(crate) fn case() -> Case {
    case_of(CustomerType::Business, Urgency::High)
}

/// The seed's example, assigned to Jane when it is opened.
pub(crate) fn assigned_case() -> Case {
    assign(&case(), give_to(&jane()), by_staff(opening())).unwrap().case
}

/// The seed's example, in this status since an hour after its opening.
pub(crate) fn case_that_is(status: Status) -> Case {
    match status {
        Status::Open => case(),
        Status::Closed => become_(&case_that_is(Status::Resolved), status, after(hours(1))),
        _ => become_(&case(), status, after(hours(1))),
    }
}

pub(crate) fn public_message() -> UpdateRequest {
    UpdateRequest::message(text("We are looking into it."))
}

pub(crate) fn internal_note() -> UpdateRequest {
    UpdateRequest::note(text("We are looking into it."))
}

/// A status change without a message.
pub(crate) fn status_change(to: Status) -> UpdateRequest {
    UpdateRequest::status(to)
}

pub(crate) fn update(
    case: &Case,
    request: UpdateRequest,
    stamp: Stamp,
) -> Result<Option<Decision>, UpdateError> {
    case.update(request, &Policies::default(), stamp)
}

/// Returns the decision on an update that is legal and changes the case.
pub(crate) fn updated(case: &Case, request: UpdateRequest, stamp: Stamp) -> Decision {
    update(case, request, stamp).unwrap().expect("the update changes something")
}

/// Returns the case after staff changed its status.
pub(crate) fn become_(case: &Case, status: Status, at: Timestamp) -> Case {
    updated(case, status_change(status), by_staff(at)).case
}

pub(crate) fn give_to(member: &StaffMember) -> AssignRequest {
    AssignRequest::to(member)
}

pub(crate) fn take_back() -> AssignRequest {
    AssignRequest::to_nobody()
}

pub(crate) fn try_assign(
    case: &Case,
    request: AssignRequest,
    stamp: Stamp,
) -> Result<Option<Decision>, AssignError> {
    case.assign(request, &Policies::default(), stamp)
}

/// Returns the decision on a legal assignment, or `None` if nothing changes.
pub(crate) fn assign(case: &Case, request: AssignRequest, stamp: Stamp) -> Option<Decision> {
    try_assign(case, request, stamp).unwrap()
}

pub(crate) fn escalate_to(new_urgency: Option<Urgency>) -> EscalateRequest {
    EscalateRequest { new_urgency, ..EscalateRequest::new(text("Everybody is blocked.")) }
}

pub(crate) fn try_escalate(
    case: &Case,
    new_urgency: Option<Urgency>,
    stamp: Stamp,
) -> Result<Decision, EscalateError> {
    case.escalate(escalate_to(new_urgency), &Policies::default(), stamp)
}

/// Returns the decision on an escalation by staff, which is legal and raises the urgency by one
/// step.
pub(crate) fn escalate(case: &Case, at: Timestamp) -> Decision {
    try_escalate(case, None, by_staff(at)).unwrap()
}

pub(crate) fn try_reply(case: &Case, at: Timestamp) -> Result<Decision, ReplyError> {
    case.reply(
        ReplyRequest::message(text("Here is the log.")),
        &Policies::default(),
        by_customer(at),
    )
}

pub(crate) fn try_cancel(case: &Case, at: Timestamp) -> Result<Decision, CancelError> {
    case.cancel(text("Solved it myself."), &Policies::default(), by_customer(at))
}

pub(crate) fn try_correct(
    case: &Case,
    correction: CorrectRequest,
    at: Timestamp,
) -> Result<Option<Decision>, CorrectError> {
    case.correct(correction, &Policies::default(), by_staff(at))
}

/// Returns the decision on a correction that is legal and changes the case.
pub(crate) fn corrected(case: &Case, correction: CorrectRequest, at: Timestamp) -> Decision {
    try_correct(case, correction, at).unwrap().expect("the correction changes something")
}

/// Returns the decision of staff to redact a part of a case, an hour after its opening at the earliest.
pub(crate) fn redacted(case: &Case, part: RedactedPart) -> Decision {
    let redaction = Redaction { part, quotes: Vec::new() };
    case.redact(redaction, &Policies::default(), by_staff(after(hours(1)))).unwrap()
}

pub(crate) fn to_urgency(urgency: Urgency) -> CorrectRequest {
    CorrectRequest::default().with_urgency(urgency)
}

pub(crate) fn ann() -> AddParticipantRequest {
    AddParticipantRequest::new(text("ann@example.com"))
}

/// The id that Ann gets in [`with_ann`].
pub(crate) const ANN: PersonId = PersonId::from_u128(40);

pub(crate) fn try_add(
    case: &Case,
    id: PersonId,
    request: AddParticipantRequest,
    stamp: Stamp,
) -> Result<Option<Decision>, AddParticipantError> {
    case.add_participant(id, request, &Policies::default(), stamp)
}

/// Returns the decision of the customer to add Ann Lee, 10 minutes after the opening at the earliest.
pub(crate) fn with_ann(case: &Case) -> Decision {
    let request = ann().with_name(text("Ann Lee"));
    try_add(case, ANN, request, by_customer(after(minutes(10)))).unwrap().unwrap()
}

/// Stamp of Ann.
pub(crate) fn by_ann(at: Timestamp) -> Stamp {
    stamp(Actor::Participant(ParticipantRef { id: ANN, name: Some(text("Ann Lee")) }), at)
}

pub(crate) fn attachment() -> Attachment {
    Attachment {
        id: AttachmentId::from_u128(3),
        filename: text("log.txt"),
        content_type: text("text/plain"),
        size: 11,
        hash: ContentHash::from_bytes([0xab; 32]),
    }
}
