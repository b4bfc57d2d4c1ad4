//! Tests of `find_case_progress` and `find_case_details`.

use engage_domain::{
    Actor, AssignRequest, Case, CaseNumber, Decision, OpenRequest, Policies, Status, UpdateId,
    Urgency, Visibility,
};
use engage_repository::{CaseDetails, CaseGenerations, CaseProgress, UpdatePage};

use crate::builders::{
    a_case_number, a_fresh_id, a_new_case, a_staff_member, a_staff_member_with_everything, a_stamp,
    an_opened, assigned, by, cancelled, escalated, in_status, minutes_later, monday, opened,
    replied, written,
};
use crate::contract::{ALL_UPDATES, Store, all_at_once};

async fn progress(store: &Store, number: &CaseNumber) -> Option<CaseProgress> {
    let found = store.queries.find_case_progress(number, &ALL_UPDATES).await;
    found.expect("a case is looked up")
}

pub async fn an_unknown_number_is_not_found_by_customers_or_staff(store: &Store) {
    store.keep(an_opened(1)).await;
    for absent in ["CW-2025-002", "CW-2024-001", "AB-2025-001"] {
        let number = absent.parse().unwrap();
        assert_eq!(progress(store, &number).await, None, "{absent}");
        let details = store.queries.find_case_details(&number, &ALL_UPDATES).await.unwrap();
        assert_eq!(details, None, "{absent}");
    }
}

pub async fn a_new_case_has_no_updates(store: &Store) {
    let case = store.keep(an_opened(1)).await;
    let expected = CaseProgress {
        case: case.clone(),
        public_updates: UpdatePage::default(),
        generations: CaseGenerations::default(),
    };
    assert_eq!(progress(store, case.number()).await, Some(expected));
    let expected = CaseDetails {
        case: case.clone(),
        assignee: None,
        updates: UpdatePage::default(),
        escalations: Vec::new(),
    };
    assert_eq!(store.details(case.number()).await, expected);
}

/// Creates a case with several events, and another one whose events must not show.
async fn a_story(store: &Store) -> (Case, Vec<Decision>) {
    let agent = a_staff_member("agent");
    store.hire(&agent).await;
    let neighbour = store.keep(an_opened(2)).await;
    store.keep(replied(&neighbour, "Another story", minutes_later(1))).await;

    let opening = an_opened(1);
    let at = minutes_later;
    let mut decisions = Vec::new();
    let mut case = opening.case.clone();
    store.keep(opening).await;
    let tell: [&dyn Fn(&Case) -> Decision; 7] = [
        &|case| written(case, "Looking", Visibility::Public, by(&agent), at(2)),
        &|case| written(case, "Looks bad", Visibility::Internal, by(&agent), at(3)),
        &|case| escalated(case, Actor::Customer, at(4)),
        &|case| assigned(case, Some(&agent), by(&agent), at(5)),
        &|case| replied(case, "Any news?", at(6)),
        &|case| escalated(case, by(&agent), at(7)),
        &|case| cancelled(case, at(8)),
    ];
    for happen in tell {
        let decision = happen(&case);
        case = store.keep(decision.clone()).await;
        decisions.push(decision);
    }
    (case, decisions)
}

pub async fn customers_see_only_public_updates_with_the_oldest_first(store: &Store) {
    let (case, told) = a_story(store).await;
    let mut public: Vec<_> = told.into_iter().flat_map(|decision| decision.event.updates).collect();
    public.retain(|update| update.visibility == Visibility::Public);
    assert_eq!(public.len(), 6);
    let expected = CaseProgress {
        case: case.clone(),
        public_updates: UpdatePage { entries: public, older: None },
        generations: CaseGenerations::default(),
    };
    assert_eq!(progress(store, case.number()).await, Some(expected));
}

pub async fn staff_see_all_updates_and_escalations_with_the_oldest_first(store: &Store) {
    let (case, told) = a_story(store).await;
    let details = store.details(case.number()).await;
    let updates: Vec<_> = told.into_iter().flat_map(|decision| decision.event.updates).collect();
    assert_eq!(details.case, case);
    assert_eq!(details.updates.entries, updates);
    let levels: Vec<_> = details.escalations.iter().map(|e| e.level.get()).collect();
    assert_eq!(levels, [1, 2]);
    assert_eq!(details.assignee, Some(a_staff_member("agent").to_ref()));
}

/// Assigns a case with notes, which writes two updates. The one written first has the larger ID.
pub(super) fn two_updates(case: &Case, at_minute: u64) -> Decision {
    let member = a_staff_member_with_everything("agent");
    let request = AssignRequest::to(&member).with_notes("Careful with this one.".parse().unwrap());
    let mut stamp = a_stamp(by(&member), minutes_later(at_minute));
    stamp.update_ids.reverse();
    case.assign(request, &Policies::default(), stamp).unwrap().unwrap()
}

pub async fn the_updates_of_one_event_are_read_in_the_order_of_writing(store: &Store) {
    store.hire(&a_staff_member_with_everything("agent")).await;
    let case = store.keep(an_opened(1)).await;
    let mut decision = two_updates(&case, 1);
    assert_eq!(decision.event.updates.len(), 2);
    store.keep(decision.clone()).await;
    assert_eq!(store.details(case.number()).await.updates.entries, decision.event.updates);

    let other = store.keep(an_opened(2)).await;
    decision = two_updates(&other, 1);
    for update in &mut decision.event.updates {
        update.visibility = Visibility::Public;
    }
    store.keep(decision.clone()).await;
    let found = progress(store, other.number()).await.unwrap();
    assert_eq!(found.public_updates.entries, decision.event.updates);
}

pub async fn simultaneous_events_are_read_in_the_order_in_which_they_happened(store: &Store) {
    let agent = a_staff_member("agent");
    store.hire(&agent).await;
    // A server whose clock is slow draws smaller IDs for later events.
    let mut ids: Vec<_> = (0..5).map(|_| UpdateId::from_u128(a_fresh_id())).collect();
    ids.reverse();
    let request = OpenRequest { urgency: Urgency::Low, ..a_new_case() };
    let mut case = store.keep(opened(request, a_case_number(1), monday())).await;
    let mut expected = Vec::new();
    for id in ids {
        let mut decision = escalated(&case, by(&agent), minutes_later(1));
        decision.event.updates[0].id = id;
        expected.extend(decision.event.updates.clone());
        case = store.keep(decision).await;
    }
    let details = store.details(case.number()).await;
    assert_eq!(details.updates.entries, expected);
    let urgencies: Vec<_> = details.escalations.iter().map(|e| e.new_urgency).collect();
    let critical = Urgency::Critical;
    assert_eq!(urgencies, [Urgency::Medium, Urgency::High, critical, critical, critical]);
    assert_eq!(progress(store, case.number()).await.unwrap().public_updates.entries, expected);
}

pub async fn an_assignee_who_has_left_is_still_shown(store: &Store) {
    let agent = a_staff_member("agent");
    store.hire(&agent).await;
    let case = store.keep(an_opened(1)).await;
    let case = store.keep(assigned(&case, Some(&agent), by(&agent), minutes_later(1))).await;
    store.dismiss(&agent, minutes_later(2)).await;
    assert_eq!(store.details(case.number()).await.assignee, Some(agent.to_ref()));
}

pub async fn all_parts_of_a_case_are_read_consistently(store: &Store) {
    let agent = a_staff_member("agent");
    store.hire(&agent).await;
    let case = store.keep(an_opened(1)).await;
    let number = case.number().clone();
    let writer = {
        let (store, agent, mut case) = (store.clone(), agent.clone(), case);
        tokio::spawn(async move {
            for minute in 1..=40 {
                // Every change writes one update and one escalation.
                let at = minutes_later(minute);
                case = store.keep(escalated(&case, by(&agent), at)).await;
            }
        })
    };
    let readers = (0..4).map(|_| {
        let (store, number) = (store.clone(), number.clone());
        async move {
            loop {
                let details = store.details(&number).await;
                let changes = usize::try_from(details.case.version().get()).unwrap() - 1;
                assert_eq!(details.updates.entries.len(), changes);
                assert_eq!(details.escalations.len(), changes);
                let progress = progress(&store, &number).await.unwrap();
                let changes = usize::try_from(progress.case.version().get()).unwrap() - 1;
                assert_eq!(progress.public_updates.entries.len(), changes);
                if changes == 40 {
                    return;
                }
                // A store that never waits would starve the writer.
                tokio::task::yield_now().await;
            }
        }
    });
    all_at_once(readers).await;
    writer.await.expect("every escalation is stored");
}

pub async fn the_assignee_and_the_case_are_read_consistently(store: &Store) {
    let agent = a_staff_member("agent");
    store.hire(&agent).await;
    let case = store.keep(an_opened(1)).await;
    let number = case.number().clone();
    let writer = {
        let (store, mut case) = (store.clone(), case);
        tokio::spawn(async move {
            for turn in 0..15 {
                let at = minutes_later(turn);
                case = store.keep(assigned(&case, Some(&agent), by(&agent), at)).await;
                case = store.keep(in_status(&case, Status::Open, at)).await;
            }
        })
    };
    loop {
        let details = store.details(&number).await;
        let expected = details.case.facts().assignee();
        assert_eq!(details.assignee.as_ref().map(|assignee| &assignee.id), expected);
        let found = store.find(&number).await.unwrap();
        let expected = found.case.facts().assignee();
        assert_eq!(found.assignee.as_ref().map(|assignee| &assignee.id), expected);
        if found.case.version().get() == 31 {
            break;
        }
        tokio::task::yield_now().await;
    }
    writer.await.expect("every assignment is stored");
}
