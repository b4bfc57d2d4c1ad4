use std::collections::HashMap;
use std::num::NonZeroU32;

use engage_domain::{Address, Channel, Template, WebhookId};
use engage_repository::{Claim, ClaimOutcome, ClaimedMessage, OutboxMessage};

use crate::builders::{a_claim, a_fresh_id, a_message_to, an_email_address, an_opened};
use crate::contract::Store;
use crate::contract::delivery::enqueue;

/// Builds the claim of a worker that has notifications in flight to these addresses.
fn a_claim_beside(most: u32, under_way: &[(&str, u32)]) -> Claim {
    let under_way = under_way.iter().map(|&(to, count)| (an_email_address(to), count)).collect();
    Claim { most_per_address: NonZeroU32::new(most).unwrap(), under_way, ..a_claim() }
}

fn addresses(claimed: &[ClaimedMessage]) -> Vec<String> {
    let mut addresses: Vec<_> = claimed.iter().map(|m| m.address.to_string()).collect();
    addresses.sort();
    addresses
}

/// Creates five notifications to one address and then one to another.
async fn five_and_one(store: &Store) {
    for sequence in 1..=5 {
        enqueue(store, sequence, &["a@x.example"]).await;
    }
    enqueue(store, 6, &["b@x.example"]).await;
}

pub async fn claims_for_an_address_respect_its_limit_in_flight(store: &Store) {
    five_and_one(store).await;
    let claimed = store.claim_due(a_claim_beside(2, &[])).await;
    assert_eq!(addresses(&claimed), ["a@x.example", "a@x.example", "b@x.example"]);
    let mut cases: Vec<_> = claimed.iter().map(|m| m.case_number.sequence()).collect();
    cases.sort_unstable();
    assert_eq!(cases, [1, 2, 6], "the longest overdue go first");
}

pub async fn notifications_in_flight_to_an_address_count(store: &Store) {
    five_and_one(store).await;
    let claim = a_claim_beside(3, &[("a@x.example", 2), ("c@x.example", 3)]);
    assert_eq!(addresses(&store.claim_due(claim).await), ["a@x.example", "b@x.example"]);
}

pub async fn an_address_at_its_limit_gets_nothing(store: &Store) {
    for (sequence, count) in (1..).zip([3, 9, u32::MAX]) {
        enqueue(store, sequence, &["a@x.example"]).await;
        let claimed = store.claim_due(a_claim_beside(3, &[("a@x.example", count)])).await;
        assert_eq!(claimed, [], "{count}");
    }
}

pub async fn several_claims_never_exceed_the_limit_of_an_address(store: &Store) {
    five_and_one(store).await;
    let one = Claim { limit: NonZeroU32::MIN, ..a_claim_beside(2, &[]) };
    let first = store.claim_due(one).await;
    assert_eq!(addresses(&first), ["a@x.example"]);
    let claimed = store.claim_due(a_claim_beside(2, &[("a@x.example", 1)])).await;
    assert_eq!(addresses(&claimed), ["a@x.example", "b@x.example"]);
    let full = [("a@x.example", 2), ("b@x.example", 1)];
    assert_eq!(store.claim_due(a_claim_beside(2, &full)).await, []);
    assert!(store.complete(&first[0], ClaimOutcome::Sent).await);
    let free_again = [("a@x.example", 1), ("b@x.example", 1)];
    let claimed = store.claim_due(a_claim_beside(2, &free_again)).await;
    assert_eq!(addresses(&claimed), ["a@x.example"]);
}

pub async fn the_limit_of_an_address_applies_besides_the_total_limit(store: &Store) {
    for sequence in 1..=3 {
        enqueue(store, sequence, &["a@x.example", "b@x.example", "c@x.example"]).await;
    }
    let limit = NonZeroU32::new(4).unwrap();
    let claimed = store.claim_due(Claim { limit, ..a_claim_beside(2, &[]) }).await;
    assert_eq!(claimed.len(), 4);
    for address in ["a@x.example", "b@x.example", "c@x.example"] {
        let count = claimed.iter().filter(|m| m.address == an_email_address(address)).count();
        assert!(count <= 2, "{address}: {count}");
    }
}

/// Creates many notifications to one endpoint and then one to each of 20 others.
async fn one_endpoint_and_others(store: &Store) -> (Address, Vec<Address>) {
    let endpoint = || Address::Webhook(WebhookId::from_u128(a_fresh_id()));
    let flooded = endpoint();
    for sequence in 1..=10 {
        let message = |&template| OutboxMessage { template, ..a_message_to(flooded.clone()) };
        let messages = Template::ALL.iter().map(message).collect();
        store.commit(an_opened(sequence), messages).await.expect("a case is opened");
    }
    let others: Vec<_> = (0..20).map(|_| endpoint()).collect();
    let messages = others.iter().cloned().map(a_message_to).collect();
    store.commit(an_opened(11), messages).await.expect("a case is opened");
    (flooded, others)
}

pub async fn an_endpoint_at_its_limit_does_not_block_others(store: &Store) {
    let (flooded, others) = one_endpoint_and_others(store).await;
    let limit = NonZeroU32::new(20).unwrap();
    let claim = Claim { channel: Channel::Webhook, limit, ..a_claim_beside(2, &[]) };
    let claim = Claim { under_way: vec![(flooded, 2)], ..claim };
    let mut expected: Vec<_> = others.iter().map(ToString::to_string).collect();
    expected.sort();
    assert_eq!(addresses(&store.claim_due(claim).await), expected);
}

pub async fn a_flood_for_one_endpoint_does_not_block_others(store: &Store) {
    let (flooded, others) = one_endpoint_and_others(store).await;
    let mut under_way: HashMap<Address, u32> = HashMap::new();
    loop {
        let under_way_now = under_way.iter().map(|(to, &count)| (to.clone(), count)).collect();
        let claim = Claim { channel: Channel::Webhook, ..a_claim_beside(2, &[]) };
        let claimed = store.claim_due(Claim { under_way: under_way_now, ..claim }).await;
        if claimed.is_empty() {
            break;
        }
        for message in claimed {
            *under_way.entry(message.address).or_default() += 1;
        }
    }
    assert_eq!(under_way.remove(&flooded), Some(2));
    assert_eq!(under_way, others.into_iter().map(|other| (other, 1)).collect());
}
