//! Tests of changes that machines make, and of those that they are refused.

use engage_domain::case::{AssignError, OpenByStaffError, ReplyError, WrongActor};
use engage_domain::*;

use crate::support::*;

fn by_gateway(at: Timestamp) -> Stamp {
    stamp(Actor::Service(gateway_alone()), at)
}

fn by_gateway_for_jane(at: Timestamp) -> Stamp {
    stamp(Actor::Service(gateway_for(&jane())), at)
}

#[test]
fn no_case_is_assigned_to_a_machine() {
    let assignment = try_assign(&case(), give_to(&gateway()), by_staff(after(hours(1))));
    assert_eq!(assignment, Err(AssignError::Machine(gateway().id)));
    let request = StaffOpenRequest::new(new_case()).with_assignee(&gateway());
    let (id, number) = (CaseId::from_u128(1), text("CW-2025-001"));
    let stamp = by_staff(opening());
    let opened = Case::open_by_staff(id, number, request, &Policies::default(), stamp);
    assert_eq!(opened, Err(OpenByStaffError::Machine(gateway().id)));
}

#[test]
fn only_what_a_machine_writes_for_a_member_is_a_first_response() {
    let at = after(hours(1));
    for (stamp, first_response) in [(by_gateway(at), None), (by_gateway_for_jane(at), Some(at))] {
        let actor = stamp.actor.clone();
        let Decision { case, event } = updated(&case(), public_message(), stamp);
        assert_eq!(case.facts().first_response, first_response);
        assert_eq!(event.actor, actor);
        let [update] = &event.updates[..] else { panic!("one entry is written") };
        assert_eq!((&update.author, update.source), (&actor, Source::Staff));
        assert_eq!((update.person_id, event.person_id), (None, None));
    }
}

#[test]
fn only_a_case_that_a_machine_opens_for_a_member_has_a_first_response() {
    for (stamp, first_response) in
        [(by_gateway(opening()), None), (by_gateway_for_jane(opening()), Some(opening()))]
    {
        let request = StaffOpenRequest::new(new_case()).with_message_by_staff();
        // A machine that speaks for itself cannot claim that somebody has responded.
        for request in [request.clone(), request.with_responded(true)] {
            let (id, number) = (CaseId::from_u128(1), text("CW-2025-001"));
            let policies = Policies::default();
            let opened = Case::open_by_staff(id, number, request, &policies, stamp.clone());
            assert_eq!(opened.unwrap().case.facts().first_response, first_response);
        }
    }
}

#[test]
fn the_author_is_the_member_for_whom_a_machine_writes() {
    let at = after(hours(1));
    assert_eq!(by_gateway(at).actor.staff_id(), Some(&gateway().id));
    assert_eq!(by_gateway_for_jane(at).actor.staff_id(), Some(&jane().id));
}

#[test]
fn a_machine_does_not_reply_as_the_customer() {
    let reply = ReplyRequest::message(text("Here is the log."));
    let refusal = case().reply(reply, &Policies::default(), by_gateway(after(hours(1))));
    assert_eq!(refusal, Err(ReplyError::WrongActor(WrongActor::NotCustomer)));
}
