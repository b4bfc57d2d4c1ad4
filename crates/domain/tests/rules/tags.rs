//! Tags of cases.

use engage_domain::case::{CorrectError, UpdateError};
use engage_domain::event::Change;
use engage_domain::tag::{TagChange, TagName, Tags, TooManyTags};
use engage_domain::*;

use crate::audience::World;
use crate::support::*;

fn names(texts: &[&str]) -> Vec<TagName> {
    texts.iter().map(|one| text(one)).collect()
}

fn tags(texts: &[&str]) -> Tags {
    Tags::new(names(texts)).unwrap()
}

fn change(add: &[&str], remove: &[&str]) -> UpdateRequest {
    let tags = TagChange { add: names(add), remove: names(remove) };
    UpdateRequest::default().with_tags(tags)
}

#[test]
fn a_change_of_tags_alone_is_internal_and_writes_nothing() {
    let Decision { case, event } =
        updated(&case(), change(&["VIP"], &[]), by_staff(after(hours(1))));
    assert_eq!(case.facts().tags, tags(&["VIP"]));
    assert_eq!((event.event_type(), event.visibility), (EventType::Updated, Visibility::Internal));
    assert_eq!(event.updates, []);
    assert_eq!(event.changes, [Change::Tags { from: Tags::default(), to: tags(&["VIP"]) }]);
    assert_eq!(case.facts().last_updated, opening(), "the customer does not see tags");
    assert_eq!(case.facts().first_response, None);
}

#[test]
fn nobody_but_other_systems_is_told_of_tags() {
    let tagged = updated(&assigned_case(), change(&["VIP"], &[]), by(&bob(), after(hours(1))));
    let planned = World::of_jane().plan(&tagged);
    assert!(planned.iter().all(|message| message.template == Template::CaseEvent), "{planned:?}");
}

#[test]
fn tags_change_with_a_message_and_a_status() {
    let tagged = updated(&case(), change(&["VIP"], &[]), by_staff(after(hours(1)))).case;
    let request = UpdateRequest {
        tags: change(&["Late"], &["vip"]).tags,
        ..public_message().with_status(Status::InProgress)
    };
    let Decision { case, event } = updated(&tagged, request, by_staff(after(hours(2))));
    assert_eq!(case.facts().tags, tags(&["Late"]));
    assert_eq!((case.status(), event.visibility), (Status::InProgress, Visibility::Public));
    assert_eq!(event.updates.len(), 1);
}

#[test]
fn tags_that_stay_the_same_change_nothing() {
    let tagged = updated(&case(), change(&["VIP"], &[]), by_staff(after(hours(1)))).case;
    for request in [change(&["vip"], &[]), change(&[], &["other"]), change(&["VIP"], &["vip"])] {
        let nothing = tagged.update(request, &Policies::default(), by_staff(after(hours(2))));
        assert_eq!(nothing, Ok(None));
    }
    let empty = tagged.update(change(&[], &[]), &Policies::default(), by_staff(after(hours(2))));
    assert_eq!(empty, Err(UpdateError::Empty));
}

#[test]
fn a_case_of_any_status_can_be_tagged() {
    for &status in Status::ALL {
        let before = case_that_is(status);
        let at = before.facts().last_activity;
        let Decision { case, .. } = updated(&before, change(&["VIP"], &[]), by_staff(at));
        assert_eq!((case.status(), &case.facts().tags), (status, &tags(&["VIP"])));
    }
}

#[test]
fn a_case_with_20_tags_gets_no_more() {
    let full: Vec<String> = (0..20).map(|number| format!("tag {number}")).collect();
    let full: Vec<&str> = full.iter().map(String::as_str).collect();
    let tagged = updated(&case(), change(&full, &[]), by_staff(after(hours(1)))).case;
    let (policies, stamp) = (Policies::default(), by_staff(after(hours(2))));
    let refused = tagged.update(change(&["one more"], &[]), &policies, stamp);
    assert_eq!(refused, Err(UpdateError::TooManyTags(TooManyTags)));
    let swapped = updated(&tagged, change(&["one more"], &["TAG 3"]), by_staff(after(hours(2))));
    assert_eq!(swapped.case.facts().tags.as_slice().len(), 20);
}

#[test]
fn a_correction_replaces_all_tags_of_an_active_case() {
    let tagged = updated(&case(), change(&["VIP", "Late"], &[]), by_staff(after(hours(1)))).case;
    let request = CorrectRequest::default().with_tags(tags(&["Renewal"]));
    let (policies, stamp) = (Policies::default(), by_staff(after(hours(2))));
    let Decision { case, event } =
        tagged.correct(request.clone(), &policies, stamp).unwrap().unwrap();
    assert_eq!(case.facts().tags, tags(&["Renewal"]));
    let (from, to) = (tags(&["VIP", "Late"]), tags(&["Renewal"]));
    assert_eq!(event.changes, [Change::Tags { from, to }]);
    assert_eq!(event.visibility, Visibility::Internal);
    let closed = case_that_is(Status::Closed);
    let refused = closed.correct(request, &policies, by_staff(closed.facts().last_activity));
    assert!(matches!(refused, Err(CorrectError::InvalidTransition(_))), "{refused:?}");
}

#[test]
fn only_staff_tag_cases() {
    let stamp = by_customer(after(hours(1)));
    let refused = case().update(change(&["VIP"], &[]), &Policies::default(), stamp);
    assert!(matches!(refused, Err(UpdateError::WrongActor(_))), "{refused:?}");
}

#[test]
fn a_case_is_opened_with_tags_by_staff() {
    let request = StaffOpenRequest::new(new_case()).with_tags(tags(&["VIP"]));
    let (id, number) = (CaseId::from_u128(7), text("CW-2025-001"));
    let decision =
        Case::open_by_staff(id, number, request, &Policies::default(), by_staff(opening()));
    let Decision { case, event } = decision.unwrap();
    assert_eq!(case.facts().tags, tags(&["VIP"]));
    let tagged = Change::Tags { from: Tags::default(), to: tags(&["VIP"]) };
    assert!(event.changes.contains(&tagged), "{:?}", event.changes);
}

#[test]
fn an_erased_case_keeps_its_tags() {
    let tagged = updated(&case(), change(&["VIP"], &[]), by_staff(after(hours(1)))).case;
    let erased = tagged.erase(&Policies::default(), by_staff(after(hours(2))));
    assert_eq!(erased.case.facts().tags, tags(&["VIP"]));
}
