//! Status transitions, the actors that make them, and the history they leave.

use std::time::Duration;

use engage_domain::Status::{
    Cancelled, Closed, InProgress, OnHold, Open, Resolved, WaitingOnCustomer,
};
use engage_domain::case::{
    Action, CountedReplies, EscalationLevel, InvalidTransition, LifecyclePolicy, ReplyError,
    ReplyPolicy, UpdateError,
};
use engage_domain::event::Change;
use engage_domain::*;

use crate::support::*;

const LIFECYCLE: [(Status, &[Status]); 7] = [
    (Open, &[InProgress, WaitingOnCustomer, OnHold, Resolved, Cancelled]),
    (InProgress, &[Open, WaitingOnCustomer, OnHold, Resolved, Cancelled]),
    (WaitingOnCustomer, &[InProgress, OnHold, Resolved, Cancelled]),
    (OnHold, &[InProgress, WaitingOnCustomer, Resolved, Cancelled]),
    (Resolved, &[InProgress, Closed]),
    (Closed, &[]),
    (Cancelled, &[]),
];

#[test]
fn a_new_case_is_open_and_unassigned_in_its_first_version() {
    let Decision { case, event } = open_as(CustomerType::Business, Urgency::High);
    let facts = case.facts();
    assert_eq!((case.status(), case.version()), (Open, Version::FIRST));
    assert_eq!((&facts.assignment, &facts.department), (&None, &None));
    assert_eq!(facts.escalation_level, EscalationLevel::NONE);
    assert_eq!(facts.customer_escalated_at, None);
    assert_eq!(facts.priority_score.get(), 85);
    assert_eq!(facts.paused, Duration::ZERO);
    for instant in [facts.created_at, facts.status_since, facts.last_activity, facts.last_updated] {
        assert_eq!(instant, opening());
    }
    assert_eq!((event.event_type(), event.sequence), (EventType::Created, Version::FIRST));
    assert_eq!((event.timestamp, &event.actor), (opening(), &Actor::Customer));
    assert_eq!((event.changes, event.updates), (vec![], vec![]));
}

#[test]
fn the_files_of_a_new_case_belong_to_an_entry_with_a_generated_text() {
    let facts = case().facts().clone();
    let request = OpenRequest { attachments: vec![attachment()], ..new_case() };
    let stamp = by_customer(opening());
    let id = stamp.update_ids[0];
    let Decision { case, event } =
        Case::open(facts.id, facts.number, request, &Policies::default(), stamp);
    let [update] = &event.updates[..] else { panic!("one entry is written") };
    let expected = Update {
        id,
        timestamp: opening(),
        author: Actor::Customer,
        visibility: Visibility::Public,
        message: text("Files sent with the request"),
        attachments: vec![attachment()],
    };
    assert_eq!(update, &expected);
    assert_eq!((case.version(), case.facts().first_response), (Version::FIRST, None));
}

#[test]
fn exactly_the_transitions_of_the_lifecycle_are_legal() {
    for (from, successors) in LIFECYCLE {
        let case = case_that_is(from);
        for &to in Status::ALL.iter().filter(|&&to| to != from) {
            let outcome = update(&case, status_change(to), by_staff(after(hours(2))));
            if successors.contains(&to) {
                let decision = outcome.unwrap().unwrap();
                assert_eq!(decision.case.status(), to);
                assert_eq!(decision.case.facts().status_since, after(hours(2)));
                assert!(decision.event.changes.contains(&Change::Status { from, to }));
            } else {
                let refusal = InvalidTransition { from, action: Action::Become(to) };
                assert_eq!(outcome, Err(UpdateError::InvalidTransition(refusal)), "{from} {to}");
                assert_eq!((refusal.to(), refusal.allowed()), (Some(to), successors));
            }
        }
    }
}

#[test]
fn a_change_to_the_current_status_changes_nothing_and_is_no_error() {
    for &status in Status::ALL {
        let case = case_that_is(status);
        let outcome = update(&case, status_change(status), by_staff(after(hours(2))));
        assert_eq!(outcome, Ok(None), "{status}");
    }
}

#[test]
fn a_message_with_the_current_status_is_only_a_message() {
    for &status in Status::ALL {
        let case = case_that_is(status);
        let request = UpdateRequest { status_change: Some(status), ..internal_note() };
        let decision = updated(&case, request, by_staff(after(hours(2))));
        assert_eq!(decision.event.event_type(), EventType::Updated);
        assert_eq!(decision.event.changes, []);
        assert_eq!(decision.case.facts().status_since, case.facts().status_since);
    }
}

#[test]
fn a_message_without_a_status_change_keeps_the_status() {
    let decision = updated(&assigned_case(), internal_note(), by_staff(after(hours(1))));
    let before = assigned_case().into_facts();
    assert_eq!(decision.event.changes, []);
    let [update] = &decision.event.updates[..] else { panic!("one entry is written") };
    assert_eq!(update.author, Actor::Staff(jane().to_ref()));
    assert_eq!((update.id, update.timestamp), (UpdateId::from_u128(1), after(hours(1))));
    assert_eq!(update.message.as_str(), "We are looking into it.");
    let expected = CaseFacts {
        version: before.version.next(),
        last_activity: after(hours(1)),
        ..before.clone()
    };
    assert_eq!(decision.case.facts(), &expected);
}

#[test]
fn a_message_and_a_status_change_make_one_event() {
    let request = UpdateRequest {
        status_change: Some(WaitingOnCustomer),
        attachments: vec![attachment()],
        ..public_message()
    };
    let decision = updated(&assigned_case(), request, by_staff(after(hours(1))));
    assert_eq!(decision.case.status(), WaitingOnCustomer);
    assert_eq!(decision.case.version().get(), 3);
    let [update] = &decision.event.updates[..] else { panic!("one entry is written") };
    assert_eq!(
        (update.visibility, &update.attachments[..]),
        (Visibility::Public, &[attachment()][..])
    );
}

#[test]
fn a_status_change_without_a_message_gets_a_generated_text() {
    for visibility in [Visibility::Public, Visibility::Internal] {
        let request = UpdateRequest { visibility, ..status_change(WaitingOnCustomer) };
        let event = updated(&case(), request, by_staff(after(hours(1)))).event;
        let [update] = &event.updates[..] else { panic!("one entry is written") };
        assert_eq!(update.message.as_str(), "Status changed to Waiting on customer");
        assert_eq!((&update.author, update.visibility), (&Actor::System, visibility));
        assert_eq!((event.actor, event.visibility), (Actor::Staff(jane().to_ref()), visibility));
    }
}

#[test]
fn an_empty_update_is_refused() {
    let nothing = UpdateRequest { message: None, ..public_message() };
    assert_eq!(update(&case(), nothing.clone(), by_staff(opening())), Err(UpdateError::Empty));
    let nothing = ReplyRequest { message: None, attachments: vec![] };
    let refused = case().reply(nothing, &Policies::default(), by_customer(opening()));
    assert_eq!(refused, Err(ReplyError::Empty));
}

#[test]
fn files_need_no_message() {
    for (count, words) in [(1, "Sent a file"), (2, "Sent 2 files"), (10, "Sent 10 files")] {
        let attachments = vec![attachment(); count];
        let reply = ReplyRequest { message: None, attachments: attachments.clone() };
        let replied = case().reply(reply, &Policies::default(), by_customer(opening())).unwrap();
        let request =
            UpdateRequest { message: None, attachments: attachments.clone(), ..public_message() };
        let updated = updated(&case(), request, by_staff(opening()));
        assert_eq!(updated.case.facts().first_response, Some(opening()));
        for event in [replied.event, updated.event] {
            let [update] = &event.updates[..] else { panic!("one entry is written") };
            assert_eq!((update.message.as_str(), &update.attachments), (words, &attachments));
            assert_eq!(update.author, event.actor);
        }
    }
}

#[test]
fn the_number_of_replies_in_a_period_is_limited() {
    let replies = ReplyPolicy { most: 2.try_into().unwrap(), ..ReplyPolicy::default() };
    let policies = Policies { replies, ..Policies::default() };
    let reply = |case: &Case, at| {
        let reply = ReplyRequest { message: Some(text("Hello?")), attachments: vec![] };
        case.reply(reply, &policies, by_customer(at))
    };
    let first = reply(&case(), after(minutes(10))).unwrap().case;
    // Other changes do not count.
    let escalated = try_escalate(&first, None, by_customer(after(minutes(20)))).unwrap().case;
    let answered = updated(&escalated, public_message(), by_staff(after(minutes(30)))).case;
    let second = reply(&answered, after(minutes(40))).unwrap().case;
    for (at, retry_after) in [
        (after(minutes(40)), minutes(30)),
        (after(minutes(70)).minus(MILLISECOND), MILLISECOND),
        // From a machine whose clock is behind.
        (opening(), minutes(30)),
    ] {
        assert_eq!(reply(&second, at), Err(ReplyError::TooMany { retry_after }));
    }
    let third = reply(&second, after(minutes(70))).unwrap().case;
    let counted = CountedReplies { since: after(minutes(70)), count: 1 };
    assert_eq!(third.facts().counted_replies, Some(counted));
    // A case that accepts no replies at all reports that instead.
    let cancelled = try_cancel(&second, after(minutes(50))).unwrap().case;
    assert!(matches!(reply(&cancelled, after(minutes(50))), Err(ReplyError::InvalidTransition(_))));
}

#[test]
fn the_size_of_customer_files_is_limited_but_text_is_still_accepted() {
    let policies = |most_file_bytes| {
        let replies = ReplyPolicy { most_file_bytes, ..ReplyPolicy::default() };
        Policies { replies, ..Policies::default() }
    };
    let reply = |case: &Case, sizes: &[u64], most| {
        let file = |&size: &u64| Attachment { size, ..attachment() };
        let attachments = sizes.iter().map(file).collect();
        let reply = ReplyRequest { message: Some(text("See there.")), attachments };
        case.reply(reply, &policies(most), by_customer(opening()))
    };
    let refused = |most| Err(ReplyError::FilesTooLarge { most });
    assert_eq!(reply(&case(), &[60, 41], 100), refused(100));
    let full = reply(&case(), &[60, 40], 100).unwrap().case;
    assert_eq!(full.facts().customer_file_bytes, 100);
    assert_eq!(reply(&full, &[1], 100), refused(100));
    assert_eq!(reply(&full, &[u64::MAX], 100), refused(100));
    reply(&full, &[0], 100).unwrap();
    reply(&full, &[], 100).unwrap();
    // The limit has been lowered in the meantime.
    let worded = reply(&full, &[], 50).unwrap().case;
    assert_eq!(worded.facts().customer_file_bytes, 100);
    assert_eq!(reply(&worded, &[0], 50), refused(50));
    reply(&worded, &[1], 101).unwrap();
    // Files of staff are not limited and do not count.
    let request = UpdateRequest { attachments: vec![attachment()], ..public_message() };
    let answered = updated(&full, request, by_staff(opening())).case;
    assert_eq!(answered.facts().customer_file_bytes, 100);
}

#[test]
fn the_files_of_the_opening_request_count() {
    let files = vec![attachment(); 2];
    let request = OpenRequest { attachments: files, ..new_case() };
    let (id, number) = (CaseId::from_u128(1), text("CW-2025-001"));
    let opened = Case::open(id, number, request, &Policies::default(), by_customer(opening())).case;
    assert_eq!(opened.facts().customer_file_bytes, 22);
}

#[test]
fn an_assigned_case_sent_back_to_the_queue_loses_its_assignee_and_keeps_its_department() {
    let Decision { case, event } =
        updated(&assigned_case(), status_change(Open), by_staff(after(hours(1))));
    assert_eq!(case.status(), Open);
    assert_eq!(case.facts().assignment, None);
    assert_eq!(case.facts().department, Some(text("Technical Support")));
    assert_eq!(event.event_type(), EventType::Assigned);
    assert_eq!(event.assignee_change(), Some((Some(&jane().id), None)));
    let expected = [
        Change::Status { from: InProgress, to: Open },
        Change::AssignedTo { from: Some(jane().id), to: None },
    ];
    assert_eq!(event.changes, expected);
}

#[test]
fn an_unassigned_case_sent_back_to_the_queue_is_merely_updated() {
    let event = updated(&case_that_is(InProgress), status_change(Open), by_staff(after(hours(2))));
    assert_eq!(event.event.event_type(), EventType::Updated);
    assert_eq!(event.event.assignee_change(), None);
}

#[test]
fn a_finished_case_accepts_only_internal_notes() {
    for status in [Closed, Cancelled] {
        let case = case_that_is(status);
        let at = after(hours(2));
        let refused = |action| InvalidTransition { from: status, action };
        assert_eq!(updated(&case, internal_note(), by_staff(at)).case.status(), status);
        assert_eq!(
            update(&case, public_message(), by_staff(at)),
            Err(refused(Action::WriteToCustomer).into())
        );
        assert_eq!(try_reply(&case, at), Err(refused(Action::Reply).into()));
        assert_eq!(try_escalate(&case, None, by_staff(at)), Err(refused(Action::Escalate).into()));
        let request = AssignRequest { notes: Some(text("Have a look.")), ..give_to(&jane()) };
        assert_eq!(try_assign(&case, request, by_staff(at)), Err(refused(Action::Assign).into()));
        assert_eq!(
            try_correct(&case, to_urgency(Urgency::Low), at),
            Err(refused(Action::Correct).into())
        );
        assert_eq!(try_cancel(&case, at), Err(refused(Action::Become(Cancelled))));
    }
}

#[test]
fn a_resolved_case_accepts_messages_assignments_and_corrections() {
    let case = case_that_is(Resolved);
    let at = after(hours(2));
    assert_eq!(updated(&case, public_message(), by_staff(at)).case.status(), Resolved);
    assert_eq!(assign(&case, give_to(&jane()), by_staff(at)).unwrap().case.status(), Resolved);
    assert_eq!(corrected(&case, to_urgency(Urgency::Low), at).case.status(), Resolved);
}

#[test]
fn a_message_may_close_a_case() {
    let request = UpdateRequest { status_change: Some(Closed), ..public_message() };
    let decision = updated(&case_that_is(Resolved), request, by_staff(after(hours(2))));
    assert_eq!(decision.case.status(), Closed);
    assert!(decision.event.public_update().is_some());
}

#[test]
fn a_reply_resumes_only_cases_that_waited_for_the_customer_or_were_resolved() {
    for (from, to) in [
        (Open, Some(Open)),
        (InProgress, Some(InProgress)),
        (WaitingOnCustomer, Some(InProgress)),
        (OnHold, Some(OnHold)),
        (Resolved, Some(InProgress)),
        (Closed, None),
        (Cancelled, None),
    ] {
        let outcome = try_reply(&case_that_is(from), after(hours(2)));
        assert_eq!(outcome.as_ref().ok().map(|decision| decision.case.status()), to, "{from}");
        let Ok(Decision { event, .. }) = outcome else { continue };
        assert_eq!(event.event_type(), EventType::Updated);
        let update = event.public_update().unwrap();
        assert_eq!(
            (&update.author, update.message.as_str()),
            (&Actor::Customer, "Here is the log.")
        );
    }
}

#[test]
fn a_reply_reopens_a_resolved_case_for_exactly_seven_days() {
    let case = become_(&case(), Resolved, after(hours(1)));
    let last = after(hours(1)).plus(days(7));
    assert_eq!(try_reply(&case, last).unwrap().case.status(), InProgress);
    let refusal = InvalidTransition { from: Resolved, action: Action::Reply };
    assert_eq!(try_reply(&case, last.plus(MILLISECOND)), Err(refusal.into()));
    assert_eq!(refusal.allowed(), [InProgress, Closed]);
}

#[test]
fn the_reopen_window_counts_from_the_resolution_and_not_from_the_last_activity() {
    let case = become_(&case(), Resolved, opening());
    let case = updated(&case, internal_note(), by_staff(after(days(6)))).case;
    assert!(try_reply(&case, after(days(7)).plus(MILLISECOND)).is_err());
}

#[test]
fn the_reopen_window_can_be_replaced() {
    let lifecycle = LifecyclePolicy { reopen_window: minutes(1), ..LifecyclePolicy::default() };
    let policies = Policies { lifecycle, ..Policies::default() };
    let case = case_that_is(Resolved);
    let reply = ReplyRequest { message: Some(text("Again.")), attachments: vec![attachment()] };
    let at = |delay| by_customer(after(hours(1)).plus(delay));
    let reopened = case.reply(reply.clone(), &policies, at(minutes(1))).unwrap();
    assert_eq!(reopened.event.updates[0].attachments, [attachment()]);
    assert!(case.reply(reply, &policies, at(minutes(1) + MILLISECOND)).is_err());
}

#[test]
fn the_customer_may_cancel_exactly_the_active_cases() {
    for (status, legal) in [
        (Open, true),
        (InProgress, true),
        (WaitingOnCustomer, true),
        (OnHold, true),
        (Resolved, false),
        (Closed, false),
        (Cancelled, false),
    ] {
        let outcome = try_cancel(&case_that_is(status), after(hours(2)));
        if !legal {
            let refusal = InvalidTransition { from: status, action: Action::Become(Cancelled) };
            assert_eq!(outcome, Err(refusal));
            continue;
        }
        let Decision { case, event } = outcome.unwrap();
        assert_eq!((case.status(), event.event_type()), (Cancelled, EventType::Cancelled));
        assert!(event.changes.contains(&Change::Status { from: status, to: Cancelled }));
        let update = event.public_update().unwrap();
        assert_eq!(update.message.as_str(), "Solved it myself.");
        assert_eq!(update.author, Actor::Customer);
    }
}

#[test]
fn a_cancellation_by_staff_is_a_cancellation_too() {
    let request = UpdateRequest { status_change: Some(Cancelled), ..public_message() };
    let event = updated(&assigned_case(), request, by_staff(after(hours(1)))).event;
    assert_eq!(event.event_type(), EventType::Cancelled);
    let note = updated(&case_that_is(Cancelled), internal_note(), by_staff(after(hours(2)))).event;
    assert_eq!(note.event_type(), EventType::Updated);
}

#[test]
fn every_change_makes_one_event_whose_sequence_number_is_the_new_version() {
    let opened = open_as(CustomerType::Free, Urgency::Low);
    let mut history = vec![opened.event];
    let mut case = opened.case;
    let mut keep = |decision: Decision| {
        assert_eq!(decision.case.version(), decision.event.sequence);
        history.push(decision.event);
        decision.case
    };
    case = keep(assign(&case, give_to(&jane()), by_staff(after(hours(1)))).unwrap());
    case = keep(updated(&case, status_change(WaitingOnCustomer), by_staff(after(hours(2)))));
    case = keep(try_reply(&case, after(hours(3))).unwrap());
    case = keep(escalate(&case, after(hours(4))));
    case = keep(corrected(&case, to_urgency(Urgency::Low), after(hours(5))));
    case = keep(updated(&case, internal_note(), by_system(after(hours(6)))));
    keep(try_cancel(&case, after(hours(7))).unwrap());

    let jane = || Actor::Staff(jane().to_ref());
    let expected = [
        (EventType::Created, Actor::Customer),
        (EventType::Assigned, jane()),
        (EventType::Updated, jane()),
        (EventType::Updated, Actor::Customer),
        (EventType::Escalated, jane()),
        (EventType::Updated, jane()),
        (EventType::Updated, Actor::System),
        (EventType::Cancelled, Actor::Customer),
    ];
    for (index, (event, (kind, actor))) in (0_u32..).zip(history.iter().zip(expected)) {
        assert_eq!((event.sequence.get(), event.event_type()), (index + 1, kind));
        assert_eq!(event.actor, actor);
        assert_eq!(event.timestamp, after(hours(index.into())));
        assert_eq!((event.id, event.case_id), (EventId::from_u128(7), CaseId::from_u128(1)));
    }
}

#[test]
fn only_changes_that_the_customer_sees_move_last_updated() {
    let seen = |case: &Case| (case.facts().last_activity, case.facts().last_updated);
    let noted = updated(&case(), internal_note(), by_staff(after(hours(1)))).case;
    assert_eq!(seen(&noted), (after(hours(1)), opening()));
    let answered = updated(&noted, public_message(), by_staff(after(hours(2)))).case;
    assert_eq!(seen(&answered), (after(hours(2)), after(hours(2))));
    // A status change beside an internal note is visible to the customer.
    let request = UpdateRequest { status_change: Some(OnHold), ..internal_note() };
    let held = updated(&answered, request, by_staff(after(hours(3)))).case;
    assert_eq!(seen(&held), (after(hours(3)), after(hours(3))));
    let closed = become_(&become_(&held, Resolved, after(hours(4))), Closed, after(hours(5)));
    let noted = updated(&closed, internal_note(), by_staff(after(hours(6)))).case;
    assert_eq!(seen(&noted), (after(hours(6)), after(hours(5))));
}

#[test]
fn the_original_case_stays_unchanged() {
    let case = assigned_case();
    let untouched = case.clone();
    let moved = become_(&case, Resolved, after(hours(1)));
    assert_ne!(moved, case);
    assert_eq!(case, untouched);
    assert_eq!(Case::from_facts(case.clone().into_facts()), case);
}
