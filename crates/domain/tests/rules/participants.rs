//! Participants of cases: who adds them, what they may do and read, and how they leave.

use engage_domain::case::{
    AddParticipantError, CancelError, ComeBackError, EndParticipationError, EscalateError,
    InvalidTransition, NameParticipantError, ReadsFrom, ReplyError, UpdateError, WrongActor,
};
use engage_domain::event::{Change, EventSubtype};
use engage_domain::*;

use crate::support::*;

const BOB: PersonId = PersonId::from_u128(41);

fn state(case: &Case, id: PersonId) -> ParticipantState {
    case.facts().participant(id).unwrap().state
}

fn remove(case: &Case, id: PersonId, stamp: Stamp) -> Case {
    case.remove_participant(id, &Policies::default(), stamp).unwrap().unwrap().case
}

fn leave(case: &Case, at: Timestamp) -> Case {
    case.leave(&Policies::default(), by_ann(at)).unwrap().unwrap().case
}

fn add(case: &Case, request: AddParticipantRequest, stamp: Stamp) -> Case {
    try_add(case, BOB, request, stamp).unwrap().unwrap().case
}

fn reply(case: &Case, stamp: Stamp) -> Result<Decision, ReplyError> {
    case.reply(ReplyRequest::message(text("Me too.")), &Policies::default(), stamp)
}

#[test]
fn the_customer_and_staff_add_participants() {
    for stamp in [by_customer(after(hours(1))), by_staff(after(hours(1)))] {
        let by = stamp.actor.clone();
        let Decision { case, event } =
            try_add(&case(), ANN, ann().with_name(text("Ann Lee")), stamp).unwrap().unwrap();
        let expected = Participant {
            id: ANN,
            name: Some(text("Ann Lee")),
            email: text("ann@example.com"),
            state: ParticipantState::Active,
            added_by: by.clone(),
            reads_from: after(hours(1)),
            proven: false,
        };
        assert_eq!(case.facts().participants, std::slice::from_ref(&expected));
        assert_eq!((event.sequence, event.event_type()), (case.version(), EventType::Updated));
        assert_eq!((event.actor, event.visibility), (by, Visibility::Internal));
        assert_eq!(event.changes, [Change::Participant { from: None, to: Box::new(expected) }]);
        assert_eq!(event.updates, []);
    }
}

#[test]
fn the_first_act_of_a_participant_proves_their_address() {
    let joined = with_ann(&case()).case;
    let proven = |case: &Case| case.facts().participants[0].proven;
    assert!(!proven(&joined));
    let decision = reply(&joined, by_ann(after(minutes(15)))).unwrap();
    assert!(proven(&decision.case));
    let is_of_ann = |change: &Change| matches!(change, Change::Participant { to, .. } if to.proven);
    assert!(decision.event.changes.iter().any(is_of_ann));
    let again = reply(&decision.case, by_ann(after(minutes(30)))).unwrap();
    assert!(!again.event.changes.iter().any(is_of_ann));
    let others = reply(&joined, by_customer(after(minutes(15)))).unwrap();
    assert!(!proven(&others.case));
}

#[test]
fn a_participant_reads_from_now_or_from_the_start() {
    for (reads_from, time) in
        [(ReadsFrom::default(), after(hours(1))), (ReadsFrom::Start, opening())]
    {
        let request = ann().reading_from(reads_from);
        let case = add(&case(), request, by_staff(after(hours(1))));
        assert_eq!(case.facts().participants[0].reads_from, time);
    }
}

#[test]
fn who_reads_from_now_on_does_not_read_what_was_written_in_the_same_moment() {
    let at = after(minutes(5));
    let early = updated(&case(), public_message(), by_staff(at));
    // A machine whose clock is behind makes no difference.
    for now in [at, opening()] {
        let joined =
            add(&early.case, AddParticipantRequest::new(text("bob@x.example")), by_staff(now));
        let bob = joined.facts().participant(BOB).unwrap();
        assert!(!bob.may_read(&early.event.updates[0]), "{now}");
        let late = updated(&joined, public_message(), by_staff(now));
        assert!(bob.may_read(&late.event.updates[0]), "{now}");
    }
}

#[test]
fn who_left_and_is_the_customer_by_now_does_not_come_back() {
    let at = after(hours(1));
    let left = leave(&with_ann(&case()).case, at);
    let request = CorrectRequest::default().with_email(Some(text("ann@example.com")));
    let corrected = left.correct(request, &Policies::default(), by_staff(at)).unwrap().unwrap();
    let refused = corrected.case.come_back(&Policies::default(), by_ann(at));
    assert_eq!(refused, Err(ComeBackError::WrongActor(WrongActor::NotParticipating)));
}

#[test]
fn only_the_change_that_ends_a_participation_says_so() {
    let (at, policies) = (after(hours(1)), Policies::default());
    let joined = with_ann(&case());
    assert_eq!(joined.event.ended_participations().count(), 0);
    let left = joined.case.leave(&policies, by_ann(at)).unwrap().unwrap();
    assert_eq!(left.event.ended_participations().collect::<Vec<_>>(), [ANN]);
    let renamed = left.case.name_participant(ANN, Some(text("Anna")), &policies, by_staff(at));
    assert_eq!(renamed.unwrap().unwrap().event.ended_participations().count(), 0);
}

#[test]
fn a_participant_reads_public_entries_from_that_time_on_and_their_own() {
    let early = updated(&case(), public_message(), by_staff(after(minutes(5))));
    let joined = with_ann(&early.case).case;
    let own = reply(&joined, by_ann(after(minutes(15)))).unwrap();
    let late = updated(&own.case, public_message(), by_staff(after(minutes(20))));
    let note = updated(&late.case, internal_note(), by_staff(after(minutes(30))));
    let may_read = |case: &Case, decision: &Decision| {
        case.facts().participants[0].may_read(&decision.event.updates[0])
    };
    assert!(!may_read(&note.case, &early));
    assert!(may_read(&note.case, &late) && !may_read(&note.case, &note));

    let gone = leave(&note.case, after(minutes(40)));
    assert!(!may_read(&gone, &late) && !may_read(&gone, &own));
    let back = gone.come_back(&Policies::default(), by_ann(after(hours(1)))).unwrap().unwrap();
    assert!(!may_read(&back.case, &late), "what was said before is not read again");
    assert!(may_read(&back.case, &own), "except what they wrote themselves");
}

#[test]
fn adding_somebody_who_takes_part_changes_nothing() {
    let case = with_ann(&case()).case;
    let again = AddParticipantRequest::new(text("ANN@Example.com"));
    assert_eq!(try_add(&case, BOB, again.clone(), by_staff(after(hours(1)))), Ok(None));
    assert_eq!(try_add(&case, BOB, again.as_proposal(), by_system(after(hours(1)))), Ok(None));
}

#[test]
fn only_addresses_of_further_people_are_added() {
    let with = |address: &str| AddParticipantRequest::new(text(address));
    for (request, error) in [
        (with("JOHN@example.com"), AddParticipantError::IsCustomer),
        (ann().of_staff(), AddParticipantError::IsStaff),
        (with("no-reply@example.com"), AddParticipantError::IsAutomatic),
    ] {
        for stamp in [by_customer(after(hours(1))), by_staff(after(hours(1)))] {
            assert_eq!(try_add(&case(), ANN, request.clone(), stamp), Err(error));
        }
    }
}

#[test]
fn a_finished_case_gets_no_participants_and_lets_them_go() {
    let joined = with_ann(&case()).case;
    let ended = try_cancel(&joined, after(hours(1))).unwrap().case;
    let at = ended.facts().last_activity;
    let refused = try_add(&ended, BOB, ann(), by_staff(at)).unwrap_err();
    let AddParticipantError::InvalidTransition(refusal) = refused else { panic!("{refused}") };
    let sentence = "A case that is CANCELLED can no longer get other participants.";
    assert_eq!(refusal.to_string(), sentence);
    let named = ended.name_participant(ANN, None, &Policies::default(), by_staff(at));
    assert_eq!(named, Err(NameParticipantError::InvalidTransition(refusal)));

    assert_eq!(state(&remove(&ended, ANN, by_staff(at)), ANN), ParticipantState::Removed);
    let left = leave(&ended, at);
    assert_eq!(state(&left, ANN), ParticipantState::Left);
    let back = left.come_back(&Policies::default(), by_ann(at));
    assert_eq!(back, Err(ComeBackError::InvalidTransition(refusal)));
}

#[test]
fn there_are_twenty_participants_at_most() {
    let numbered =
        |number: usize| AddParticipantRequest::new(text(&format!("p{number}@x.example")));
    let mut case = case();
    for number in 0..Participant::MOST {
        let id = PersonId::from_u128(number as u128 + 100);
        case =
            try_add(&case, id, numbered(number), by_staff(after(hours(1)))).unwrap().unwrap().case;
    }
    let refused = try_add(&case, ANN, ann(), by_staff(after(hours(2))));
    assert_eq!(refused, Err(AddParticipantError::TooMany { most: 20 }));

    // Those who are gone leave room, and are not forgotten.
    let first = case.facts().participants[0].id;
    let case = remove(&case, first, by_staff(after(hours(2))));
    let case = add(&case, ann(), by_staff(after(hours(2))));
    let back = try_add(&case, ANN, numbered(0), by_staff(after(hours(3))));
    assert_eq!(back, Err(AddParticipantError::TooMany { most: 20 }));
}

#[test]
fn a_case_has_a_hundred_participants_over_time_at_most() {
    let mut case = case();
    for number in 0..Participant::MOST_EVER as u128 {
        let (id, at) = (PersonId::from_u128(number + 100), after(hours(1)));
        let request = AddParticipantRequest::new(text(&format!("p{number}@x.example")));
        case = try_add(&case, id, request, by_staff(at)).unwrap().unwrap().case;
        case = remove(&case, id, by_staff(at));
    }
    let refused = try_add(&case, ANN, ann(), by_staff(after(hours(2))));
    assert_eq!(refused, Err(AddParticipantError::TooMany { most: 100 }));
    let first = AddParticipantRequest::new(text("p0@x.example"));
    assert!(try_add(&case, ANN, first, by_staff(after(hours(2)))).unwrap().is_some());
}

#[test]
fn who_left_is_brought_back_by_themselves_or_staff_only() {
    let left = leave(&with_ann(&case()).case, after(hours(1)));
    let at = after(hours(2));
    for (stamp, request) in [(by_customer(at), ann()), (by_staff(at), ann().as_proposal())] {
        let refused = try_add(&left, BOB, request, stamp);
        assert_eq!(refused, Err(AddParticipantError::HasLeft));
    }
    let by_themselves = left.come_back(&Policies::default(), by_ann(at)).unwrap().unwrap();
    assert_eq!(state(&by_themselves.case, ANN), ParticipantState::Active);

    let by_agent = add(&left, ann().reading_from(ReadsFrom::Start), by_staff(at));
    let back = &by_agent.facts().participants[0];
    assert_eq!((back.id, back.state), (ANN, ParticipantState::Active));
    assert_eq!((back.reads_from, &back.added_by), (opening(), &by_staff(at).actor));
    assert_eq!(back.name, Some(text("Ann Lee")), "a name that is known stays");
}

#[test]
fn who_was_removed_does_not_come_back_by_themselves() {
    let at = after(hours(2));
    let removed = remove(&with_ann(&case()).case, ANN, by_customer(after(hours(1))));
    let refused = removed.come_back(&Policies::default(), by_ann(at));
    assert_eq!(refused, Err(ComeBackError::WrongActor(WrongActor::NotParticipating)));
    let proposed = try_add(&removed, BOB, ann().as_proposal(), by_system(at));
    assert_eq!(proposed, Err(AddParticipantError::WasRemoved));
    assert_eq!(state(&add(&removed, ann(), by_customer(at)), ANN), ParticipantState::Active);
}

#[test]
fn who_is_gone_goes_only_once() {
    let at = after(hours(1));
    let case = leave(&with_ann(&case()).case, at);
    assert_eq!(case.leave(&Policies::default(), by_ann(at)), Ok(None));
    assert_eq!(case.remove_participant(ANN, &Policies::default(), by_staff(at)), Ok(None));
    let unknown = case.remove_participant(BOB, &Policies::default(), by_staff(at));
    assert_eq!(unknown, Err(EndParticipationError::NotFound(BOB)));
}

#[test]
fn a_proposed_participant_does_nothing_until_accepted() {
    let at = after(hours(1));
    let proposed = try_add(&case(), ANN, ann().as_proposal(), by_system(at)).unwrap().unwrap().case;
    assert_eq!(state(&proposed, ANN), ParticipantState::Proposed);
    let refused = reply(&proposed, by_ann(at)).unwrap_err();
    assert_eq!(refused, ReplyError::WrongActor(WrongActor::NotParticipating));
    let refused = proposed.come_back(&Policies::default(), by_ann(at));
    assert_eq!(refused, Err(ComeBackError::WrongActor(WrongActor::NotParticipating)));
    let accepted = add(&proposed, ann(), by_staff(at));
    assert!(reply(&accepted, by_ann(at)).is_ok());
}

#[test]
fn a_reply_of_a_participant_counts_like_one_of_the_customer() {
    let waiting = become_(&with_ann(&case()).case, Status::WaitingOnCustomer, after(hours(1)));
    let Decision { case, event } = reply(&waiting, by_ann(after(hours(2)))).unwrap();
    assert_eq!(case.status(), Status::InProgress);
    assert_eq!(case.facts().counted_replies.unwrap().count, 1);
    let [entry] = &event.updates[..] else { panic!("{:?}", event.updates) };
    assert_eq!((entry.visibility, entry.source), (Visibility::Public, Source::Api));
    assert_eq!((entry.person_id, event.person_id), (Some(ANN), Some(ANN)));
    assert_eq!(event.subtypes(), [EventSubtype::Replied]);
    assert_eq!(case.facts().first_response, None);
}

#[test]
fn a_participant_who_is_gone_does_not_reply() {
    let case = with_ann(&case()).case;
    let at = after(hours(1));
    for gone in [leave(&case, at), remove(&case, ANN, by_staff(at))] {
        let refused = reply(&gone, by_ann(at)).unwrap_err();
        assert_eq!(refused, ReplyError::WrongActor(WrongActor::NotParticipating));
    }
}

#[test]
fn a_participant_neither_escalates_nor_cancels_nor_changes_participants() {
    let (case, at, policies) = (with_ann(&case()).case, after(hours(1)), Policies::default());
    let refused = WrongActor::IsParticipant;
    let escalated = try_escalate(&case, None, by_ann(at));
    assert_eq!(escalated, Err(EscalateError::WrongActor(refused)));
    let cancelled = case.cancel(text("No need."), &policies, by_ann(at));
    assert_eq!(cancelled, Err(CancelError::WrongActor(refused)));
    let another = AddParticipantRequest::new(text("bob@example.com"));
    let added = try_add(&case, BOB, another, by_ann(at));
    assert_eq!(added, Err(AddParticipantError::WrongActor(refused)));
    let removed = case.remove_participant(ANN, &policies, by_ann(at));
    assert_eq!(removed, Err(EndParticipationError::WrongActor(refused)));
    let named = case.name_participant(ANN, None, &policies, by_ann(at));
    assert_eq!(named, Err(NameParticipantError::WrongActor(refused)));
    let noted = update(&case, internal_note(), by_ann(at));
    assert_eq!(noted, Err(UpdateError::WrongActor(WrongActor::NotStaff)));
}

#[test]
fn only_a_participant_leaves() {
    let case = with_ann(&case()).case;
    for stamp in [by_customer(after(hours(1))), by_staff(after(hours(1)))] {
        let refused = case.leave(&Policies::default(), stamp);
        assert_eq!(refused, Err(EndParticipationError::WrongActor(WrongActor::NotParticipating)));
    }
    let stranger = case.leave(
        &Policies::default(),
        Stamp {
            actor: Actor::Participant(ParticipantRef { id: BOB, name: None }),
            ..by_ann(after(hours(1)))
        },
    );
    assert_eq!(stranger, Err(EndParticipationError::NotFound(BOB)));
}

#[test]
fn the_customer_and_staff_name_participants() {
    let (case, policies) = (with_ann(&case()).case, Policies::default());
    for stamp in [by_customer(after(hours(1))), by_staff(after(hours(1)))] {
        let name = Some(text("Ann Lee-Moss"));
        let named = case.name_participant(ANN, name.clone(), &policies, stamp.clone());
        let Decision { case, event } = named.unwrap().unwrap();
        assert_eq!(case.facts().participants[0].name, name);
        assert_eq!(event.changes.len(), 1);
        assert_eq!(case.name_participant(ANN, name, &policies, stamp), Ok(None));
    }
    let unknown = case.name_participant(BOB, None, &policies, by_staff(after(hours(1))));
    assert_eq!(unknown, Err(NameParticipantError::NotFound(BOB)));
}

#[test]
fn participants_are_notified_once_staff_have_answered() {
    let notified = |case: &Case| case.facts().notified_participants().count();
    let case = with_ann(&case()).case;
    assert_eq!(notified(&case), 0);
    let noted = updated(&case, internal_note(), by_staff(after(hours(1)))).case;
    assert_eq!(notified(&noted), 0);
    let answered = updated(&case, public_message(), by_staff(after(hours(1)))).case;
    assert_eq!(notified(&answered), 1);
    assert_eq!(notified(&leave(&answered, after(hours(2)))), 0);
}

#[test]
fn the_customer_is_told_what_a_participant_wrote_and_not_who_takes_part() {
    let contacts = Contacts::default();
    let told = |decision: &Decision| {
        let audience = Audience::new(&contacts);
        let matrix = NotificationMatrix::default();
        let planned = matrix.plan(&decision.event, decision.case.facts(), &audience);
        planned.iter().any(|planned| planned.template.is_for_customer())
    };
    let added = with_ann(&case());
    assert!(!told(&added));
    assert!(told(&reply(&added.case, by_ann(after(hours(1)))).unwrap()));
}

#[test]
fn entries_and_events_name_the_person_who_wrote_them() {
    let customer = PersonId::of_customer(case().facts().id);
    let theirs = try_reply(&case(), after(hours(1))).unwrap().event;
    assert_eq!((theirs.person_id, theirs.updates[0].person_id), (Some(customer), Some(customer)));
    let of_staff = updated(&case(), public_message(), by_staff(after(hours(1)))).event;
    assert_eq!((of_staff.person_id, of_staff.updates[0].person_id), (None, None));
    assert_eq!((of_staff.person(), of_staff.updates[0].person(of_staff.case_id)), (None, None));
}

#[test]
fn an_entry_without_a_recorded_person_is_by_the_customer() {
    let mut event = try_reply(&case(), after(hours(1))).unwrap().event;
    event.person_id = None;
    event.updates[0].person_id = None;
    let customer = Some(PersonId::of_customer(event.case_id));
    assert_eq!((event.person(), event.updates[0].person(event.case_id)), (customer, customer));
}

#[test]
#[cfg(feature = "serde")]
fn what_was_written_before_persons_were_recorded_is_read() {
    let decision = try_reply(&case(), after(hours(1))).unwrap();
    let mut written = serde_json::to_value(&decision).unwrap();
    written["case"].as_object_mut().unwrap().remove("participants").unwrap();
    written["event"].as_object_mut().unwrap().remove("personId").unwrap();
    written["event"]["updates"][0].as_object_mut().unwrap().remove("personId").unwrap();
    let read: Decision = serde_json::from_value(written).unwrap();
    assert_eq!(read.case, decision.case);
    let customer = Some(PersonId::of_customer(read.event.case_id));
    assert_eq!(read.event.person(), customer);
    assert_eq!(read.event.updates[0].person(read.event.case_id), customer);
}

#[test]
fn a_refused_transition_of_participants_lists_what_may_follow() {
    let action = case::Action::ChangeParticipants;
    let refusal = InvalidTransition { from: Status::Closed, action };
    assert_eq!((refusal.to(), refusal.allowed()), (None, &[][..]));
}
