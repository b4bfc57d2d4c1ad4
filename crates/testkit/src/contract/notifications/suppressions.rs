use std::num::NonZeroU32;

use engage_domain::Address;
use engage_repository::Suppression;

use crate::builders::{a_phone_number, an_email_address};
use crate::contract::Store;

async fn suppress(store: &Store, address: &Address, reason: &str) {
    store.outbox.suppress(address, reason).await.expect("an address is suppressed");
}

async fn lift(store: &Store, address: &Address) -> bool {
    store.outbox.lift_suppression(&address.clone().into()).await.expect("a suppression is lifted")
}

async fn page(store: &Store, number: u32, limit: u32) -> (Vec<Suppression>, u64) {
    let [number, limit] = [number, limit].map(|number| NonZeroU32::new(number).unwrap());
    store.notifications.list_suppressions(number, limit).await.expect("suppressions are listed")
}

fn shown(list: &[Suppression]) -> Vec<(String, &str)> {
    list.iter().map(|one| (one.address.to_string(), one.reason.as_str())).collect()
}

pub async fn suppressions_are_listed_by_channel_and_address(store: &Store) {
    assert_eq!(page(store, 1, 10).await, (Vec::new(), 0));
    suppress(store, &a_phone_number("+4989123456"), "21610: später?").await;
    suppress(store, &an_email_address("B@x.example"), "gone").await;
    suppress(store, &an_email_address("a@x.example"), "full").await;
    let expected = [
        ("a@x.example".to_owned(), "full"),
        ("b@x.example".to_owned(), "gone"),
        ("+4989123456".to_owned(), "21610: später?"),
    ];
    let (all, total) = page(store, 1, 10).await;
    assert_eq!((shown(&all).as_slice(), total), (&expected[..], 3));
    let (second, total) = page(store, 2, 2).await;
    assert_eq!((shown(&second).as_slice(), total), (&expected[2..], 3));
    assert_eq!(page(store, 3, 2).await, (Vec::new(), 3));
    assert_eq!(page(store, u32::MAX, 100).await, (Vec::new(), 3));
}

pub async fn a_lifted_suppression_no_longer_applies(store: &Store) {
    let address = an_email_address("a@x.example");
    suppress(store, &address, "gone").await;
    suppress(store, &an_email_address("b@x.example"), "gone").await;
    assert!(lift(store, &an_email_address("A@X.example")).await);
    let found = store.outbox.find_suppression(&address.clone().into()).await;
    assert_eq!(found.expect("suppressions are looked for"), None);
    assert_eq!(page(store, 1, 10).await.1, 1, "the other one remains");
    assert!(!lift(store, &address).await);
    suppress(store, &address, "gone again").await;
    assert_eq!(page(store, 1, 10).await.0[0].reason, "gone again");
}

pub async fn an_address_without_suppression_cannot_be_lifted(store: &Store) {
    suppress(store, &a_phone_number("+4989123456"), "21610").await;
    assert!(!lift(store, &a_phone_number("+4989123457")).await);
    assert!(!lift(store, &an_email_address("a@x.example")).await);
}
