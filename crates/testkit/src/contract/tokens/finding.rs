use engage_domain::staff::ServiceScope;
use engage_repository::{RepositoryError, StaffToken, TokenHash, UniqueConstraint};

use super::{a_child, a_staff_token, add, find, list, owner, remove};
use crate::builders::{
    a_machine, a_staff_member, a_staff_member_with_everything, minutes_later, monday,
};
use crate::contract::Store;

pub async fn each_token_has_its_owner(store: &Store) {
    let (ann, ben) = (a_staff_member("ann"), a_staff_member_with_everything("ben"));
    for member in [&ann, &ben] {
        store.hire(member).await;
    }
    add(store, &a_staff_token(&ann), 1).await;
    add(store, &a_staff_token(&ben), 2).await;
    let name = Some("Ben's laptop 💻".parse().unwrap());
    add(store, &StaffToken { name, ..a_staff_token(&ben) }, 255).await;
    for (hash, expected) in [(1, ann), (2, ben.clone()), (255, ben)] {
        assert_eq!(owner(store, hash, minutes_later(1)).await, Some(expected));
    }
}

pub async fn an_unknown_token_has_no_owner(store: &Store) {
    let ann = a_staff_member("ann");
    store.hire(&ann).await;
    add(store, &a_staff_token(&ann), 1).await;
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
    add(store, &StaffToken { expires_at: Some(expires_at), ..a_staff_token(&ann) }, 1).await;
    let a_moment = std::time::Duration::from_millis(1);
    assert_eq!(owner(store, 1, expires_at.minus(a_moment)).await, Some(ann));
    assert_eq!(owner(store, 1, expires_at).await, None);
    assert_eq!(owner(store, 1, expires_at.plus(a_moment)).await, None);
}

pub async fn a_token_without_expiry_stays_valid(store: &Store) {
    let ann = a_staff_member("ann");
    store.hire(&ann).await;
    add(store, &a_staff_token(&ann), 1).await;
    let a_century_on = "2125-01-27T10:00:00Z".parse().unwrap();
    assert_eq!(owner(store, 1, a_century_on).await, Some(ann));
}

pub async fn all_tokens_of_a_former_member_are_void(store: &Store) {
    let (ann, ben) = (a_staff_member("ann"), a_staff_member("ben"));
    for member in [&ann, &ben] {
        store.hire(member).await;
    }
    add(store, &a_staff_token(&ann), 1).await;
    let expires_at = Some(minutes_later(60));
    add(store, &StaffToken { expires_at, ..a_staff_token(&ann) }, 2).await;
    add(store, &a_staff_token(&ben), 3).await;
    store.dismiss(&ann, minutes_later(1)).await;
    assert_eq!(owner(store, 1, minutes_later(2)).await, None);
    assert_eq!(owner(store, 2, minutes_later(2)).await, None);
    assert_eq!(owner(store, 3, minutes_later(2)).await, Some(ben));
}

pub async fn the_tokens_of_a_machine_are_valid_until_it_leaves(store: &Store) {
    let machine = a_machine("gateway", &[ServiceScope::CasesRead]);
    store.hire(&machine).await;
    add(store, &a_staff_token(&machine), 1).await;
    assert_eq!(owner(store, 1, minutes_later(1)).await.as_ref(), Some(&machine));
    let gone = store.dismiss(&machine, minutes_later(1)).await;
    assert_eq!(owner(store, 1, minutes_later(2)).await, None);
    // Created while the machine was leaving.
    add(store, &a_staff_token(&machine), 2).await;
    assert_eq!(owner(store, 2, minutes_later(2)).await, None);
    store.staff.change_staff(&gone, &machine).await.unwrap();
    add(store, &a_staff_token(&machine), 3).await;
    assert_eq!(owner(store, 3, minutes_later(3)).await, Some(machine));
}

pub async fn a_member_who_comes_back_has_no_tokens(store: &Store) {
    let (ann, ben) = (a_staff_member("ann"), a_staff_member("ben"));
    for member in [&ann, &ben] {
        store.hire(member).await;
    }
    add(store, &a_staff_token(&ann), 1).await;
    add(store, &a_staff_token(&ben), 2).await;
    let gone = store.dismiss(&ann, minutes_later(1)).await;
    // Created while the member was leaving.
    add(store, &a_staff_token(&ann), 3).await;
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
    add(store, &a_staff_token(&ann), 1).await;
    for other in [a_staff_token(&ann), a_staff_token(&ben)] {
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
    let plain = a_staff_token(&ann);
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
    add(store, &a_staff_token(&ben), 1).await;
    let mut expected = Vec::new();
    for (hash, minute) in [(2, 5), (3, 3), (4, 3), (5, 0)] {
        let created_at = minutes_later(minute);
        // The second one has expired by now.
        let expires_at = (hash == 3).then(|| minutes_later(4));
        let token = StaffToken { created_at, expires_at, ..a_staff_token(&ann) };
        add(store, &token, hash).await;
        expected.push(token);
    }
    expected.sort_by_key(|token| (token.created_at, token.id));
    assert_eq!(list(store, &ann).await, expected);
    assert!(list(store, &a_staff_member("nobody")).await.is_empty());
}

pub async fn the_latest_use_of_a_token_is_recorded(store: &Store) {
    let ann = a_staff_member("ann");
    store.hire(&ann).await;
    let (used, unused) = (a_staff_token(&ann), a_staff_token(&ann));
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
    let token = a_staff_token(&ann);
    add(store, &token, 1).await;
    assert!(remove(store, &ann, token.id).await);
    store.tokens.note_token_use(token.id, minutes_later(1)).await.unwrap();
    assert!(list(store, &ann).await.is_empty());
}
