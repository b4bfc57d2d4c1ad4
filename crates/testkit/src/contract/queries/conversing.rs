//! Tests of the pages of a conversation in `find_case_progress` and `find_case_details`.

use std::num::NonZeroU32;

use engage_domain::{Actor, Case, CaseNumber, Decision, OpenRequest, Update, Urgency, Visibility};
use engage_repository::{LISTED_ESCALATIONS, ParticipantView, UpdatePage, UpdatesWanted};

use super::looking_up::two_updates;
use crate::builders::{
    a_case_number, a_new_case, a_staff_member, a_staff_member_with_everything, an_opened, by,
    by_participant, escalated, joined, minutes_later, monday, opened, replied, replied_by, written,
};
use crate::contract::Store;

async fn page_of_all(store: &Store, number: &CaseNumber, wanted: UpdatesWanted) -> UpdatePage {
    let found = store.queries.find_case_details(number, &wanted).await;
    found.expect("a case is looked up").expect("the case is stored").updates
}

async fn page_of_public(store: &Store, number: &CaseNumber, wanted: UpdatesWanted) -> UpdatePage {
    let found = store.queries.find_case_progress(number, &wanted).await;
    found.expect("a case is looked up").expect("the case is stored").public_updates
}

/// Reads all pages with this many entries each, the newest first.
async fn pages(
    store: &Store,
    number: &CaseNumber,
    limit: u32,
    is_public: bool,
) -> Vec<Vec<Update>> {
    let limit = NonZeroU32::new(limit).unwrap();
    let (mut pages, mut before) = (Vec::new(), None);
    loop {
        let wanted = UpdatesWanted { before, limit, view: None };
        let page = if is_public {
            page_of_public(store, number, wanted).await
        } else {
            page_of_all(store, number, wanted).await
        };
        pages.push(page.entries);
        before = page.older;
        if before.is_none() {
            return pages;
        }
    }
}

/// Creates a case with alternating updates of customer and staff, every other one of staff
/// internal, and another case beside it. Returns the case with all its updates.
async fn a_conversation(store: &Store, length: u64) -> (Case, Vec<Update>) {
    let agent = a_staff_member("agent");
    store.hire(&agent).await;
    let neighbour = store.keep(an_opened(2)).await;
    store.keep(replied(&neighbour, "Another story", minutes_later(1))).await;
    let mut case = store.keep(an_opened(1)).await;
    let mut updates = Vec::new();
    for turn in 1..=length {
        let (words, at) = (format!("Entry {turn}"), minutes_later(10 * turn));
        let decision = match turn % 4 {
            1 | 3 => replied(&case, &words, at),
            2 => written(&case, &words, Visibility::Public, by(&agent), at),
            _ => written(&case, &words, Visibility::Internal, by(&agent), at),
        };
        updates.extend(decision.event.updates.clone());
        case = store.keep(decision).await;
    }
    (case, updates)
}

pub async fn a_conversation_is_paged_from_the_newest_update(store: &Store) {
    let (case, all) = a_conversation(store, 10).await;
    let public: Vec<_> =
        all.iter().filter(|update| update.visibility == Visibility::Public).cloned().collect();
    assert_eq!((all.len(), public.len()), (10, 8));
    for (is_public, expected) in [(false, all), (true, public)] {
        for limit in [1, 3, 4, 8, 10, 100] {
            let pages = pages(store, case.number(), limit, is_public).await;
            let size = usize::try_from(limit).unwrap();
            let lengths: Vec<_> = pages.iter().map(Vec::len).collect();
            assert_eq!(lengths.len(), expected.len().div_ceil(size), "{limit}: {lengths:?}");
            assert!(lengths[..lengths.len() - 1].iter().all(|length| *length == size));
            let read: Vec<_> = pages.into_iter().rev().flatten().collect();
            assert_eq!(read, expected, "{limit} a page");
        }
    }
}

pub async fn a_page_can_start_between_the_updates_of_one_event(store: &Store) {
    store.hire(&a_staff_member_with_everything("agent")).await;
    let case = store.keep(an_opened(1)).await;
    let first = two_updates(&case, 1);
    let case = store.keep(first.clone()).await;
    let second = replied(&case, "Thank you.", minutes_later(2));
    let case = store.keep(second.clone()).await;
    let written: Vec<_> =
        [first, second].into_iter().flat_map(|d: Decision| d.event.updates).collect();
    assert_eq!(written.len(), 3);
    let pages = pages(store, case.number(), 2, false).await;
    assert_eq!(pages, [written[1..].to_vec(), written[..1].to_vec()]);
}

pub async fn updates_written_meanwhile_do_not_shift_pages(store: &Store) {
    let (case, all) = a_conversation(store, 6).await;
    let wanted = UpdatesWanted { limit: NonZeroU32::new(2).unwrap(), ..UpdatesWanted::LATEST };
    let newest = page_of_all(store, case.number(), wanted).await;
    assert_eq!(newest.entries, all[4..]);
    store.keep(replied(&case, "One more thing", minutes_later(100))).await;
    let next = UpdatesWanted { before: newest.older, ..wanted };
    assert_eq!(page_of_all(store, case.number(), next).await.entries, all[2..4]);
}

pub async fn a_participant_reads_their_own_updates_and_those_from_a_time_on(store: &Store) {
    let agent = a_staff_member("agent");
    store.hire(&agent).await;
    let case = store.keep(an_opened(1)).await;
    let case = store.keep(joined(&case, "ann@x.example", Actor::Customer, minutes_later(1))).await;
    let ann = by_participant(&case);
    let mut updates = Vec::new();
    let mut last = case.clone();
    for turn in 2..=9 {
        let (words, at) = (format!("Entry {turn}"), minutes_later(turn));
        let decision = match turn % 4 {
            0 => written(&last, &words, Visibility::Internal, by(&agent), at),
            1 => written(&last, &words, Visibility::Public, by(&agent), at),
            2 => replied_by(&last, ann.clone(), &words, at),
            _ => replied(&last, &words, at),
        };
        updates.extend(decision.event.updates.clone());
        last = store.keep(decision).await;
    }
    let person = last.facts().participants[0].id;
    let reads_from = minutes_later(7);
    let is_theirs = |update: &&Update| {
        update.visibility == Visibility::Public
            && (update.timestamp >= reads_from || update.person_id == Some(person))
    };
    let expected: Vec<_> = updates.iter().filter(is_theirs).cloned().collect();
    assert_eq!(expected.len(), 4, "one of their own before, and three");
    assert!(expected[0].timestamp < reads_from && !expected[0].attachments.is_empty());

    let view = Some(ParticipantView { person, reads_from });
    let mut found = Vec::new();
    let mut before = None;
    loop {
        let limit = NonZeroU32::new(3).unwrap();
        let page =
            page_of_public(store, case.number(), UpdatesWanted { before, limit, view }).await;
        assert!(page.entries.len() <= 3);
        found.splice(..0, page.entries);
        before = page.older;
        if before.is_none() {
            break;
        }
    }
    assert_eq!(found, expected);
}

pub async fn only_the_newest_of_many_escalations_are_read(store: &Store) {
    let agent = a_staff_member("agent");
    store.hire(&agent).await;
    let request = OpenRequest { urgency: Urgency::Low, ..a_new_case() };
    let mut case = store.keep(opened(request, a_case_number(1), monday())).await;
    let beyond = 3;
    for minute in 1..=u64::from(LISTED_ESCALATIONS) + beyond {
        case = store.keep(escalated(&case, by(&agent), minutes_later(minute))).await;
    }
    let escalations = store.details(case.number()).await.escalations;
    assert_eq!(escalations.len(), usize::try_from(LISTED_ESCALATIONS).unwrap());
    assert_eq!(escalations[0].timestamp, minutes_later(beyond + 1));
    assert_eq!(escalations.last().unwrap().timestamp, case.facts().last_activity);
}
