use engage_domain::attachment::ContentHash;
use engage_domain::{
    Actor, AddParticipantRequest, AssignRequest, Attachment, AttachmentId, Case, CorrectRequest,
    Decision, EscalateRequest, PersonId, Policies, ReplyRequest, StaffMember, Status, Timestamp,
    UpdateRequest, Visibility,
};

use super::{a_fresh_id, a_stamp};

/// Escalates a case by one level.
pub fn escalated(case: &Case, actor: Actor, at: Timestamp) -> Decision {
    let request = EscalateRequest::new("Production is down.".parse().unwrap());
    case.escalate(request, &Policies::default(), a_stamp(actor, at)).unwrap()
}

/// Assigns a case to a different staff member, or unassigns it.
pub fn assigned(case: &Case, to: Option<&StaffMember>, actor: Actor, at: Timestamp) -> Decision {
    let request = to.map_or_else(AssignRequest::to_nobody, AssignRequest::to);
    case.assign(request, &Policies::default(), a_stamp(actor, at)).unwrap().unwrap()
}

/// Cancels a case on behalf of its customer.
pub fn cancelled(case: &Case, at: Timestamp) -> Decision {
    let stamp = a_stamp(Actor::Customer, at);
    case.cancel("It works again.".parse().unwrap(), &Policies::default(), stamp).unwrap()
}

/// Corrects a case. The correction must be legal and change something.
pub fn corrected(case: &Case, request: CorrectRequest, actor: Actor, at: Timestamp) -> Decision {
    case.correct(request, &Policies::default(), a_stamp(actor, at)).unwrap().unwrap()
}

/// Applies the due action of a case, with policies that raise the escalation level on a breach.
pub fn overdue(case: &Case, at: Timestamp) -> Decision {
    let mut policies = Policies::default();
    policies.escalation.raise_on_breach = true;
    case.apply_due_action(&policies, a_stamp(Actor::System, at)).unwrap()
}

/// Replies to a case as its customer, with an attached file.
pub fn replied(case: &Case, message: &str, at: Timestamp) -> Decision {
    replied_by(case, Actor::Customer, message, at)
}

/// Replies to a case as its customer or a participant, with an attached file.
pub fn replied_by(case: &Case, actor: Actor, message: &str, at: Timestamp) -> Decision {
    let attachments = vec![Attachment {
        id: AttachmentId::from_u128(a_fresh_id()),
        filename: "screen shot.png".parse().unwrap(),
        content_type: "image/png".parse().unwrap(),
        size: 123_456,
        hash: ContentHash::from_bytes([0xc5; 32]),
    }];
    let request = ReplyRequest::message(message.parse().unwrap()).with_attachments(attachments);
    case.reply(request, &Policies::default(), a_stamp(actor, at)).unwrap()
}

/// Adds a participant who reads from now on, under a fresh ID.
pub fn joined(case: &Case, email: &str, actor: Actor, at: Timestamp) -> Decision {
    let id = PersonId::from_u128(a_fresh_id());
    let request = AddParticipantRequest::new(email.parse().unwrap());
    let request = request.with_name("Ann Lee".parse().unwrap());
    case.add_participant(id, request, &Policies::default(), a_stamp(actor, at)).unwrap().unwrap()
}

/// Updates a case. The update must be legal and change something.
pub fn updated(case: &Case, request: UpdateRequest, actor: Actor, at: Timestamp) -> Decision {
    case.update(request, &Policies::default(), a_stamp(actor, at)).unwrap().unwrap()
}

/// Writes a message to a case.
pub fn written(
    case: &Case,
    message: &str,
    visibility: Visibility,
    actor: Actor,
    at: Timestamp,
) -> Decision {
    let message = UpdateRequest::message(message.parse().unwrap());
    let request = UpdateRequest { visibility, ..message };
    updated(case, request, actor, at)
}

/// Gives a case another status as the system. The transition must be legal.
pub fn in_status(case: &Case, status: Status, at: Timestamp) -> Decision {
    updated(case, UpdateRequest::status(status), Actor::System, at)
}

/// Returns the changes that lead an open case to a status, one at a time.
pub fn on_the_way_to(case: &Case, status: Status, at: Timestamp) -> Vec<Decision> {
    let stations: &[Status] = match status {
        Status::Open => &[],
        Status::Closed => &[Status::Resolved, Status::Closed],
        Status::InProgress => &[Status::InProgress],
        Status::WaitingOnCustomer => &[Status::WaitingOnCustomer],
        Status::OnHold => &[Status::OnHold],
        Status::Resolved => &[Status::Resolved],
        Status::Cancelled => &[Status::Cancelled],
    };
    let mut decisions: Vec<Decision> = Vec::new();
    for &station in stations {
        let present = decisions.last().map_or(case, |decision| &decision.case);
        decisions.push(in_status(present, station, at));
    }
    decisions
}
