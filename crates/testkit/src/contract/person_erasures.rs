//! Tests of [`PersonErasures`](engage_repository::PersonErasures).

use std::num::NonZeroU32;

use engage_domain::text::ERASED;
use engage_domain::{
    Actor, CaseNumber, Channel, ContactId, EmailAddress, ErasureCounts, ErasureId, ErasureState,
    Policies, Timestamp,
};
use engage_repository::{
    AddedErasure, AddressMac, ClaimedErasure, ErasedAddress, ErasureKey, ErasureProgress,
    IdempotencyKey, PersonErasure, RequestDigest, RequestedUnderKey, SuppressionKey,
};

use super::audit::{actions, an_act};
use super::{Store, all_at_once};
use crate::builders::{
    a_case_number, a_customer, a_fresh_id, a_new_case, a_stamp, an_email_address, an_opened,
    by_participant, joined, minutes_later, monday, opened,
};

const MANY: NonZeroU32 = NonZeroU32::new(1000).unwrap();

fn emails(texts: &[&str]) -> Vec<EmailAddress> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

fn an_erasure(addresses: &[&str]) -> PersonErasure {
    PersonErasure {
        id: ErasureId::from_u128(a_fresh_id()),
        contact: None,
        requested_by: "jane".parse().unwrap(),
        state: ErasureState::Running,
        counts: ErasureCounts::default(),
        addresses: emails(addresses),
        created_at: monday(),
    }
}

/// Adds an erasure of somebody.
async fn added(store: &Store, addresses: &[&str]) -> PersonErasure {
    let erasure = an_erasure(addresses);
    let outcome = store.person_erasures.add_person_erasure(&erasure, None).await;
    assert_eq!(outcome.unwrap(), AddedErasure::Added);
    erasure
}

async fn found(store: &Store, id: ErasureId) -> Option<PersonErasure> {
    store.person_erasures.find_person_erasure(id).await.expect("an erasure is read")
}

async fn claimed(store: &Store, now: Timestamp, until: Timestamp) -> Option<ClaimedErasure> {
    store.person_erasures.claim_person_erasure(now, until).await.expect("an erasure is claimed")
}

async fn claim(store: &Store) -> ClaimedErasure {
    claimed(store, monday(), minutes_later(5)).await.expect("an erasure is due")
}

fn progress(claimed: &ClaimedErasure, state: ErasureState) -> ErasureProgress {
    ErasureProgress {
        id: claimed.erasure.id,
        claim: claimed.claim,
        state,
        counts: ErasureCounts { cases: 3, entries: 2, quotes: 1 },
        begun: vec![a_case_number(1), a_case_number(2)],
        failures: 4,
        due_at: minutes_later(60),
    }
}

async fn save(store: &Store, progress: &ErasureProgress) -> bool {
    store.person_erasures.save_person_erasure(progress).await.expect("progress is stored")
}

fn a_key(key: u8, digest: u8) -> ErasureKey {
    ErasureKey {
        key: IdempotencyKey([key; 32]),
        digest: RequestDigest([digest; 32]),
        expired_before: monday().minus(std::time::Duration::from_hours(24)),
    }
}

/// Returns the numbers of the cases of somebody.
async fn cases(store: &Store, addresses: &[&str]) -> Vec<CaseNumber> {
    let listed = store.person_erasures.list_cases_of_person(&emails(addresses), None, MANY).await;
    listed.expect("cases are listed").into_iter().map(|case| case.number).collect()
}

pub async fn an_erasure_is_read_back(store: &Store) {
    let contact = Some(ContactId::from_u128(a_fresh_id()));
    let bare = added(store, &[]).await;
    let full = PersonErasure { contact, ..an_erasure(&["a@x.example", "b@xn--mnchen-3ya.de"]) };
    let outcome = store.person_erasures.add_person_erasure(&full, Some(a_key(1, 1))).await;
    assert_eq!(outcome.unwrap(), AddedErasure::Added);
    assert_eq!(found(store, bare.id).await, Some(bare));
    assert_eq!(found(store, full.id).await, Some(full));
    assert_eq!(found(store, ErasureId::from_u128(7)).await, None);
}

pub async fn a_key_of_an_erasure_is_used_once(store: &Store) {
    let first = an_erasure(&["a@x.example"]);
    let add = async |erasure: &PersonErasure, key| {
        store.person_erasures.add_person_erasure(erasure, Some(key)).await.unwrap()
    };
    assert_eq!(add(&first, a_key(1, 1)).await, AddedErasure::Added);
    let used = RequestedUnderKey { id: first.id, digest: RequestDigest([1; 32]) };
    let again = an_erasure(&["a@x.example"]);
    assert_eq!(add(&again, a_key(1, 2)).await, AddedErasure::KeyUsed(used));
    assert_eq!(found(store, again.id).await, None);
    let find = async |key| store.person_erasures.find_requested_erasure(&key).await.unwrap();
    assert_eq!(find(a_key(1, 2)).await, Some(used));
    assert_eq!(find(a_key(2, 2)).await, None);
    assert_eq!(add(&again, a_key(2, 2)).await, AddedErasure::Added);
}

pub async fn an_expired_key_of_an_erasure_can_be_used_again(store: &Store) {
    let first = an_erasure(&["a@x.example"]);
    let day_later = PersonErasure { created_at: minutes_later(24 * 60), ..an_erasure(&[]) };
    for (erasure, expired_before) in [(&first, minutes_later(1)), (&day_later, monday())] {
        let key = ErasureKey { expired_before, ..a_key(1, 1) };
        let outcome = store.person_erasures.add_person_erasure(erasure, Some(key)).await;
        assert_eq!(outcome.unwrap(), AddedErasure::Added);
    }
    assert!(found(store, first.id).await.is_some());
    let key = ErasureKey { expired_before: minutes_later(24 * 60), ..a_key(1, 1) };
    assert_eq!(store.person_erasures.find_requested_erasure(&key).await.unwrap(), None);
}

pub async fn one_of_many_erasures_requested_under_one_key_is_added(store: &Store) {
    let adding = (0..16).map(|_| {
        let store = store.clone();
        async move {
            let erasure = an_erasure(&["a@x.example"]);
            store.person_erasures.add_person_erasure(&erasure, Some(a_key(1, 1))).await.unwrap()
        }
    });
    let outcomes = all_at_once(adding).await;
    let added = outcomes.iter().filter(|outcome| **outcome == AddedErasure::Added).count();
    assert_eq!(added, 1, "{outcomes:?}");
}

pub async fn an_erasure_belongs_to_one_worker_until_its_claim_ends(store: &Store) {
    let erasure = added(store, &["a@x.example"]).await;
    let claiming = (0..8).map(|_| {
        let store = store.clone();
        async move { claimed(&store, monday(), minutes_later(5)).await }
    });
    let claims: Vec<_> = all_at_once(claiming).await.into_iter().flatten().collect();
    let [first] = &claims[..] else { panic!("one worker has it: {claims:?}") };
    assert_eq!((&first.erasure, first.failures), (&erasure, 0));
    assert_eq!(first.begun, []);
    assert_eq!(claimed(store, minutes_later(4), minutes_later(9)).await, None);
    let second = claimed(store, minutes_later(5), minutes_later(10)).await.unwrap();
    assert_ne!(second.claim, first.claim);
    assert!(!save(store, &progress(first, ErasureState::SecondPass)).await);
    assert!(save(store, &progress(&second, ErasureState::SecondPass)).await);
}

pub async fn the_erasure_that_is_due_for_longest_is_claimed_first(store: &Store) {
    let late = PersonErasure { created_at: minutes_later(2), ..an_erasure(&["b@x.example"]) };
    store.person_erasures.add_person_erasure(&late, None).await.unwrap();
    let early = added(store, &["a@x.example"]).await;
    assert_eq!(claim(store).await.erasure.id, early.id);
    assert_eq!(claimed(store, minutes_later(1), minutes_later(9)).await, None);
    let next = claimed(store, minutes_later(2), minutes_later(9)).await.unwrap();
    assert_eq!(next.erasure.id, late.id);
}

pub async fn progress_of_an_erasure_is_read_back_when_it_is_claimed_again(store: &Store) {
    let erasure = added(store, &["a@x.example"]).await;
    let first = claim(store).await;
    let progress = progress(&first, ErasureState::SecondPass);
    assert!(save(store, &progress).await);
    let state = ErasureState::SecondPass;
    let expected = PersonErasure { state, counts: progress.counts, ..erasure };
    assert_eq!(found(store, expected.id).await.as_ref(), Some(&expected));
    assert_eq!(claimed(store, minutes_later(59), minutes_later(70)).await, None);
    let again = claimed(store, minutes_later(60), minutes_later(70)).await.unwrap();
    assert_eq!((again.erasure, again.begun, again.failures), (expected, progress.begun, 4));
}

pub async fn a_finished_erasure_has_no_addresses_and_is_not_claimed(store: &Store) {
    for state in [ErasureState::Done, ErasureState::Failed] {
        let erasure = added(store, &["a@x.example"]).await;
        let claimed_one = claim(store).await;
        assert!(save(store, &progress(&claimed_one, state)).await);
        let stored = found(store, erasure.id).await.unwrap();
        assert_eq!((stored.state, stored.addresses), (state, Vec::new()));
        assert_eq!(claimed(store, minutes_later(600), minutes_later(700)).await, None);
        assert!(!save(store, &progress(&claimed_one, ErasureState::Running)).await);
    }
}

pub async fn erasures_of_persons_are_audited(store: &Store) {
    let erasure = an_erasure(&["a@x.example"]);
    let act = || store.acts.person_erasures(an_act("person.erasure_requested"));
    act().add_person_erasure(&erasure, Some(a_key(1, 1))).await.unwrap();
    act().add_person_erasure(&an_erasure(&[]), Some(a_key(1, 1))).await.unwrap();
    let claimed = claim(store).await;
    let done = progress(&claimed, ErasureState::Done);
    let outdated = ErasureProgress { claim: claimed.claim + 1, ..done.clone() };
    for progress in [outdated, done] {
        let act = store.acts.person_erasures(an_act("person.erased"));
        act.save_person_erasure(&progress).await.unwrap();
    }
    assert_eq!(actions(store).await, ["person.erasure_requested", "person.erased"]);
}

pub async fn a_person_is_found_as_customer_in_any_spelling_of_the_address(store: &Store) {
    for (sequence, email) in [(1, "Jo@München.example"), (2, "ann@x.example")] {
        let mut request = a_new_case();
        request.customer = a_customer();
        request.customer.email = Some(email.parse().unwrap());
        store.keep(opened(request, a_case_number(sequence), monday())).await;
    }
    for address in ["jo@xn--mnchen-3ya.example", "JO@MÜNCHEN.example", "jo@münchen.example"] {
        assert_eq!(cases(store, &[address]).await, [a_case_number(1)], "{address}");
    }
    let both = cases(store, &["jo@münchen.example", "ANN@x.example"]).await;
    assert_eq!(both, [a_case_number(1), a_case_number(2)]);
    assert_eq!(cases(store, &["nn@x.example"]).await, []);
    assert_eq!(cases(store, &[]).await, []);
}

pub async fn a_person_is_found_as_participant_in_every_state(store: &Store) {
    let policies = Policies::default();
    for sequence in 1..=4 {
        let case = store.keep(an_opened(sequence)).await;
        if sequence == 4 {
            // The address of somebody else that ends alike.
            store.keep(joined(&case, "joann@x.example", Actor::Customer, minutes_later(1))).await;
            continue;
        }
        let case =
            store.keep(joined(&case, "Ann@X.example", Actor::Customer, minutes_later(1))).await;
        let at = minutes_later(2);
        let gone = match sequence {
            2 => case.leave(&policies, a_stamp(by_participant(&case), at)).unwrap(),
            3 => {
                let id = case.facts().participants[0].id;
                case.remove_participant(id, &policies, a_stamp(Actor::Customer, at)).unwrap()
            }
            _ => None,
        };
        if let Some(gone) = gone {
            store.keep(gone).await;
        }
    }
    let found = cases(store, &["ann@x.example"]).await;
    assert_eq!(found, [a_case_number(1), a_case_number(2), a_case_number(3)]);
}

pub async fn cases_of_a_person_are_listed_in_parts_and_each_once(store: &Store) {
    for sequence in 1..=5 {
        let case = store.keep(an_opened(sequence)).await;
        // Also somebody who takes part in the case of the other address of theirs.
        store.keep(joined(&case, "jd@x.example", Actor::Customer, minutes_later(1))).await;
    }
    let addresses = emails(&["john@example.com", "jd@x.example"]);
    let (mut listed, mut after) = (Vec::new(), None);
    loop {
        let limit = NonZeroU32::new(2).unwrap();
        let part = store.person_erasures.list_cases_of_person(&addresses, after, limit).await;
        let part = part.unwrap();
        let Some(last) = part.last() else { break };
        assert!(part.len() <= 2);
        after = Some(last.id);
        listed.extend(part);
    }
    let ids: Vec<_> = listed.iter().map(|case| case.id).collect();
    assert_eq!(ids.len(), 5);
    assert!(ids.is_sorted());
    assert!(listed.iter().all(|case| case.customer == addresses[0]));
}

pub async fn a_suppressed_address_of_an_erased_person_is_hashed(store: &Store) {
    let reason = |address: &str| format!("550 5.1.1 <{address}>: unknown");
    let [john, ann] = ["John@example.com", "ann@x.example"];
    for address in [john, ann] {
        let address = an_email_address(address);
        store.outbox.suppress(&address, &reason(&address.to_string())).await.unwrap();
    }
    store.outbox.stop_channel(Channel::Email, &reason(john)).await.unwrap();
    store.outbox.stop_channel(Channel::Sms, &reason(ann)).await.unwrap();
    let mac = AddressMac::new("a-hash");
    let erased = ErasedAddress { address: "john@EXAMPLE.com".parse().unwrap(), mac: mac.clone() };
    // The second pass finds it erased.
    for _ in 0..2 {
        store.person_erasures.erase_addresses(std::slice::from_ref(&erased)).await.unwrap();
    }
    let key = |address: &str, mac: Option<&AddressMac>| SuppressionKey {
        address: an_email_address(address),
        mac: mac.cloned(),
    };
    let why = async |key: SuppressionKey| store.outbox.find_suppression(&key).await.unwrap();
    assert_eq!(why(key(john, Some(&mac))).await.as_deref(), Some(ERASED));
    assert_eq!(why(key(john, Some(&AddressMac::new("another")))).await, None);
    assert_eq!(why(key(john, None)).await, None);
    assert_eq!(why(key(ann, None)).await, Some(reason(ann)));
    let (listed, _) = store
        .notifications
        .list_suppressions(NonZeroU32::MIN, NonZeroU32::new(10).unwrap())
        .await
        .unwrap();
    assert_eq!(
        listed.iter().map(|one| one.address.clone()).collect::<Vec<_>>(),
        [an_email_address(ann)]
    );
    assert!(store.outbox.lift_suppression(&key(john, Some(&mac))).await.unwrap());
    assert_eq!(why(key(john, Some(&mac))).await, None);
    let channels = store.outbox.list_channels().await.unwrap();
    let stopped = channels.into_iter().filter_map(|one| Some((one.channel, one.stopped?.1)));
    let expected = [(Channel::Email, ERASED.to_owned()), (Channel::Sms, reason(ann))];
    assert_eq!(stopped.collect::<Vec<_>>(), expected);
}
