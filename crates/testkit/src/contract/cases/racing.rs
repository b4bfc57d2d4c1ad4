//! Tests of `commit` with many concurrent callers, and with a caller that is cancelled.

use std::time::Duration;

use engage_domain::{Decision, Status, Visibility};
use engage_repository::{ChangeSet, RepositoryError, UniqueConstraint};

use crate::builders::{
    a_case_number, a_change_set, a_message, a_staff_member, an_opened, by, in_status,
    minutes_later, written,
};
use crate::contract::{Store, all_at_once};

async fn commit_at_once(
    store: &Store,
    change_sets: impl IntoIterator<Item = ChangeSet>,
) -> Vec<(ChangeSet, Result<(), RepositoryError>)> {
    all_at_once(change_sets.into_iter().map(|change_set| {
        let cases = store.cases.clone();
        async move { (change_set.clone(), cases.commit(change_set).await) }
    }))
    .await
}

fn mailing(decision: Decision, to: &str) -> ChangeSet {
    a_change_set(decision, vec![a_message(to)])
}

pub async fn exactly_one_of_many_changes_of_one_version_succeeds(store: &Store) {
    let agent = a_staff_member("agent");
    store.hire(&agent).await;
    let case = store.keep(an_opened(1)).await;
    let rivals = (0..50).map(|rival| {
        let text = format!("Word of rival {rival}");
        let actor = by(&agent);
        let decision = written(&case, &text, Visibility::Public, actor, minutes_later(1));
        mailing(decision, &format!("rival-{rival}@x.example"))
    });
    let (won, lost): (Vec<_>, Vec<_>) =
        commit_at_once(store, rivals).await.into_iter().partition(|(_, outcome)| outcome.is_ok());

    assert_eq!(won.len(), 1);
    for (_, outcome) in lost {
        assert!(matches!(outcome, Err(RepositoryError::Conflict)), "{outcome:?}");
    }
    let (winner, _) = &won[0];
    let details = store.details(case.number()).await;
    assert_eq!(details.case, winner.case);
    assert_eq!(details.updates.entries, winner.event.updates);
    assert_eq!(store.claimed_addresses().await, [winner.messages[0].address.to_string()]);
}

pub async fn concurrent_changes_of_different_cases_all_succeed(store: &Store) {
    let mut cases = Vec::new();
    for sequence in 1..=20 {
        cases.push(store.keep(an_opened(sequence)).await);
    }
    for (minute, status) in [(1, Status::InProgress), (2, Status::OnHold), (3, Status::Resolved)] {
        let changes = cases
            .iter()
            .map(|case| a_change_set(in_status(case, status, minutes_later(minute)), vec![]));
        for (_, outcome) in commit_at_once(store, changes.collect::<Vec<_>>()).await {
            outcome.expect("changes of different cases do not race");
        }
        for case in &mut cases {
            *case = store.case(case.number()).await;
            assert_eq!(case.status(), status);
        }
    }
}

pub async fn a_hundred_cases_opened_concurrently_are_all_stored(store: &Store) {
    let openings =
        (1..=100).map(|sequence| mailing(an_opened(sequence), &format!("{sequence}@x.example")));
    let outcomes = commit_at_once(store, openings).await;
    for (opening, outcome) in outcomes {
        outcome.expect("a new case is stored");
        assert_eq!(store.case(opening.case.number()).await, opening.case);
    }
    assert_eq!(store.claimed_addresses().await.len(), 100);
}

pub async fn exactly_one_of_many_cases_opened_under_one_number_is_stored(store: &Store) {
    let openings = (0..20).map(|_| a_change_set(an_opened(1), Vec::new()));
    let (won, lost): (Vec<_>, Vec<_>) =
        commit_at_once(store, openings).await.into_iter().partition(|(_, outcome)| outcome.is_ok());
    assert_eq!(won.len(), 1);
    for (_, outcome) in lost {
        let taken = matches!(
            outcome,
            Err(RepositoryError::Duplicate { constraint: UniqueConstraint::CaseNumber })
        );
        assert!(taken, "{outcome:?}");
    }
    assert_eq!(store.case(&a_case_number(1)).await, won[0].0.case);
}

pub async fn a_bad_commit_in_a_burst_fails_alone(store: &Store) {
    let taken = store.keep(an_opened(1)).await;
    let stale_case = store.keep(an_opened(2)).await;
    store.keep(in_status(&stale_case, Status::OnHold, minutes_later(1))).await;
    let stale = in_status(&stale_case, Status::Resolved, minutes_later(2));

    let mut burst: Vec<_> = (3..=40)
        .map(|sequence| mailing(an_opened(sequence), &format!("{sequence}@x.example")))
        .collect();
    burst.insert(10, mailing(an_opened(1), "duplicate@x.example"));
    burst.insert(20, mailing(stale, "stale@x.example"));
    for (change_set, outcome) in commit_at_once(store, burst).await {
        match change_set.case.number().sequence() {
            1 => assert!(matches!(outcome, Err(RepositoryError::Duplicate { .. })), "{outcome:?}"),
            2 => assert!(matches!(outcome, Err(RepositoryError::Conflict)), "{outcome:?}"),
            _ => {
                outcome.expect("a valid change set is stored");
                assert_eq!(store.case(change_set.case.number()).await, change_set.case);
            }
        }
    }
    assert_eq!(store.case(taken.number()).await, taken);
    let addresses = store.claimed_addresses().await;
    assert_eq!(addresses.len(), 38);
    assert!(addresses.iter().all(|to| !to.starts_with(['d', 's'])), "{addresses:?}");
}

pub async fn an_event_committed_concurrently_is_stored_once(store: &Store) {
    let opening = an_opened(1);
    let case = opening.case.clone();
    let opening = mailing(opening, "opened@x.example");
    for (_, outcome) in commit_at_once(store, vec![opening; 15]).await {
        outcome.expect("the opening is stored by one of them");
    }
    let change = in_status(&case, Status::OnHold, minutes_later(1));
    let change = mailing(change, "changed@x.example");
    for (_, outcome) in commit_at_once(store, vec![change.clone(); 15]).await {
        outcome.expect("the change is stored by one of them");
    }
    let details = store.details(case.number()).await;
    assert_eq!(details.case, change.case);
    assert_eq!(details.updates.entries, change.event.updates);
    assert_eq!(store.claimed_addresses().await, ["changed@x.example", "opened@x.example"]);
}

pub async fn a_commit_is_atomic_when_its_caller_is_cancelled(store: &Store) {
    let agent = a_staff_member("agent");
    store.hire(&agent).await;
    let mut case = store.keep(an_opened(1)).await;
    let mut addresses = Vec::new();
    for patience in 0..60_u64 {
        let at = minutes_later(patience + 1);
        let decision = written(&case, "A word", Visibility::Public, by(&agent), at);
        let to = format!("{patience:02}@x.example");
        let change_set = mailing(decision, &to);
        addresses.push(to);
        let before = case;
        case = change_set.case.clone();

        let patience = Duration::from_micros(patience * 50);
        let impatient = tokio::time::timeout(patience, store.cases.commit(change_set.clone()));
        let _ = impatient.await;
        let now = store.details(before.number()).await;
        let writes = usize::try_from(now.case.version().get()).unwrap() - 1;
        assert!(now.case == before || now.case == case);
        assert_eq!(
            now.updates.entries.len(),
            writes,
            "the case and its updates are stored together"
        );
        // Committing again settles the outcome.
        store.cases.commit(change_set).await.expect("the change is stored, then or now");
        assert_eq!(store.case(case.number()).await, case);
    }
    assert_eq!(store.details(case.number()).await.updates.entries.len(), 60);
    assert_eq!(store.claimed_addresses().await, addresses);
}
