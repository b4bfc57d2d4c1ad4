use engage_domain::{StaffMember, TokenId};
use engage_repository::{RepositoryError, StaffToken, TokenHash};

use super::{a_child, a_staff_token, add, find, list, list_removed, owner, remove};
use crate::builders::{a_fresh_id, a_staff_member, minutes_later, monday};
use crate::contract::{Store, all_at_once};

pub async fn a_removed_token_is_void_at_once(store: &Store) {
    let ann = a_staff_member("ann");
    store.hire(&ann).await;
    let (first, second) = (a_staff_token(&ann), a_staff_token(&ann));
    add(store, &first, 1).await;
    add(store, &second, 2).await;
    assert!(remove(store, &ann, first.id).await);
    assert_eq!(find(store, 1, monday()).await, None);
    assert_eq!(owner(store, 2, monday()).await.as_ref(), Some(&ann));
    assert_eq!(list(store, &ann).await, [second]);
    assert!(!remove(store, &ann, first.id).await);
}

pub async fn a_token_is_only_removed_for_its_owner(store: &Store) {
    let (ann, ben) = (a_staff_member("ann"), a_staff_member("ben"));
    for member in [&ann, &ben] {
        store.hire(member).await;
    }
    let token = a_staff_token(&ann);
    add(store, &token, 1).await;
    assert!(!remove(store, &ben, token.id).await);
    assert!(!remove(store, &a_staff_member("nobody"), token.id).await);
    assert!(!remove(store, &ann, TokenId::from_u128(a_fresh_id())).await);
    assert_eq!(owner(store, 1, monday()).await, Some(ann));
}

pub async fn a_token_is_revoked_together_with_its_parent(store: &Store) {
    let (ann, ben) = (a_staff_member("ann"), a_staff_member("ben"));
    for member in [&ann, &ben] {
        store.hire(member).await;
    }
    let (parent, other) = (a_staff_token(&ann), a_staff_token(&ann));
    let child = a_child(&parent, &ann);
    let (grandchild, sibling) = (a_child(&child, &ann), a_child(&parent, &ann));
    for (hash, token) in [&parent, &child, &grandchild, &sibling, &other].into_iter().enumerate() {
        add(store, token, u8::try_from(hash).unwrap()).await;
    }
    add(store, &a_staff_token(&ben), 10).await;
    assert!(remove(store, &ann, child.id).await);
    for (hash, is_valid) in [(0, true), (1, false), (2, false), (3, true), (4, true), (10, true)] {
        assert_eq!(find(store, hash, monday()).await.is_some(), is_valid, "{hash}");
    }
    assert!(remove(store, &ann, parent.id).await);
    for (hash, is_valid) in [(0, false), (3, false), (4, true), (10, true)] {
        assert_eq!(find(store, hash, monday()).await.is_some(), is_valid, "{hash}");
    }
    assert_eq!(list(store, &ann).await, [other]);
}

pub async fn a_revoked_token_cannot_create_another(store: &Store) {
    let ann = a_staff_member("ann");
    store.hire(&ann).await;
    let parent = a_staff_token(&ann);
    let never = store.tokens.add_token(&a_child(&parent, &ann), &TokenHash([1; 32])).await;
    assert!(matches!(never, Err(RepositoryError::Conflict)), "{never:?}");
    add(store, &parent, 2).await;
    assert!(remove(store, &ann, parent.id).await);
    let gone = store.tokens.add_token(&a_child(&parent, &ann), &TokenHash([3; 32])).await;
    assert!(matches!(gone, Err(RepositoryError::Conflict)), "{gone:?}");
    assert!(list(store, &ann).await.is_empty());
}

pub async fn no_token_outlives_a_parent_revoked_during_its_creation(store: &Store) {
    let ann = a_staff_member("ann");
    store.hire(&ann).await;
    let parent = a_staff_token(&ann);
    add(store, &parent, 255).await;
    let tasks = (0..24_u8).map(|place| {
        let (store, ann, parent) = (store.clone(), ann.clone(), parent.clone());
        async move {
            if place == 12 {
                assert!(remove(&store, &ann, parent.id).await);
                return;
            }
            let child = a_child(&parent, &ann);
            match store.tokens.add_token(&child, &TokenHash([place; 32])).await {
                Ok(()) | Err(RepositoryError::Conflict) => {}
                Err(error) => panic!("{error}"),
            }
        }
    });
    all_at_once(tasks).await;
    assert!(list(store, &ann).await.is_empty());
}

pub async fn tokens_are_removed_by_their_creator(store: &Store) {
    let (ann, ben) = (a_staff_member("ann"), a_staff_member("ben"));
    for member in [&ann, &ben] {
        store.hire(member).await;
    }
    let made_by = |maker: &StaffMember, owner: &StaffMember| StaffToken {
        made_by: Some(maker.id.clone()),
        ..a_staff_token(owner)
    };
    let (root, of_ben) = (a_staff_token(&ann), made_by(&ben, &ann));
    let child_of_that = a_child(&of_ben, &ann);
    for (hash, token) in [
        (1, &root),
        (2, &of_ben),
        (3, &child_of_that),
        (4, &made_by(&ann, &ann)),
        (5, &made_by(&ben, &ben)),
    ] {
        add(store, token, hash).await;
    }
    let removed = async |owner: &StaffMember, maker: &str| {
        let maker = a_staff_member(maker).id;
        store.tokens.remove_tokens_made_by(&owner.id, &maker).await.expect("tokens are removed")
    };
    assert_eq!(removed(&ann, "nobody").await, 0);
    assert_eq!(removed(&ann, "ben").await, 2);
    for (hash, is_valid) in [(1, true), (2, false), (3, false), (4, true), (5, true)] {
        assert_eq!(find(store, hash, monday()).await.is_some(), is_valid, "{hash}");
    }
    assert_eq!(removed(&ann, "ben").await, 0);
}

pub async fn removed_tokens_are_listed_with_the_latest_first(store: &Store) {
    let (ann, ben) = (a_staff_member("ann"), a_staff_member("ben"));
    for member in [&ann, &ben] {
        store.hire(member).await;
    }
    let name = Some("laptop".parse().unwrap());
    let parent = StaffToken { name, expires_at: Some(minutes_later(60)), ..a_staff_token(&ann) };
    let (child, last) = (a_child(&parent, &ann), a_staff_token(&ann));
    for (hash, token) in [(1, &parent), (2, &child), (3, &last), (4, &a_staff_token(&ben))] {
        add(store, token, hash).await;
    }
    assert!(list_removed(store, &ann, 10).await.is_empty());
    assert!(remove(store, &ann, parent.id).await);
    let removed = list_removed(store, &ann, 10).await;
    let mut tokens: Vec<_> = removed.into_iter().map(|removed| removed.token).collect();
    tokens.sort_by_key(|token| token.parent);
    assert_eq!(tokens, [parent, child]);
    // The tokens of a former member are listed too.
    store.dismiss(&ann, minutes_later(1)).await;
    let removed = list_removed(store, &ann, 10).await;
    assert_eq!((&removed[0].token, removed.len()), (&last, 3));
    assert!(removed[0].removed_at >= removed[1].removed_at);
    assert_eq!(list_removed(store, &ann, 1).await, removed[..1]);
    assert!(list_removed(store, &ben, 10).await.is_empty());
}
