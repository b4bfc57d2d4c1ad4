//! Replies of customers: which cases accept and resume by them, and how many there may be.

use engage_domain::Status::{
    Cancelled, Closed, InProgress, OnHold, Open, Resolved, WaitingOnCustomer,
};
use engage_domain::case::{
    Action, CountedReplies, InvalidTransition, LifecyclePolicy, ReplyError, ReplyPolicy,
};
use engage_domain::*;

use crate::support::*;

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
