//! E-mails to the participants of a case.

use engage_domain::case::ReadsFrom;
use engage_domain::notify::{PlannedMessage, Recipient};
use engage_domain::*;
use proptest::prelude::*;

use crate::audience::World;
use crate::commands::{execute, steps};
use crate::support::*;

const BEN: PersonId = PersonId::from_u128(41);

const UPDATE: &str = "case-updated-participant ann@example.com";
const INVITATION: &str = "case-invited-participant ann@example.com";

/// Returns the plan for participants as `template address`.
fn to_participants(decision: &Decision) -> Vec<String> {
    of_participants(World::of_jane().plan(decision))
}

fn of_participants(plan: Vec<PlannedMessage>) -> Vec<String> {
    let told = plan.into_iter().filter(|planned| planned.person.is_some());
    told.map(|planned| format!("{} {}", planned.template, planned.address)).collect()
}

fn add(case: &Case, id: PersonId, address: &str, stamp: Stamp) -> Decision {
    let request = AddParticipantRequest::new(text(address));
    try_add(case, id, request, stamp).unwrap().unwrap()
}

/// A case of Ann's that staff have answered.
fn answered() -> Case {
    updated(&with_ann(&assigned_case()).case, public_message(), by_staff(after(hours(1)))).case
}

#[test]
fn nobody_is_mailed_before_staff_have_answered() {
    let joined = with_ann(&assigned_case());
    assert_eq!(to_participants(&joined), [""; 0]);
    let replied = try_reply(&joined.case, after(hours(1))).unwrap();
    assert_eq!(to_participants(&replied), [""; 0]);
    let cancelled = try_cancel(&joined.case, after(hours(1))).unwrap();
    assert_eq!(to_participants(&cancelled), [""; 0]);

    let first_answer = updated(&joined.case, public_message(), by_staff(after(hours(1))));
    assert_eq!(to_participants(&first_answer), [UPDATE]);
}

#[test]
fn a_participant_of_an_answered_case_is_invited_once() {
    let answered = updated(&assigned_case(), public_message(), by_staff(after(minutes(5)))).case;
    for stamp in [by_customer(after(hours(1))), by_staff(after(hours(1)))] {
        let added = add(&answered, ANN, "ann@example.com", stamp);
        assert_eq!(to_participants(&added), [INVITATION]);
        let ben = add(&added.case, BEN, "ben@example.com", by_staff(after(hours(1))));
        assert_eq!(to_participants(&ben), ["case-invited-participant ben@example.com"]);
        let later = updated(&ben.case, public_message(), by_staff(after(hours(2))));
        let both = [UPDATE, "case-updated-participant ben@example.com"];
        assert_eq!(to_participants(&later), both);
    }
}

#[test]
fn who_is_brought_back_is_invited_and_who_comes_back_is_not() {
    let (case, policies) = (answered(), Policies::default());
    let left = case.leave(&policies, by_ann(after(hours(2)))).unwrap().unwrap();
    assert_eq!(to_participants(&left), [""; 0]);
    let by_agent = add(&left.case, BEN, "ann@example.com", by_staff(after(hours(3))));
    assert_eq!(to_participants(&by_agent), [INVITATION]);
    let by_themselves = left.case.come_back(&policies, by_ann(after(hours(3)))).unwrap().unwrap();
    assert_eq!(to_participants(&by_themselves), [""; 0]);
}

#[test]
fn a_proposed_participant_is_invited_when_accepted() {
    let answered = updated(&assigned_case(), public_message(), by_staff(after(minutes(5)))).case;
    let proposal = ann().as_proposal();
    let proposed = try_add(&answered, ANN, proposal, by_system(after(hours(1)))).unwrap().unwrap();
    assert_eq!(to_participants(&proposed), [""; 0]);
    let accepted = add(&proposed.case, BEN, "ann@example.com", by_staff(after(hours(2))));
    assert_eq!(to_participants(&accepted), [INVITATION]);
}

#[test]
fn a_new_name_is_no_invitation() {
    let name = Some(text("Ann Lee-Moss"));
    let stamp = by_staff(after(hours(2)));
    let named = answered().name_participant(ANN, name, &Policies::default(), stamp);
    assert_eq!(to_participants(&named.unwrap().unwrap()), [""; 0]);
}

#[test]
fn the_author_of_a_reply_is_not_mailed_it_and_the_others_are() {
    let case = add(&answered(), BEN, "ben@example.com", by_staff(after(hours(1)))).case;
    let to_ben = "case-updated-participant ben@example.com";
    let by_customer = try_reply(&case, after(hours(2))).unwrap();
    assert_eq!(to_participants(&by_customer), [UPDATE, to_ben]);
    assert_eq!(World::of_jane().to_customer(&by_customer), [""; 0]);

    let message = ReplyRequest::message(text("Me too."));
    let of_ann = case.reply(message, &Policies::default(), by_ann(after(hours(2)))).unwrap();
    assert_eq!(to_participants(&of_ann), [to_ben]);
    let to_customer = ["case-updated-customer john@example.com"];
    assert_eq!(World::of_jane().to_customer(&of_ann), to_customer);
}

#[test]
fn participants_hear_of_public_changes_only() {
    let case = answered();
    let at = after(hours(2));
    for (decision, is_told) in [
        (updated(&case, status_change(Status::Resolved), by_staff(at)), true),
        (updated(&case, status_change(Status::Cancelled), by_staff(at)), true),
        (try_cancel(&case, at).unwrap(), true),
        (updated(&case, internal_note(), by_staff(at)), false),
        (assign(&case, give_to(&bob()), by_staff(at)).unwrap(), false),
        (escalate(&case, at), false),
        (corrected(&case, to_urgency(Urgency::Low), at), false),
        (
            with_ann(&assigned_case())
                .case
                .apply_due_action(&Policies::default(), by_system(after(hours(3))))
                .unwrap(),
            false,
        ),
    ] {
        assert_eq!(to_participants(&decision).len(), usize::from(is_told), "{:?}", decision.event);
    }
}

#[test]
fn a_public_message_that_sends_the_case_back_to_the_queue_is_mailed() {
    let back = UpdateRequest { status_change: Some(Status::Open), ..public_message() };
    let told = updated(&answered(), back, by_staff(after(hours(2))));
    assert_eq!(told.event.event_type(), EventType::Assigned);
    assert_eq!(to_participants(&told), [UPDATE]);
    let mut world = World::of_jane();
    let is_other = |&recipient: &Recipient| recipient != Recipient::Participants;
    world.recipients(EventType::Updated, Channel::Email).retain(is_other);
    assert_eq!(of_participants(world.plan(&told)), [""; 0]);
}

#[test]
fn the_settings_add_and_leave_out_participants() {
    let mut world = World::of_jane();
    world.recipients(EventType::Updated, Channel::Email).clear();
    world.recipients(EventType::Escalated, Channel::Email).push(Recipient::Participants);
    for event in [EventType::Assigned, EventType::Overdue, EventType::Created] {
        world.recipients(event, Channel::Email).push(Recipient::Participants);
    }
    for event in EventType::ALL {
        world.recipients(*event, Channel::Sms).push(Recipient::Participants);
    }
    let (case, at) = (answered(), after(hours(2)));
    let told = |decision: &Decision| of_participants(world.plan(decision));
    assert_eq!(told(&updated(&case, public_message(), by_staff(at))), [""; 0]);
    assert_eq!(told(&add(&case, BEN, "ben@example.com", by_staff(at))), [""; 0]);
    assert_eq!(told(&assign(&case, give_to(&bob()), by_staff(at)).unwrap()), [""; 0]);
    assert_eq!(told(&escalate(&case, at)), [UPDATE]);
}

#[test]
fn what_waits_for_somebody_who_is_gone_is_not_sent() {
    let case = answered();
    let policies = Policies::default();
    let left = case.leave(&policies, by_ann(after(hours(2)))).unwrap().unwrap();
    let removed = case.remove_participant(ANN, &policies, by_staff(after(hours(2))));
    let removed = removed.unwrap().unwrap();
    for ended in [&left, &removed] {
        assert_eq!(ended.event.ended_participations().collect::<Vec<_>>(), [ANN]);
    }
    assert_eq!(with_ann(&assigned_case()).event.ended_participations().count(), 0);

    let receives = |case: &Case, template| case.facts().participants[0].may_receive(template);
    let (update, code) = (Template::CaseUpdatedParticipant, Template::CaseCodeParticipant);
    assert!(receives(&case, update) && receives(&case, code));
    assert!(!receives(&left.case, update) && receives(&left.case, code));
    assert!(!receives(&removed.case, update) && !receives(&removed.case, code));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Participants of a case hear nothing that they may not read, nothing before the first answer,
    /// and nothing by themselves.
    #[test]
    fn participants_are_mailed_what_they_may_read(
        (customer_type, urgency, steps) in steps(),
        (joins_at, reads_all) in (0..50_usize, any::<bool>()),
    ) {
        let mut world = World::of_jane();
        for event in EventType::ALL {
            world.recipients(*event, Channel::Email).push(Recipient::Participants);
        }
        let mut case = case_of(customer_type, urgency);
        let mut clock = opening();
        let request = if reads_all { ann().reading_from(ReadsFrom::Start) } else { ann() };
        for (place, step) in steps.iter().enumerate() {
            clock = Timestamp::from_millis(clock.as_millis() + step.advance);
            if place == joins_at
                && let Ok(Some(added)) = try_add(&case, ANN, request.clone(), by_staff(clock))
            {
                let is_answered = case.facts().first_response.is_some();
                prop_assert_eq!(of_participants(world.plan(&added)).len(), usize::from(is_answered));
                case = added.case;
            }
            let stamp = match step.actor {
                0 => by_customer(clock),
                1 => by_ann(clock),
                _ => by_staff(clock),
            };
            let Ok(Some(decision)) = execute(&case, &step.command, stamp) else { continue };
            let plan = world.plan(&decision);
            let told: Vec<_> = plan.iter().filter(|planned| planned.person.is_some()).collect();
            for planned in &told {
                prop_assert_eq!(planned.template, Template::CaseUpdatedParticipant);
                prop_assert_eq!(planned.address.to_string(), "ann@example.com");
            }
            let ann = decision.case.facts().participant(ANN);
            let event = &decision.event;
            let may_hear = ann.is_some_and(|ann| {
                event.visibility == Visibility::Public
                    && event.person() != Some(ANN)
                    && event.timestamp >= ann.reads_from
                    && decision.case.facts().first_response.is_some()
            });
            prop_assert!(told.len() <= usize::from(may_hear), "{:?}", event);
            if let (Some(ann), [_]) = (ann, &told[..]) {
                let public = event.updates.iter().filter(|one| one.visibility == Visibility::Public);
                for update in public {
                    prop_assert!(ann.may_read(update));
                }
            }
            let others = plan.iter().filter(|planned| planned.person.is_none());
            for planned in others {
                prop_assert_ne!(planned.template.audience(), notify::TemplateAudience::Participant);
            }
            case = decision.case;
        }
    }
}
