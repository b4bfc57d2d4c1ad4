//! Tests of `find_case`.

use engage_domain::Visibility;
use engage_repository::StoredCase;

use crate::builders::{
    a_case_number, a_new_case, a_staff_member, a_staff_member_with_everything, an_opened, assigned,
    by, minutes_later, monday, opened, written,
};
use crate::contract::Store;

pub async fn an_unknown_number_finds_no_case(store: &Store) {
    store.keep(an_opened(1)).await;
    for absent in ["CW-2025-002", "CW-2024-001", "AB-2025-001", "CW-2025-1001"] {
        assert_eq!(store.find(&absent.parse().unwrap()).await, None, "{absent}");
    }
}

pub async fn a_case_reads_as_last_committed(store: &Store) {
    let agent = a_staff_member("agent");
    store.hire(&agent).await;
    let mut case = store.keep(an_opened(1)).await;
    assert_eq!(store.find(case.number()).await, Some(StoredCase::new(case.clone(), None)));
    for minute in 1..=5 {
        let visibility = if minute % 2 == 0 { Visibility::Public } else { Visibility::Internal };
        let at = minutes_later(minute);
        case = store.keep(written(&case, "A word", visibility, by(&agent), at)).await;
        assert_eq!(store.case(case.number()).await, case);
    }
}

pub async fn numbers_that_differ_in_one_part_name_different_cases(store: &Store) {
    let numbers = ["CW-2025-001", "AB-2025-001", "CW-2026-001", "CW-2025-1001"];
    let mut kept = Vec::new();
    for number in numbers {
        kept.push(store.keep(opened(a_new_case(), number.parse().unwrap(), monday())).await);
    }
    for case in kept {
        assert_eq!(store.case(case.number()).await, case);
    }
}

pub async fn a_case_comes_with_its_assignee(store: &Store) {
    for member in [a_staff_member("plain"), a_staff_member_with_everything("complete")] {
        store.hire(&member).await;
    }
    let number = a_case_number(1);
    let case = store.keep(an_opened(1)).await;
    let first = a_staff_member("plain");
    let case = store.keep(assigned(&case, Some(&first), by(&first), minutes_later(1))).await;
    assert_eq!(store.find(&number).await, Some(StoredCase::new(case.clone(), Some(first.clone()))));
    let second = a_staff_member_with_everything("complete");
    let case = store.keep(assigned(&case, Some(&second), by(&first), minutes_later(2))).await;
    assert_eq!(store.find(&number).await, Some(StoredCase::new(case.clone(), Some(second))));
    let case = store.keep(assigned(&case, None, by(&first), minutes_later(3))).await;
    assert_eq!(store.find(&number).await, Some(StoredCase::new(case, None)));
}

pub async fn a_case_comes_with_an_assignee_who_has_left(store: &Store) {
    let agent = a_staff_member("agent");
    store.hire(&agent).await;
    let case = store.keep(an_opened(1)).await;
    let case = store.keep(assigned(&case, Some(&agent), by(&agent), minutes_later(1))).await;
    let gone = store.dismiss(&agent, minutes_later(2)).await;
    let found = store.find(case.number()).await.unwrap();
    assert_eq!(found.case, case);
    assert_eq!(found.assignee, Some(gone));
}
