//! Tests of [`TokenRepository`](engage_repository::TokenRepository).

use std::num::NonZeroU32;

use engage_domain::{Role, StaffMember, Timestamp, TokenId};
use engage_repository::{
    FoundToken, RemovedToken, RepositoryError, StaffToken, TokenHash, UniqueConstraint,
};

use super::{Store, all_at_once};
use crate::builders::{
    a_fresh_id, a_staff_member, a_staff_member_with_everything, minutes_later, monday,
};

fn a_token(owner: &StaffMember) -> StaffToken {
    StaffToken {
        id: TokenId::from_u128(a_fresh_id()),
        staff_id: owner.id.clone(),
        name: None,
        created_at: monday(),
        expires_at: None,
        last_used_at: None,
        role_ceiling: None,
        parent: None,
        made_by: None,
    }
}

async fn add(store: &Store, token: &StaffToken, hash: u8) {
    let added = store.tokens.add_token(token, &TokenHash([hash; 32])).await;
    added.expect("a token is added");
}

async fn find_any(store: &Store, hash: u8, now: Timestamp) -> Option<FoundToken> {
    store.tokens.find_token(&TokenHash([hash; 32]), now).await.expect("a token is read")
}

async fn find(store: &Store, hash: u8, now: Timestamp) -> Option<(StaffToken, StaffMember)> {
    find_any(store, hash, now).await.map(|found| (found.token, found.owner))
}

async fn list_removed(store: &Store, owner: &StaffMember, limit: u32) -> Vec<RemovedToken> {
    let limit = NonZeroU32::new(limit).unwrap();
    store.tokens.list_removed_tokens(&owner.id, limit).await.expect("tokens are listed")
}

async fn rotate(store: &Store, token: &StaffToken, hash: u8, until: Timestamp) -> bool {
    let hash = TokenHash([hash; 32]);
    let rotated = store.tokens.rotate_token(&token.staff_id, token.id, &hash, until).await;
    rotated.expect("a token is rotated")
}

fn a_child(parent: &StaffToken, owner: &StaffMember) -> StaffToken {
    let role_ceiling = Some(Role::Agent);
    StaffToken {
        role_ceiling,
        parent: Some(parent.id),
        made_by: Some(owner.id.clone()),
        ..a_token(owner)
    }
}

async fn owner(store: &Store, hash: u8, now: Timestamp) -> Option<StaffMember> {
    find(store, hash, now).await.map(|(_, owner)| owner)
}

async fn list(store: &Store, owner: &StaffMember) -> Vec<StaffToken> {
    store.tokens.list_tokens(&owner.id).await.expect("tokens are listed")
}

async fn remove(store: &Store, owner: &StaffMember, id: TokenId) -> bool {
    store.tokens.remove_token(&owner.id, id).await.expect("a token is removed")
}

pub async fn each_token_has_its_owner(store: &Store) {
    let (ann, ben) = (a_staff_member("ann"), a_staff_member_with_everything("ben"));
    for member in [&ann, &ben] {
        store.hire(member).await;
    }
    add(store, &a_token(&ann), 1).await;
    add(store, &a_token(&ben), 2).await;
    let name = Some("Ben's laptop 💻".parse().unwrap());
    add(store, &StaffToken { name, ..a_token(&ben) }, 255).await;
    for (hash, expected) in [(1, ann), (2, ben.clone()), (255, ben)] {
        assert_eq!(owner(store, hash, minutes_later(1)).await, Some(expected));
    }
}

pub async fn an_unknown_token_has_no_owner(store: &Store) {
    let ann = a_staff_member("ann");
    store.hire(&ann).await;
    add(store, &a_token(&ann), 1).await;
    assert_eq!(owner(store, 2, monday()).await, None);
    let mut nearly = [1; 32];
    nearly[31] = 2;
    let found = store.tokens.find_token(&TokenHash(nearly), monday()).await.unwrap();
    assert_eq!(found, None);
}

pub async fn a_token_is_void_once_it_expires(store: &Store) {
    let ann = a_staff_member("ann");
    store.hire(&ann).await;
    let expires_at = minutes_later(60);
    add(store, &StaffToken { expires_at: Some(expires_at), ..a_token(&ann) }, 1).await;
    let a_moment = std::time::Duration::from_millis(1);
    assert_eq!(owner(store, 1, expires_at.minus(a_moment)).await, Some(ann));
    assert_eq!(owner(store, 1, expires_at).await, None);
    assert_eq!(owner(store, 1, expires_at.plus(a_moment)).await, None);
}

pub async fn a_token_without_expiry_stays_valid(store: &Store) {
    let ann = a_staff_member("ann");
    store.hire(&ann).await;
    add(store, &a_token(&ann), 1).await;
    let a_century_on = "2125-01-27T10:00:00Z".parse().unwrap();
    assert_eq!(owner(store, 1, a_century_on).await, Some(ann));
}

pub async fn all_tokens_of_a_former_member_are_void(store: &Store) {
    let (ann, ben) = (a_staff_member("ann"), a_staff_member("ben"));
    for member in [&ann, &ben] {
        store.hire(member).await;
    }
    add(store, &a_token(&ann), 1).await;
    let expires_at = Some(minutes_later(60));
    add(store, &StaffToken { expires_at, ..a_token(&ann) }, 2).await;
    add(store, &a_token(&ben), 3).await;
    store.dismiss(&ann, minutes_later(1)).await;
    assert_eq!(owner(store, 1, minutes_later(2)).await, None);
    assert_eq!(owner(store, 2, minutes_later(2)).await, None);
    assert_eq!(owner(store, 3, minutes_later(2)).await, Some(ben));
}

pub async fn a_member_who_comes_back_has_no_tokens(store: &Store) {
    let (ann, ben) = (a_staff_member("ann"), a_staff_member("ben"));
    for member in [&ann, &ben] {
        store.hire(member).await;
    }
    add(store, &a_token(&ann), 1).await;
    add(store, &a_token(&ben), 2).await;
    let gone = store.dismiss(&ann, minutes_later(1)).await;
    // Created while the member was leaving.
    add(store, &a_token(&ann), 3).await;
    store.staff.change_staff(&gone, &ann).await.unwrap();
    for hash in [1, 3] {
        assert_eq!(owner(store, hash, minutes_later(2)).await, None, "{hash}");
    }
    assert_eq!(owner(store, 2, minutes_later(2)).await, Some(ben));
}

pub async fn a_token_hash_is_unique(store: &Store) {
    let (ann, ben) = (a_staff_member("ann"), a_staff_member("ben"));
    for member in [&ann, &ben] {
        store.hire(member).await;
    }
    add(store, &a_token(&ann), 1).await;
    for other in [a_token(&ann), a_token(&ben)] {
        let outcome = store.tokens.add_token(&other, &TokenHash([1; 32])).await;
        let taken = matches!(
            outcome,
            Err(RepositoryError::Duplicate { constraint: UniqueConstraint::Token })
        );
        assert!(taken, "{outcome:?}");
    }
    assert_eq!(owner(store, 1, minutes_later(1)).await, Some(ann));
}

pub async fn a_token_is_read_back(store: &Store) {
    let ann = a_staff_member("ann");
    store.hire(&ann).await;
    let plain = a_token(&ann);
    let complete = StaffToken {
        name: Some("Zoë's 'laptop' 💻".parse().unwrap()),
        created_at: minutes_later(1),
        expires_at: Some(minutes_later(60)),
        ..a_child(&plain, &ann)
    };
    for (hash, token) in [(1, plain), (2, complete)] {
        add(store, &token, hash).await;
        assert_eq!(find(store, hash, minutes_later(2)).await, Some((token, ann.clone())));
    }
}

pub async fn the_tokens_of_a_member_are_listed_with_the_oldest_first(store: &Store) {
    let (ann, ben) = (a_staff_member("ann"), a_staff_member("ben"));
    for member in [&ann, &ben] {
        store.hire(member).await;
    }
    add(store, &a_token(&ben), 1).await;
    let mut expected = Vec::new();
    for (hash, minute) in [(2, 5), (3, 3), (4, 3), (5, 0)] {
        let created_at = minutes_later(minute);
        // The second one has expired by now.
        let expires_at = (hash == 3).then(|| minutes_later(4));
        let token = StaffToken { created_at, expires_at, ..a_token(&ann) };
        add(store, &token, hash).await;
        expected.push(token);
    }
    expected.sort_by_key(|token| (token.created_at, token.id));
    assert_eq!(list(store, &ann).await, expected);
    assert!(list(store, &a_staff_member("nobody")).await.is_empty());
}

pub async fn a_removed_token_is_void_at_once(store: &Store) {
    let ann = a_staff_member("ann");
    store.hire(&ann).await;
    let (first, second) = (a_token(&ann), a_token(&ann));
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
    let token = a_token(&ann);
    add(store, &token, 1).await;
    assert!(!remove(store, &ben, token.id).await);
    assert!(!remove(store, &a_staff_member("nobody"), token.id).await);
    assert!(!remove(store, &ann, TokenId::from_u128(a_fresh_id())).await);
    assert_eq!(owner(store, 1, monday()).await, Some(ann));
}

pub async fn the_latest_use_of_a_token_is_recorded(store: &Store) {
    let ann = a_staff_member("ann");
    store.hire(&ann).await;
    let (used, unused) = (a_token(&ann), a_token(&ann));
    add(store, &used, 1).await;
    add(store, &unused, 2).await;
    for (minute, latest) in [(3, 3), (1, 3), (3, 3), (7, 7)] {
        store.tokens.note_token_use(used.id, minutes_later(minute)).await.unwrap();
        let (token, _) = find(store, 1, monday()).await.unwrap();
        assert_eq!(token.last_used_at, Some(minutes_later(latest)));
    }
    let listed: Vec<_> = list(store, &ann).await.iter().map(|token| token.last_used_at).collect();
    assert_eq!(listed, [Some(minutes_later(7)), None]);
}

pub async fn recording_the_use_of_a_removed_token_does_nothing(store: &Store) {
    let ann = a_staff_member("ann");
    store.hire(&ann).await;
    let token = a_token(&ann);
    add(store, &token, 1).await;
    assert!(remove(store, &ann, token.id).await);
    store.tokens.note_token_use(token.id, minutes_later(1)).await.unwrap();
    assert!(list(store, &ann).await.is_empty());
}

pub async fn a_token_is_revoked_together_with_its_parent(store: &Store) {
    let (ann, ben) = (a_staff_member("ann"), a_staff_member("ben"));
    for member in [&ann, &ben] {
        store.hire(member).await;
    }
    let (parent, other) = (a_token(&ann), a_token(&ann));
    let child = a_child(&parent, &ann);
    let (grandchild, sibling) = (a_child(&child, &ann), a_child(&parent, &ann));
    for (hash, token) in [&parent, &child, &grandchild, &sibling, &other].into_iter().enumerate() {
        add(store, token, u8::try_from(hash).unwrap()).await;
    }
    add(store, &a_token(&ben), 10).await;
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
    let parent = a_token(&ann);
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
    let parent = a_token(&ann);
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

pub async fn a_rotated_token_is_found_by_both_secrets_until_the_old_one_expires(store: &Store) {
    let ann = a_staff_member("ann");
    store.hire(&ann).await;
    let token = a_token(&ann);
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
    let (short, gone) = (StaffToken { expires_at, ..a_token(&ann) }, a_token(&ann));
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
    let token = a_token(&ann);
    add(store, &token, 1).await;
    add(store, &a_token(&ben), 2).await;
    let until = minutes_later(60);
    let (bens, unknown) = (StaffToken { staff_id: ben.id.clone(), ..token.clone() }, a_token(&ann));
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

pub async fn tokens_are_removed_by_their_creator(store: &Store) {
    let (ann, ben) = (a_staff_member("ann"), a_staff_member("ben"));
    for member in [&ann, &ben] {
        store.hire(member).await;
    }
    let made_by = |maker: &StaffMember, owner: &StaffMember| StaffToken {
        made_by: Some(maker.id.clone()),
        ..a_token(owner)
    };
    let (root, of_ben) = (a_token(&ann), made_by(&ben, &ann));
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
    let parent = StaffToken { name, expires_at: Some(minutes_later(60)), ..a_token(&ann) };
    let (child, last) = (a_child(&parent, &ann), a_token(&ann));
    for (hash, token) in [(1, &parent), (2, &child), (3, &last), (4, &a_token(&ben))] {
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
