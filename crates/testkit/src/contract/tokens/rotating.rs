use engage_repository::{FoundToken, RepositoryError, StaffToken, TokenHash, UniqueConstraint};

use super::{a_staff_token, add, find, find_any, list, owner, remove, rotate};
use crate::builders::{a_staff_member, minutes_later, monday};
use crate::contract::Store;

pub async fn a_rotated_token_is_found_by_both_secrets_until_the_old_one_expires(store: &Store) {
    let ann = a_staff_member("ann");
    store.hire(&ann).await;
    let token = a_staff_token(&ann);
    add(store, &token, 1).await;
    let until = minutes_later(60);
    assert!(rotate(store, &token, 2, until).await);
    let found = FoundToken { token: token.clone(), owner: ann.clone(), superseded_until: None };
    assert_eq!(find_any(store, 2, minutes_later(59)).await, Some(found.clone()));
    let old = FoundToken { superseded_until: Some(until), ..found };
    assert_eq!(find_any(store, 1, minutes_later(59)).await, Some(old));
    assert_eq!(find_any(store, 1, until).await, None);
    assert!(find_any(store, 2, until).await.is_some());
    // The secret before the last one is void at once.
    assert!(rotate(store, &token, 3, minutes_later(90)).await);
    assert_eq!(find_any(store, 1, minutes_later(1)).await, None);
    assert!(find_any(store, 2, minutes_later(89)).await.is_some());
    assert_eq!(list(store, &ann).await, [token]);
}

pub async fn an_expired_or_removed_token_is_found_by_no_secret(store: &Store) {
    let ann = a_staff_member("ann");
    store.hire(&ann).await;
    let expires_at = Some(minutes_later(30));
    let (short, gone) = (StaffToken { expires_at, ..a_staff_token(&ann) }, a_staff_token(&ann));
    for (token, hash) in [(&short, 1), (&gone, 3)] {
        add(store, token, hash).await;
        assert!(rotate(store, token, hash + 1, minutes_later(60)).await);
    }
    for hash in [1, 2] {
        assert!(find_any(store, hash, minutes_later(29)).await.is_some());
        assert_eq!(find_any(store, hash, minutes_later(30)).await, None);
    }
    assert!(remove(store, &ann, gone.id).await);
    for hash in [3, 4] {
        assert_eq!(find_any(store, hash, monday()).await, None);
    }
}

pub async fn a_token_is_only_rotated_for_its_owner(store: &Store) {
    let (ann, ben) = (a_staff_member("ann"), a_staff_member("ben"));
    for member in [&ann, &ben] {
        store.hire(member).await;
    }
    let token = a_staff_token(&ann);
    add(store, &token, 1).await;
    add(store, &a_staff_token(&ben), 2).await;
    let until = minutes_later(60);
    let (bens, unknown) =
        (StaffToken { staff_id: ben.id.clone(), ..token.clone() }, a_staff_token(&ann));
    for other in [bens, unknown] {
        assert!(!rotate(store, &other, 3, until).await);
    }
    assert_eq!(find(store, 3, monday()).await, None);
    assert!(find(store, 1, minutes_later(61)).await.is_some());
    let outcome = store.tokens.rotate_token(&ann.id, token.id, &TokenHash([2; 32]), until).await;
    assert!(
        matches!(outcome, Err(RepositoryError::Duplicate { constraint: UniqueConstraint::Token })),
        "{outcome:?}"
    );
    assert_eq!(owner(store, 2, monday()).await, Some(ben));
}
