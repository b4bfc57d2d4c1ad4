//! Tests of [`TagRepository`](engage_repository::TagRepository), and of the tags of cases.

use std::num::NonZeroU32;

use engage_domain::tag::{TagChange, TagName, Tags};
use engage_domain::{Case, Decision, Policies, StaffOpenRequest, TagId, UpdateRequest};
use engage_repository::{
    CaseFilter, CaseListing, CaseSort, ListSize, PartStart, RepositoryError, SortOrder, Tag,
    TagFilter, TagWrite, UpdatesWanted,
};

use super::audit::{actions, an_act};
use super::{Store, all_at_once};
use crate::builders::{
    a_fresh_id, a_new_case, a_staff_member, a_stamp, an_opened, by, cancelled, minutes_later,
    monday,
};

fn name(text: &str) -> TagName {
    text.parse().unwrap()
}

fn names(texts: &[&str]) -> Vec<TagName> {
    texts.iter().map(|text| name(text)).collect()
}

fn a_tag(text: &str) -> Tag {
    Tag { id: TagId::from_u128(a_fresh_id()), name: name(text), created_at: monday() }
}

async fn add(store: &Store, text: &str) -> Tag {
    let tag = a_tag(text);
    store.tags.add_tags(std::slice::from_ref(&tag)).await.expect("a tag is added");
    tag
}

async fn found(store: &Store, text: &str) -> Option<Tag> {
    let found = store.tags.find_tags(&names(&[text])).await.expect("tags are looked for");
    found.into_iter().next().map(|found| found.tag)
}

/// Changes the tags of a case.
fn tagging(case: &Case, add: &[&str], remove: &[&str], minutes: u64) -> Decision {
    let tags = TagChange { add: names(add), remove: names(remove) };
    let request = UpdateRequest::default().with_tags(tags);
    let stamp = a_stamp(by(&a_staff_member("ann")), minutes_later(minutes));
    let decided = case.update(request, &Policies::default(), stamp);
    decided.expect("the tags can change").expect("the tags change")
}

/// Adds a case with tags, which are added before.
async fn a_tagged_case(store: &Store, sequence: u64, tags: &[&str]) -> Case {
    let case = store.keep(an_opened(sequence)).await;
    if tags.is_empty() {
        return case;
    }
    for tag in tags {
        if found(store, tag).await.is_none() {
            add(store, tag).await;
        }
    }
    store.keep(tagging(&case, tags, &[], 1)).await
}

async fn tags_of(store: &Store, case: &Case) -> Vec<String> {
    let read = store.case(case.number()).await.facts().tags.clone();
    let wanted = UpdatesWanted::LATEST;
    let details = store.queries.find_case_details(case.number(), &wanted).await.unwrap().unwrap();
    let progress = store.queries.find_case_progress(case.number(), &wanted).await.unwrap().unwrap();
    assert_eq!(details.case.facts().tags, read);
    assert_eq!(progress.case.facts().tags, read);
    let listed = list(store, CaseFilter::default()).await;
    let listed = listed.into_iter().find(|listed| listed.0 == case.number().to_string());
    assert_eq!(listed.expect("the case is listed").1, read);
    read.iter().map(ToString::to_string).collect()
}

async fn list(store: &Store, filter: CaseFilter) -> Vec<(String, Tags)> {
    let mut lists = Vec::new();
    // Short lists are gathered, and long ones gone through.
    for size in [ListSize::Small, ListSize::Large] {
        let listing = CaseListing {
            filter: filter.clone(),
            sort: CaseSort::CaseNumber,
            order: SortOrder::Ascending,
            start: PartStart::Page(NonZeroU32::MIN),
            limit: NonZeroU32::new(50).unwrap(),
            size,
        };
        let part = store.queries.list_cases(&listing).await.expect("cases are listed");
        let cases = part.cases.into_iter().map(|case| (case.number.to_string(), case.tags));
        lists.push(cases.collect::<Vec<_>>());
    }
    let count = store.queries.count_cases(&filter).await.expect("cases are counted");
    assert_eq!(usize::try_from(count).unwrap(), lists[0].len());
    assert_eq!(lists[0], lists[1]);
    lists.remove(0)
}

async fn matching(store: &Store, tags: TagFilter) -> Vec<String> {
    let listed = list(store, CaseFilter { tags, ..CaseFilter::default() }).await;
    listed.into_iter().map(|(number, _)| number).collect()
}

pub async fn a_tag_is_found_by_its_name_without_case(store: &Store) {
    let tag = add(store, "Straße").await;
    assert_eq!(found(store, "STRASSE").await, Some(tag.clone()));
    assert_eq!(found(store, "Strasse 1").await, None);
    assert_eq!(store.tags.find_tag(tag.id).await.unwrap(), Some(tag));
    assert_eq!(store.tags.find_tag(TagId::from_u128(a_fresh_id())).await.unwrap(), None);
    assert_eq!(store.tags.find_tags(&[]).await.unwrap(), []);
}

pub async fn a_tag_keeps_its_first_spelling(store: &Store) {
    let first = add(store, "VIP").await;
    store.tags.add_tags(&[a_tag("vip"), a_tag("New"), a_tag("new")]).await.unwrap();
    assert_eq!(found(store, "vip").await, Some(first));
    assert_eq!(found(store, "NEW").await.unwrap().name, name("New"));
}

pub async fn one_of_many_tags_added_with_one_name_is_stored(store: &Store) {
    let added = all_at_once((0..8).map(|_| {
        let (tags, tag) = (store.tags.clone(), a_tag("Rush"));
        async move { tags.add_tags(&[tag]).await }
    }));
    assert!(added.await.into_iter().all(|added| added.is_ok()));
    let (listed, total) =
        store.tags.list_tags("", NonZeroU32::MIN, NonZeroU32::new(10).unwrap()).await.unwrap();
    assert_eq!((listed.len(), total), (1, 1));
}

pub async fn tags_are_listed_by_name_and_by_its_start(store: &Store) {
    for text in ["beta", "Alpha", "alpine", "100%", "Gamma"] {
        add(store, text).await;
    }
    let page = async |start: &str, page: u32, limit: u32| {
        let [page, limit] = [page, limit].map(|number| NonZeroU32::new(number).unwrap());
        let (listed, total) = store.tags.list_tags(start, page, limit).await.unwrap();
        (listed.into_iter().map(|tag| tag.name.to_string()).collect::<Vec<_>>(), total)
    };
    let all = ["100%", "Alpha", "alpine", "beta", "Gamma"].map(str::to_owned);
    assert_eq!(page("", 1, 50).await, (all.to_vec(), 5));
    assert_eq!(page("", 2, 2).await, (all[2..4].to_vec(), 5));
    assert_eq!(page("", 9, 2).await, (Vec::new(), 5));
    assert_eq!(page("alp", 1, 50).await, (all[1..3].to_vec(), 2));
    assert_eq!(page("%", 1, 50).await, (Vec::new(), 0));
    assert_eq!(page("100%", 1, 50).await, (all[..1].to_vec(), 1));
}

pub async fn the_tags_of_a_case_are_stored_and_read_back(store: &Store) {
    let case = a_tagged_case(store, 1, &["VIP", "Renewal"]).await;
    assert_eq!(tags_of(store, &case).await, ["Renewal", "VIP"]);
    add(store, "Late").await;
    let case = store.keep(tagging(&case, &["Late"], &["vip"], 2)).await;
    assert_eq!(tags_of(store, &case).await, ["Late", "Renewal"]);
    let case = store.keep(tagging(&case, &[], &["late", "renewal"], 3)).await;
    assert_eq!(tags_of(store, &case).await, [""; 0]);
    let other = store.keep(an_opened(2)).await;
    assert_eq!(tags_of(store, &other).await, [""; 0]);
}

pub async fn other_changes_leave_the_tags_as_they_are(store: &Store) {
    let case = a_tagged_case(store, 1, &["VIP"]).await;
    let case = store.keep(cancelled(&case, minutes_later(2))).await;
    assert_eq!(tags_of(store, &case).await, ["VIP"]);
}

pub async fn a_change_to_a_tag_that_does_not_exist_is_not_stored(store: &Store) {
    let case = store.keep(an_opened(1)).await;
    let refused = store.commit(tagging(&case, &["Unknown"], &[], 1), Vec::new()).await;
    assert!(refused.is_err(), "{refused:?}");
    assert!(!matches!(refused, Err(RepositoryError::Conflict)), "{refused:?}");
    assert_eq!(store.case(case.number()).await.version(), case.version());
    // It makes no other change fail.
    let other = store.keep(an_opened(2)).await;
    assert_eq!(tags_of(store, &other).await, [""; 0]);
}

pub async fn cases_show_the_new_name_of_a_renamed_tag(store: &Store) {
    let case = a_tagged_case(store, 1, &["VIP", "Late"]).await;
    let tag = found(store, "VIP").await.unwrap();
    assert_eq!(store.tags.rename_tag(tag.id, &name("Key account")).await.unwrap(), TagWrite::Made);
    assert_eq!(tags_of(store, &case).await, ["Key account", "Late"]);
    let renamed = Tag { name: name("Key account"), ..tag };
    for text in ["vip", "key ACCOUNT"] {
        assert_eq!(found(store, text).await.as_ref(), Some(&renamed), "{text}");
    }
    // The spelling, and back to a former name.
    for text in ["KEY ACCOUNT", "VIP"] {
        assert_eq!(store.tags.rename_tag(renamed.id, &name(text)).await.unwrap(), TagWrite::Made);
        assert_eq!(tags_of(store, &case).await[..], sorted([text, "Late"]));
    }
}

fn sorted(texts: [&str; 2]) -> [String; 2] {
    let mut texts = texts.map(str::to_owned);
    texts.sort_by_key(|text| text.to_lowercase());
    texts
}

pub async fn a_name_of_another_tag_is_refused(store: &Store) {
    let (vip, late) = (add(store, "VIP").await, add(store, "Late").await);
    store.tags.rename_tag(late.id, &name("Overdue")).await.unwrap();
    let late = Tag { name: name("Overdue"), ..late };
    for text in ["OVERDUE", "late"] {
        let refused = store.tags.rename_tag(vip.id, &name(text)).await.unwrap();
        assert_eq!(refused, TagWrite::NameTaken(late.clone()), "{text}");
    }
    assert_eq!(found(store, "vip").await, Some(vip));
    let unknown = TagId::from_u128(a_fresh_id());
    let missing = store.tags.rename_tag(unknown, &name("Other")).await.unwrap();
    assert_eq!(missing, TagWrite::Missing(unknown));
    assert_eq!(found(store, "Other").await, None);
}

pub async fn a_merged_tag_lives_on_in_the_other(store: &Store) {
    let one = a_tagged_case(store, 1, &["VIP"]).await;
    let both = a_tagged_case(store, 2, &["VIP", "Important"]).await;
    let (vip, important) =
        (found(store, "VIP").await.unwrap(), found(store, "Important").await.unwrap());
    assert_eq!(store.tags.merge_tags(vip.id, important.id).await.unwrap(), TagWrite::Made);
    assert_eq!(tags_of(store, &one).await, ["Important"]);
    assert_eq!(tags_of(store, &both).await, ["Important"]);
    assert_eq!(found(store, "vip").await.as_ref(), Some(&important));
    assert_eq!(store.tags.find_tag(vip.id).await.unwrap(), None);

    // The next merge takes it along.
    let top = add(store, "Top").await;
    store.tags.merge_tags(important.id, top.id).await.unwrap();
    assert_eq!(tags_of(store, &both).await, ["Top"]);
    let ids = store.tags.find_tags(&names(&["vip"])).await.unwrap()[0].ids.clone();
    let of_all = TagFilter { any: Some(ids), ..TagFilter::default() };
    assert_eq!(matching(store, of_all).await.len(), 2);
    for (from, into, missing) in [(vip.id, top.id, vip.id), (top.id, important.id, important.id)] {
        let refused = store.tags.merge_tags(from, into).await.unwrap();
        assert_eq!(refused, TagWrite::Missing(missing));
    }

    // A change replaces the former tag.
    add(store, "Late").await;
    let one = store.case(one.number()).await;
    let one = store.keep(tagging(&one, &["Late"], &["top"], 5)).await;
    assert_eq!(tags_of(store, &one).await, ["Late"]);
}

pub async fn two_tags_merged_into_each_other_leave_one(store: &Store) {
    let (one, other) = (add(store, "One").await, add(store, "Other").await);
    let both_ways = [(one.id, other.id), (other.id, one.id)];
    let outcomes = all_at_once(both_ways.map(|(from, into)| {
        let tags = store.tags.clone();
        async move { tags.merge_tags(from, into).await.unwrap() }
    }));
    let outcomes = outcomes.await;
    assert_eq!(outcomes.iter().filter(|one| **one == TagWrite::Made).count(), 1, "{outcomes:?}");
    let remaining = found(store, "one").await;
    assert!(remaining.is_some());
    assert_eq!(found(store, "other").await, remaining);
}

pub async fn cases_are_filtered_by_tags(store: &Store) {
    let numbers = [&["A"][..], &["B"], &["A", "B", "C"], &[]];
    let mut cases = Vec::new();
    for (sequence, tags) in (1..).zip(numbers) {
        cases.push(a_tagged_case(store, sequence, tags).await.number().to_string());
    }
    let mut ids = Vec::new();
    for text in ["A", "B", "C"] {
        ids.push(found(store, text).await.unwrap().id);
    }
    let [a, b, c] = ids[..] else { panic!("three tags") };
    let every = TagFilter::default;
    for (filter, expected) in [
        (every(), vec![0, 1, 2, 3]),
        (TagFilter { any: Some(vec![a]), ..every() }, vec![0, 2]),
        (TagFilter { any: Some(vec![a, b]), ..every() }, vec![0, 1, 2]),
        (TagFilter { any: Some(Vec::new()), ..every() }, vec![]),
        (TagFilter { all: vec![vec![a], vec![b]], ..every() }, vec![2]),
        (TagFilter { all: vec![vec![a, b], vec![c]], ..every() }, vec![2]),
        (TagFilter { all: vec![vec![a], Vec::new()], ..every() }, vec![]),
        (TagFilter { none: vec![c], ..every() }, vec![0, 1, 3]),
        (TagFilter { any: Some(vec![a]), none: vec![b], ..every() }, vec![0]),
        (TagFilter { untagged: true, ..every() }, vec![3]),
        (TagFilter { untagged: true, none: vec![a], ..every() }, vec![3]),
    ] {
        let expected: Vec<_> = expected.into_iter().map(|place: usize| &cases[place]).collect();
        let matched = matching(store, filter.clone()).await;
        assert_eq!(matched.iter().collect::<Vec<_>>(), expected, "{filter:?}");
    }
}

pub async fn the_active_cases_of_tags_are_counted(store: &Store) {
    a_tagged_case(store, 1, &["VIP"]).await;
    a_tagged_case(store, 2, &["VIP", "Important"]).await;
    let finished = a_tagged_case(store, 3, &["VIP", "Late"]).await;
    store.keep(cancelled(&finished, minutes_later(5))).await;
    let (vip, important) =
        (found(store, "VIP").await.unwrap(), found(store, "Important").await.unwrap());
    let counted = async || {
        let mut counts = store.tags.count_tagged_cases().await.unwrap();
        counts.sort_unstable();
        counts
    };
    let mut expected = vec![(vip.id, 2), (important.id, 1)];
    expected.sort_unstable();
    assert_eq!(counted().await, expected);
    store.tags.merge_tags(important.id, vip.id).await.unwrap();
    assert_eq!(counted().await, [(vip.id, 2)]);
}

pub async fn changes_of_tags_are_audited(store: &Store) {
    let (vip, late) = (add(store, "VIP").await, add(store, "Late").await);
    let tags = |action: &str| store.acts.tags(an_act(action));
    tags("rename").rename_tag(vip.id, &name("Key account")).await.unwrap();
    tags("rename to a taken name").rename_tag(vip.id, &name("late")).await.unwrap();
    tags("merge").merge_tags(late.id, vip.id).await.unwrap();
    tags("merge again").merge_tags(late.id, vip.id).await.unwrap();
    assert_eq!(actions(store).await, ["rename", "merge"]);
}

pub async fn a_case_can_be_opened_with_tags(store: &Store) {
    add(store, "VIP").await;
    let opened = an_opened(1);
    let tags = Tags::new(names(&["VIP"])).unwrap();
    let request = StaffOpenRequest::new(a_new_case()).with_tags(tags.clone());
    let stamp = a_stamp(by(&a_staff_member("ann")), monday());
    let (id, number) = (opened.case.facts().id, opened.case.number().clone());
    let decision = Case::open_by_staff(id, number, request, &Policies::default(), stamp);
    let case = store.keep(decision.expect("the case can be opened")).await;
    assert_eq!(case.facts().tags, tags);
    assert_eq!(tags_of(store, &case).await, ["VIP"]);
}
