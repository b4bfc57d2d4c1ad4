//! Sample snapshots: one per template, from an event that matches it.

use std::convert::Infallible;
use std::fmt::Debug;
use std::str::FromStr;

use engage_domain::attachment::ContentHash;
use engage_domain::notify::TemplateAudience;
use engage_domain::{
    Actor, AddParticipantRequest, AssignRequest, Attachment, AttachmentId, Case, CaseId, Customer,
    CustomerType, Decision, EscalateRequest, Event, EventId, IssueType, OpenRequest, PersonId,
    Policies, ReplyRequest, Role, Source, StaffMember, StaffOpenRequest, StaffRef, Stamp, Status,
    Template, Timestamp, UpdateId, UpdateRequest, Urgency, Visibility, WebhookId,
};
use engage_notifier::{CustomerAccess, DisabledEndpoint, ParticipantReader, Snapshot};

use crate::PublicUrl;

/// Returns an event that matches the template, with every field filled in that the template may
/// show.
pub(crate) fn sample(template: Template) -> Snapshot {
    match template {
        Template::EndpointDisabledStaff => Snapshot {
            disabled_endpoint: Some(DisabledEndpoint {
                id: WebhookId::from_u128(7),
                url: "https://crm.example.com/hooks/support?from=engage".to_owned(),
                reason: "it returned 410 Gone".to_owned(),
                since: fixed("2025-01-27T10:00:05Z"),
            }),
            ..Story::opened().snapshot()
        },
        Template::CaseReceivedCustomer
        | Template::CaseUrgentStaff
        | Template::CaseAccessCustomer
        | Template::CaseCodeParticipant
        | Template::CaseEvent => Story::opened().snapshot(),
        Template::CaseOpenedCustomer => Story::opened_by_staff().snapshot(),
        Template::CaseAssignedStaff | Template::CaseAssignedCustomer => {
            Story::opened().assigned(&jane()).snapshot()
        }
        Template::CaseReassignedStaff => {
            Story::opened().assigned(&jane()).assigned(&ali()).snapshot()
        }
        Template::CaseUpdatedCustomer | Template::CaseUpdatedParticipant => {
            Story::opened().assigned(&jane()).asked().snapshot()
        }
        Template::CaseInvitedParticipant => {
            Story::opened().assigned(&jane()).asked().joined().snapshot()
        }
        Template::CaseUpdatedStaff => {
            Story::opened().assigned(&jane()).asked().answered().snapshot()
        }
        Template::CaseEscalatedCustomer
        | Template::CaseEscalatedStaff
        | Template::CaseEscalatedManagement => {
            Story::opened().assigned(&jane()).escalated().snapshot()
        }
        Template::CaseOverdueStaff => Story::opened().assigned(&jane()).overdue().snapshot(),
        Template::CaseCancelledCustomer | Template::CaseCancelledStaff => {
            Story::opened().assigned(&jane()).cancelled().snapshot()
        }
    }
}

/// Returns the access data for an e-mail to a customer or a participant: a code for the templates of
/// codes, a link for all others.
pub(crate) fn access(template: Template, public_url: Option<&PublicUrl>) -> CustomerAccess {
    let is_for_participant = template.audience() == TemplateAudience::Participant;
    let participant = is_for_participant.then(|| ParticipantReader {
        name: Some(fixed("Ann Lee")),
        others: vec![Some(fixed("John Doe")), Some(fixed("Ben Ray")), None],
    });
    if template.delivers_code() {
        return CustomerAccess {
            participant,
            code: Some("K7QM-4XPD".to_owned()),
            code_expires_at: "2025-01-27T10:15:00Z".parse().ok(),
            ..CustomerAccess::default()
        };
    }
    let desk = public_url.map_or("https://support.example.com", PublicUrl::as_str);
    let page = format!("{}/support", desk.trim_end_matches('/'));
    let token = if is_for_participant {
        "cap_AAAAAAAAAAAAAAAAAAAAAQAAAABoDgsgvVptZldKODlMYXN0T25lVG9TaG93SW5TYW1wbGVzAbc"
    } else {
        "cat_AAAAAGgOCyC9Wm1mV0o4OUxhc3RPbmVUb1Nob3dJblNhbXBsZXNPbmx5"
    };
    CustomerAccess {
        link: Some(format!("{page}#CW-2025-001/{token}")),
        participant,
        ..CustomerAccess::default()
    }
}

/// Parses a fixed sample value. Tests cover every call.
#[allow(clippy::expect_used)]
fn fixed<T: FromStr>(text: &str) -> T
where
    T::Err: Debug,
{
    text.parse().expect("a valid sample")
}

/// Unwraps a step that the domain rules allow. Tests cover every call.
#[allow(clippy::expect_used)]
fn allowed<T, E: Debug>(step: Result<T, E>) -> T {
    step.expect("a legal sample")
}

/// Unwraps a step that changes the case. Tests cover every call.
#[allow(clippy::expect_used)]
fn changed<E: Debug>(step: Result<Option<Decision>, E>) -> Decision {
    allowed(step).expect("a sample that changes something")
}

/// The request that every sample begins with.
fn request() -> OpenRequest {
    OpenRequest {
        customer: Customer {
            name: fixed("John Doe"),
            email: Some(fixed("john@example.com")),
            organization: Some(fixed("Acme Corp")),
            phone: Some(fixed("+15550100911")),
            customer_type: CustomerType::Business,
        },
        project: Some(fixed("Customer portal")),
        subject: fixed("Unable to access dashboard"),
        message: fixed(
            "Since this morning the dashboard answers \"403 Forbidden\" to all of us.\n\n\
             What we tried:\n\
             - logging out and in again\n\
             - another browser\n\n\
             Please help soon: our month ends on Friday.",
        ),
        issue_type: IssueType::Technical,
        urgency: Urgency::High,
        attachments: Vec::new(),
    }
}

/// A case with its latest event and its assignee.
struct Story {
    case: Case,
    event: Event,
    assignee: Option<StaffRef>,
}

impl Story {
    fn opened() -> Self {
        let (number, stamp) = (fixed("CW-2025-001"), stamp(Actor::Customer, 0));
        let Decision { case, event } =
            Case::open(CaseId::from_u128(1), number, request(), &Policies::default(), stamp);
        Self { case, event, assignee: None }
    }

    /// Staff write down what the customer told them on the telephone.
    fn opened_by_staff() -> Self {
        let request = StaffOpenRequest::new(request());
        let (number, stamp) = (fixed("CW-2025-001"), stamp(staff(&sam()), 0));
        let id = CaseId::from_u128(1);
        let step = Case::open_by_staff(id, number, request, &Policies::default(), stamp);
        let Decision { case, event } = allowed(step);
        Self { case, event, assignee: None }
    }

    fn then(self, step: Decision) -> Self {
        let assignee = self.assignee.filter(|_| step.case.facts().assignment.is_some());
        Self { case: step.case, event: step.event, assignee }
    }

    /// Number of steps so far.
    fn steps(&self) -> u32 {
        self.case.facts().version.get()
    }

    fn assigned(self, to: &StaffMember) -> Self {
        let assignee = Some(to.to_ref());
        let request = AssignRequest {
            to: Some(to.into()),
            department: Some(fixed("Technical Support")),
            notes: Some(fixed("Looks like the roles that were changed last night.")),
        };
        let stamp = stamp(staff(&sam()), self.steps());
        let step = changed(self.case.assign(request, &Policies::default(), stamp));
        Self { assignee, ..self.then(step) }
    }

    /// Staff ask the customer a question.
    fn asked(self) -> Self {
        let request = UpdateRequest {
            message: Some(fixed(
                "Thank you for the details.\n\n\
                 Could you send us a picture of the page, with the address bar in it? \
                 The steps are in the file.",
            )),
            visibility: Visibility::Public,
            status_change: Some(Status::WaitingOnCustomer),
            attachments: vec![file("How to take a screenshot.pdf", 48_200)],
            ..UpdateRequest::default()
        };
        let stamp = stamp(staff(&jane()), self.steps());
        let step = changed(self.case.update(request, &Policies::default(), stamp));
        self.then(step)
    }

    /// The customer adds a participant.
    fn joined(self) -> Self {
        let request =
            AddParticipantRequest::new(fixed("ann@example.com")).with_name(fixed("Ann Lee"));
        let stamp = stamp(Actor::Customer, self.steps());
        let id = PersonId::from_u128(40);
        let step = changed(self.case.add_participant(id, request, &Policies::default(), stamp));
        self.then(step)
    }

    /// The customer replies.
    fn answered(self) -> Self {
        let request = ReplyRequest {
            message: Some(fixed("Here it is.\nIt says 403 on every page.")),
            attachments: vec![file("screenshot.png", 212_480)],
        };
        let stamp = stamp(Actor::Customer, self.steps());
        let step = allowed(self.case.reply(request, &Policies::default(), stamp));
        self.then(step)
    }

    fn escalated(self) -> Self {
        let request = EscalateRequest::new(fixed("No response for 24 hours.\nWe cannot work."));
        let stamp = stamp(Actor::Customer, self.steps());
        let step = allowed(self.case.escalate(request, &Policies::default(), stamp));
        self.then(step)
    }

    /// No response for five hours, with a policy that raises the escalation level on a breach.
    fn overdue(self) -> Self {
        let mut policies = Policies::default();
        policies.escalation.raise_on_breach = true;
        let stamp = stamp(Actor::System, 10);
        let step = self.case.apply_due_action(&policies, stamp);
        self.then(changed(Ok::<_, Infallible>(step)))
    }

    fn cancelled(self) -> Self {
        let stamp = stamp(staff(&jane()), self.steps());
        let reason = fixed("As agreed on the telephone: the other case covers this one.");
        let step = allowed(self.case.cancel(reason, &Policies::default(), stamp));
        self.then(step)
    }

    fn snapshot(&self) -> Snapshot {
        Snapshot::new(&self.event, self.case.facts(), self.assignee.as_ref())
    }
}

/// Returns the stamp of a step. The steps are half an hour apart, starting on a Monday morning.
fn stamp(actor: Actor, step: u32) -> Stamp {
    let id = 2 * u128::from(step) + 1;
    let at: Timestamp = fixed("2025-01-27T10:00:00Z");
    Stamp {
        at: at.plus(std::time::Duration::from_mins(30) * step),
        source: Source::of(&actor),
        actor,
        event_id: EventId::from_u128(id),
        update_ids: [UpdateId::from_u128(id), UpdateId::from_u128(id + 1)],
        proof: None,
    }
}

fn staff(member: &StaffMember) -> Actor {
    Actor::Staff(member.to_ref())
}

fn member(id: &str, name: &str) -> StaffMember {
    let (email, joined) = (fixed(&format!("{id}@example.com")), fixed("2025-01-01T00:00:00Z"));
    StaffMember::new(fixed(id), fixed(name), email, Role::Agent, joined)
}

fn jane() -> StaffMember {
    member("staff-456", "Jane Smith")
}

fn ali() -> StaffMember {
    member("staff-789", "Ali Demir")
}

fn sam() -> StaffMember {
    member("staff-123", "Sam Lee")
}

fn file(name: &str, size: u64) -> Attachment {
    Attachment {
        id: AttachmentId::from_u128(1),
        filename: fixed(name),
        content_type: fixed("application/octet-stream"),
        size,
        hash: ContentHash::from_bytes([0; 32]),
    }
}
