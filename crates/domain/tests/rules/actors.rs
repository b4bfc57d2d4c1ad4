//! Tests of the changes that each actor may make.

use engage_domain::case::{AssignError, CorrectError, ReplyError, UpdateError, WrongActor};
use engage_domain::*;

use crate::support::*;

#[test]
fn a_customer_may_not_do_what_staff_do() {
    let (case, at) = (case(), after(hours(1)));
    let note = update(&case, internal_note(), by_customer(at));
    assert_eq!(note, Err(UpdateError::WrongActor(WrongActor::NotStaff)));
    let resolution = update(&case, status_change(Status::Resolved), by_customer(at));
    assert_eq!(resolution, Err(UpdateError::WrongActor(WrongActor::NotStaff)));
    let assignment = try_assign(&case, give_to(&jane()), by_customer(at));
    assert_eq!(assignment, Err(AssignError::WrongActor(WrongActor::NotStaff)));
    let correction = case.correct(to_urgency(Urgency::Low), &Policies::default(), by_customer(at));
    assert_eq!(correction, Err(CorrectError::WrongActor(WrongActor::NotStaff)));
}

#[test]
fn only_the_customer_replies() {
    for stamp in [by_staff(after(hours(1))), by_system(after(hours(1)))] {
        let reply = ReplyRequest::message(text("Here is the log."));
        let refusal = case().reply(reply, &Policies::default(), stamp);
        assert_eq!(refusal, Err(ReplyError::WrongActor(WrongActor::NotCustomer)));
    }
}

#[test]
fn the_system_may_do_what_staff_may_do() {
    let at = after(hours(1));
    assert!(update(&case(), internal_note(), by_system(at)).is_ok());
    assert!(try_assign(&case(), give_to(&jane()), by_system(at)).is_ok());
    let correction = case().correct(to_urgency(Urgency::Low), &Policies::default(), by_system(at));
    assert!(correction.is_ok());
}

#[test]
fn an_automatic_action_is_always_by_the_system() {
    let decision = case().apply_due_action(&Policies::default(), by_customer(after(hours(5))));
    assert_eq!(decision.unwrap().event.actor, Actor::System);
}
