//! [`TokenRepository`](engage_repository::TokenRepository).

use engage_domain::{StaffMember, Timestamp, TokenId};
use engage_repository::{RepositoryError, StaffToken, TokenHash};

use super::Store;
use crate::builders::{
    a_fresh_id, a_staff_member, a_staff_member_with_everything, minutes_later, monday,
};

fn a_token(owner: &StaffMember, hash: u8) -> StaffToken {
    StaffToken {
        id: TokenId::from_u128(a_fresh_id()),
        staff_id: owner.id.clone(),
        name: None,
        hash: TokenHash([hash; 32]),
        created_at: monday(),
        expires_at: None,
    }
}

async fn add(store: &Store, token: &StaffToken) {
    store.tokens.add_token(token).await.expect("a token is added");
}

async fn owner(store: &Store, hash: u8, now: Timestamp) -> Option<StaffMember> {
    store.tokens.find_token_owner(&TokenHash([hash; 32]), now).await.expect("an owner is read")
}

pub async fn each_token_has_its_owner(store: &Store) {
    let (ann, ben) = (a_staff_member("ann"), a_staff_member_with_everything("ben"));
    for member in [&ann, &ben] {
        store.hire(member).await;
    }
    add(store, &a_token(&ann, 1)).await;
    add(store, &a_token(&ben, 2)).await;
    let named =
        StaffToken { name: Some("Ben's laptop 💻".parse().unwrap()), ..a_token(&ben, 255) };
    add(store, &named).await;
    for (hash, expected) in [(1, ann), (2, ben.clone()), (255, ben)] {
        assert_eq!(owner(store, hash, minutes_later(1)).await, Some(expected));
    }
}

pub async fn an_unknown_token_has_no_owner(store: &Store) {
    let ann = a_staff_member("ann");
    store.hire(&ann).await;
    add(store, &a_token(&ann, 1)).await;
    assert_eq!(owner(store, 2, monday()).await, None);
    let mut nearly = [1; 32];
    nearly[31] = 2;
    let found = store.tokens.find_token_owner(&TokenHash(nearly), monday()).await.unwrap();
    assert_eq!(found, None);
}

pub async fn a_token_is_void_from_its_expiry_on(store: &Store) {
    let ann = a_staff_member("ann");
    store.hire(&ann).await;
    let expires_at = minutes_later(60);
    add(store, &StaffToken { expires_at: Some(expires_at), ..a_token(&ann, 1) }).await;
    let a_moment = std::time::Duration::from_millis(1);
    assert_eq!(owner(store, 1, expires_at.minus(a_moment)).await, Some(ann));
    assert_eq!(owner(store, 1, expires_at).await, None);
    assert_eq!(owner(store, 1, expires_at.plus(a_moment)).await, None);
}

pub async fn a_token_without_expiry_stays_valid(store: &Store) {
    let ann = a_staff_member("ann");
    store.hire(&ann).await;
    add(store, &a_token(&ann, 1)).await;
    let a_century_on = "2125-01-27T10:00:00Z".parse().unwrap();
    assert_eq!(owner(store, 1, a_century_on).await, Some(ann));
}

pub async fn all_tokens_of_a_member_who_left_are_void(store: &Store) {
    let (ann, ben) = (a_staff_member("ann"), a_staff_member("ben"));
    for member in [&ann, &ben] {
        store.hire(member).await;
    }
    add(store, &a_token(&ann, 1)).await;
    let expires_at = Some(minutes_later(60));
    add(store, &StaffToken { expires_at, ..a_token(&ann, 2) }).await;
    add(store, &a_token(&ben, 3)).await;
    store.dismiss(&ann, minutes_later(1)).await;
    assert_eq!(owner(store, 1, minutes_later(2)).await, None);
    assert_eq!(owner(store, 2, minutes_later(2)).await, None);
    assert_eq!(owner(store, 3, minutes_later(2)).await, Some(ben));
}

pub async fn a_member_who_came_back_has_no_tokens(store: &Store) {
    let (ann, ben) = (a_staff_member("ann"), a_staff_member("ben"));
    for member in [&ann, &ben] {
        store.hire(member).await;
    }
    add(store, &a_token(&ann, 1)).await;
    add(store, &a_token(&ben, 2)).await;
    let gone = store.dismiss(&ann, minutes_later(1)).await;
    // Made while the member was leaving.
    add(store, &a_token(&ann, 3)).await;
    store.staff.change_staff(&gone, &ann).await.unwrap();
    for hash in [1, 3] {
        assert_eq!(owner(store, hash, minutes_later(2)).await, None, "{hash}");
    }
    assert_eq!(owner(store, 2, minutes_later(2)).await, Some(ben));
}

pub async fn a_hash_is_known_once(store: &Store) {
    let (ann, ben) = (a_staff_member("ann"), a_staff_member("ben"));
    for member in [&ann, &ben] {
        store.hire(member).await;
    }
    add(store, &a_token(&ann, 1)).await;
    for other in [a_token(&ann, 1), a_token(&ben, 1)] {
        let outcome = store.tokens.add_token(&other).await;
        let taken = matches!(outcome, Err(RepositoryError::Duplicate { key: "token" }));
        assert!(taken, "{outcome:?}");
    }
    assert_eq!(owner(store, 1, minutes_later(1)).await, Some(ann));
}
