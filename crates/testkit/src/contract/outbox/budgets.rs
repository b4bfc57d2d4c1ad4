use std::num::NonZeroU32;
use std::time::Duration;

use engage_domain::notify::NotificationStatus;
use engage_domain::{Actor, CaseNumber, Channel};
use engage_repository::{Admission, Budget, ClaimOutcome, ClaimToken, ClaimedMessage, Share};

use crate::builders::{
    a_message, a_phone_number, a_staff_member, an_email_address, an_opened, assigned, minutes_later,
};
use crate::contract::delivery::{SHORT, announce, claim_when_due, enqueue, retry};
use crate::contract::store::LONG;
use crate::contract::{Store, all_at_once};

const JOHN: &str = "john@example.com";

fn budget(name: u8, most: u32) -> Budget {
    Budget { key: [name; 32], most, within: Duration::from_hours(1), share: None }
}

/// Builds a budget shared by several users.
fn shared(most: u32, by: u8) -> Budget {
    let share = Share { had: [by; 32], refused: [by + 100; 32], refused_in_all: [99; 32] };
    Budget { share: Some(share), ..budget(1, most) }
}

fn held_back(after: Duration) -> ClaimOutcome {
    ClaimOutcome::HeldBack { after, reason: "the limit is reached".to_owned() }
}

async fn admit(store: &Store, message: &ClaimedMessage, budgets: &[Budget]) -> Admission {
    let admitted = store.outbox.admit(message.id, budgets.to_vec()).await;
    admitted.expect("budgets are checked")
}

/// Checks whether a notification about a new case is admitted.
async fn may_go(store: &Store, sequence: u64, budgets: &[Budget]) -> bool {
    let message = begin(store, sequence, JOHN).await;
    admit(store, &message, budgets).await == Admission::Granted
}

/// Starts to deliver a notification about a new case.
async fn begin(store: &Store, sequence: u64, to: &str) -> ClaimedMessage {
    enqueue(store, sequence, &[to]).await;
    store.claim_one(LONG).await
}

/// Holds back a notification about a new case.
async fn hold_back(store: &Store, sequence: u64, to: &str) -> ClaimedMessage {
    let message = begin(store, sequence, to).await;
    assert!(store.complete(&message, held_back(LONG)).await);
    message
}

async fn gather(store: &Store, message: &ClaimedMessage) -> Vec<u64> {
    let gathered = store.outbox.gather(message.id, message.claim).await;
    gathered.expect("cases are gathered").iter().map(CaseNumber::sequence).collect()
}

async fn counts(store: &Store) -> Vec<(Channel, u64)> {
    store.outbox.count_held_back().await.expect("notifications are counted")
}

pub async fn a_budget_admits_as_many_as_it_allows(store: &Store) {
    let two = [budget(1, 2)];
    assert!(may_go(store, 1, &two).await && may_go(store, 2, &two).await);
    let third = begin(store, 3, JOHN).await;
    let Admission::Exhausted { free_in } = admit(store, &third, &two).await else {
        panic!("the budget is used up");
    };
    assert!(free_in > Duration::from_mins(58) && free_in <= LONG, "{free_in:?}");
    assert_eq!(admit(store, &third, &[budget(1, 3)]).await, Admission::Granted);
}

pub async fn budgets_are_independent(store: &Store) {
    assert!(may_go(store, 1, &[budget(1, 1)]).await);
    assert!(may_go(store, 2, &[budget(2, 1)]).await);
    assert!(!may_go(store, 3, &[budget(1, 1)]).await);
}

pub async fn uses_of_a_budget_are_pruned_only_once_they_are_old(store: &Store) {
    let one = [budget(1, 1)];
    assert!(may_go(store, 1, &one).await);
    let prune = async |before: &str| {
        let limit = NonZeroU32::new(10).unwrap();
        let before = before.parse().expect("a time");
        store.retention.prune_budget_uses(before, limit).await.expect("uses are pruned")
    };
    assert_eq!(prune("2020-01-01T00:00:00Z").await, 0);
    assert!(!may_go(store, 2, &one).await, "it still counts");
    assert_eq!(prune("2999-01-01T00:00:00Z").await, 1);
    assert!(may_go(store, 3, &one).await);
}

pub async fn uses_of_budgets_are_pruned_in_batches(store: &Store) {
    let message = begin(store, 1, JOHN).await;
    let budgets: Vec<_> = (1..=5).map(|name| budget(name, 1)).collect();
    assert_eq!(admit(store, &message, &budgets).await, Admission::Granted);
    let later = "2999-01-01T00:00:00Z".parse().expect("a time");
    for pruned in [2, 2, 1, 0] {
        let limit = NonZeroU32::new(2).unwrap();
        assert_eq!(store.retention.prune_budget_uses(later, limit).await.unwrap(), pruned);
    }
}

pub async fn a_notification_counts_against_all_budgets_or_none(store: &Store) {
    assert!(may_go(store, 1, &[budget(1, 1)]).await);
    assert!(!may_go(store, 2, &[budget(2, 1), budget(1, 1)]).await);
    assert!(may_go(store, 3, &[budget(2, 1)]).await, "nothing was counted");
    assert!(!may_go(store, 4, &[budget(2, 1)]).await);
}

pub async fn a_single_user_gets_all_of_a_shared_budget(store: &Store) {
    for sequence in 1..=4 {
        assert!(may_go(store, sequence, &[shared(4, 10)]).await, "{sequence}");
    }
    assert!(!may_go(store, 5, &[shared(4, 10)]).await);
    // A refusal does not reduce one's own share.
    assert!(may_go(store, 6, &[shared(5, 10)]).await);
}

pub async fn after_a_refusal_those_who_used_less_of_a_budget_come_first(store: &Store) {
    let (greedy, late) = (10, 20);
    for sequence in 1..=4 {
        assert!(may_go(store, sequence, &[shared(4, greedy)]).await);
    }
    assert!(!may_go(store, 5, &[shared(4, greedy)]).await);
    assert!(!may_go(store, 6, &[shared(4, late)]).await);
    // One use is free again, and the first to request it is the one that had all of them.
    assert!(!may_go(store, 7, &[shared(5, greedy)]).await);
    assert!(may_go(store, 8, &[shared(5, late)]).await);
    // The uses of the late one now count too.
    assert!(!may_go(store, 9, &[shared(6, greedy)]).await);
    assert!(!may_go(store, 10, &[shared(6, late)]).await);
    assert!(may_go(store, 11, &[shared(7, late)]).await);
    // A new user has used nothing.
    assert!(may_go(store, 12, &[shared(7, 30)]).await);
}

pub async fn a_refusal_by_one_budget_uses_nothing_of_another(store: &Store) {
    assert!(may_go(store, 1, &[budget(2, 1)]).await);
    assert!(!may_go(store, 2, &[shared(2, 10), budget(2, 1)]).await);
    assert!(may_go(store, 3, &[shared(2, 20)]).await, "the shared budget refused no one");
    assert!(may_go(store, 4, &[shared(2, 20)]).await);
}

pub async fn concurrent_requests_never_exceed_the_budget(store: &Store) {
    let addresses: Vec<_> = (0..20).map(|n| format!("a{n}@x.example")).collect();
    enqueue(store, 1, &addresses.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let asked = store.claim(20, LONG).await.into_iter().map(|message| {
        let store = store.clone();
        async move { admit(&store, &message, &[budget(1, 7)]).await }
    });
    let admitted = all_at_once(asked.collect::<Vec<_>>()).await;
    assert_eq!(admitted.iter().filter(|one| **one == Admission::Granted).count(), 7);
}

pub async fn a_notification_is_admitted_once(store: &Store) {
    let message = begin(store, 1, JOHN).await;
    assert!(!message.is_admitted);
    assert_eq!(admit(store, &message, &[budget(1, 1)]).await, Admission::Granted);
    assert!(store.complete(&message, retry(SHORT)).await);
    assert!(claim_when_due(store, LONG).await.is_admitted);
}

pub async fn a_held_back_notification_waits_without_using_an_attempt(store: &Store) {
    let message = begin(store, 1, JOHN).await;
    assert!(!message.is_held_back);
    assert!(store.complete(&message, held_back(SHORT)).await);
    let again = claim_when_due(store, LONG).await;
    assert_eq!((again.id, again.attempt), (message.id, 1));
    assert!(again.is_held_back && !again.is_admitted);
    assert_eq!(store.attempts(message.id).await, [], "nothing was attempted");
}

pub async fn held_back_notifications_are_counted_until_they_are_sent(store: &Store) {
    assert_eq!(counts(store).await, []);
    hold_back(store, 1, "jane@example.com").await;
    assert_eq!(counts(store).await, [(Channel::Email, 1)]);
    let second = begin(store, 2, JOHN).await;
    assert!(store.complete(&second, held_back(SHORT)).await);
    assert_eq!(counts(store).await, [(Channel::Email, 2)]);
    let again = claim_when_due(store, LONG).await;
    assert_eq!(admit(store, &again, &[budget(1, 1)]).await, Admission::Granted);
    assert!(store.complete(&again, ClaimOutcome::Sent).await);
    assert_eq!(counts(store).await, [(Channel::Email, 1)]);
}

pub async fn a_notification_gathers_all_that_were_held_back_for_its_address(store: &Store) {
    let mut gathered = Vec::new();
    for sequence in [12, 2, 7] {
        gathered.push(hold_back(store, sequence, "John@Example.com").await.id);
    }
    let other = hold_back(store, 3, "jane@example.com").await;
    let message = begin(store, 9, JOHN).await;
    assert_eq!(gather(store, &message).await, [2, 7, 12]);
    for id in gathered {
        let told = store.notification(id).await;
        assert_eq!(told.status, NotificationStatus::Cancelled);
        assert_eq!(told.last_error, Some(format!("told of in {}", message.id)));
    }
    assert_eq!(store.notification(other.id).await.status, NotificationStatus::Pending);
    assert_eq!(counts(store).await, [(Channel::Email, 1)]);
    assert!(store.complete(&message, retry(SHORT)).await);
    let again = claim_when_due(store, LONG).await;
    let told: Vec<_> = again.gathered.iter().map(CaseNumber::sequence).collect();
    assert_eq!((again.id, told), (message.id, vec![2, 7, 12]), "on each attempt");
}

pub async fn a_notification_does_not_gather_its_own_case(store: &Store) {
    let opening = an_opened(1);
    let case = announce(store, opening, vec![a_message(JOHN)]).await;
    let first = store.claim_one(LONG).await;
    assert!(store.complete(&first, held_back(LONG)).await);
    let member = a_staff_member("staff-123");
    store.hire(&member).await;
    let change = assigned(&case, Some(&member), Actor::System, minutes_later(1));
    announce(store, change, vec![a_message(JOHN)]).await;
    let second = store.claim_one(LONG).await;
    assert_eq!(gather(store, &second).await, [0; 0]);
    assert_eq!(store.notification(first.id).await.status, NotificationStatus::Cancelled);
}

pub async fn a_notification_in_flight_is_not_gathered(store: &Store) {
    let held = begin(store, 1, JOHN).await;
    assert!(store.complete(&held, held_back(SHORT)).await);
    let held = claim_when_due(store, LONG).await;
    let message = begin(store, 2, JOHN).await;
    assert_eq!(gather(store, &message).await, [0; 0]);
    assert_eq!(store.notification(held.id).await.status, NotificationStatus::InFlight);
}

pub async fn only_the_holder_of_a_claim_gathers(store: &Store) {
    let held = hold_back(store, 1, JOHN).await;
    let message = begin(store, 2, JOHN).await;
    let forged = ClaimedMessage { claim: ClaimToken(message.claim.0 + 1), ..message.clone() };
    assert_eq!(gather(store, &forged).await, [0; 0]);
    assert!(store.complete(&message, ClaimOutcome::Sent).await);
    assert_eq!(gather(store, &message).await, [0; 0]);
    assert_eq!(store.notification(held.id).await.status, NotificationStatus::Pending);
}

pub async fn a_held_back_notification_does_not_block_later_ones(store: &Store) {
    let case = announce(store, an_opened(1), vec![a_message(JOHN)]).await;
    let first = store.claim_one(LONG).await;
    assert!(first.is_caused_by_customer);
    assert!(store.complete(&first, held_back(LONG)).await);
    let member = a_staff_member("staff-123");
    store.hire(&member).await;
    let change = assigned(&case, Some(&member), Actor::System, minutes_later(1));
    announce(store, change, vec![a_message(JOHN)]).await;
    let second = store.claim_one(LONG).await;
    assert!(!second.is_caused_by_customer);
}

async fn suppression(store: &Store, address: &str) -> Option<String> {
    let found = store.outbox.find_suppression(&an_email_address(address).into()).await;
    found.expect("suppressions are looked for")
}

pub async fn an_address_is_suppressed_for_the_first_reason_ignoring_case(store: &Store) {
    assert_eq!(suppression(store, JOHN).await, None);
    for reason in ["21610: opted out — später?", "second"] {
        let address = an_email_address("John@Example.COM");
        store.outbox.suppress(&address, reason).await.expect("an address is suppressed");
    }
    let expected = Some("21610: opted out — später?".to_owned());
    assert_eq!(suppression(store, "JOHN@example.com").await, expected);
}

pub async fn other_addresses_are_not_suppressed(store: &Store) {
    let number = a_phone_number("+4989123456");
    store.outbox.suppress(&number, "gone").await.expect("an address is suppressed");
    let jane = an_email_address("jane@example.com");
    store.outbox.suppress(&jane, "gone").await.expect("an address is suppressed");
    assert_eq!(suppression(store, JOHN).await, None);
}
