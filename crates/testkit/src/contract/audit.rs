//! Tests of [`AuditRepository`](engage_repository::AuditRepository) and
//! [`AuditedStore`](engage_repository::AuditedStore).

use std::num::NonZeroU32;

use engage_domain::webhook::{WebhookEndpoint, WebhookSecret};
use engage_domain::{Address, CaseId, Role, StaffMember, Timestamp};
use engage_repository::{
    AuditEntry, AuditFacts, AuditFilter, AuditHash, AuditHead, AuditRecord, AuditState,
    AuditValues, DeadFilter, Erasure, RepositoryError, RotatedAccess, SearchWords, StaffChange,
    StaffToken, TokenHash,
};

use super::delivery::{dead, enqueue};
use super::store::LONG;
use super::{Store, all_at_once};
use crate::builders::{
    a_fresh_id, a_staff_member, a_staff_token, an_endpoint, an_opened, minutes_later,
};

pub(super) fn an_act(action: &str) -> AuditRecord {
    AuditRecord {
        facts: AuditFacts {
            id: a_fresh_id(),
            at: minutes_later(1),
            actor_kind: "STAFF".to_owned(),
            actor_id: Some("ann".to_owned()),
            credential: Some("tok_1".to_owned()),
            request_id: Some("req/1".to_owned()),
            action: action.to_owned(),
            subject: Some("ben".to_owned()),
            owner: None,
            fields: vec!["name".to_owned(), "role".to_owned()],
            values_mac: None,
        },
        values: None,
    }
}

fn with_values(record: AuditRecord, case: Option<CaseId>) -> AuditRecord {
    let values = AuditValues { salt: [7; 32], json: r#"{"name":"Zoë 💻"}"#.to_owned(), case };
    let facts = AuditFacts { values_mac: Some(AuditHash([9; 32])), ..record.facts };
    AuditRecord { facts, values: Some(values) }
}

async fn append(store: &Store, record: &AuditRecord) {
    store.audit.append_audit(record).await.expect("an entry is recorded");
}

async fn seal(store: &Store) -> AuditHead {
    store.audit.seal_audit().await.expect("entries are sealed")
}

const MANY: NonZeroU32 = NonZeroU32::new(1000).unwrap();

/// Returns the whole log after sealing all entries, and checks the chain.
async fn entries(store: &Store) -> Vec<AuditEntry> {
    let head = seal(store).await;
    let state = store.audit.audit_state().await.expect("the state of the log is read");
    assert_eq!((state.head, state.unsealed_since), (head, None));
    let entries = store.audit.read_audit(0, MANY).await.expect("entries are read");
    let mut last = state.base;
    for entry in &entries {
        assert_eq!(entry.position, last.position + 1);
        assert_eq!(entry.hash, entry.facts.chained(last.hash, entry.position));
        last = AuditHead { position: entry.position, hash: entry.hash };
    }
    assert_eq!(last, head);
    entries
}

pub(super) async fn actions(store: &Store) -> Vec<String> {
    entries(store).await.into_iter().map(|entry| entry.facts.action).collect()
}

async fn list(store: &Store, filter: AuditFilter) -> Vec<String> {
    let found = store.audit.list_audit(&filter, None, MANY).await.expect("entries are listed");
    found.into_iter().map(|entry| entry.facts.action).collect()
}

pub async fn an_empty_log_ends_before_its_first_entry(store: &Store) {
    assert_eq!(seal(store).await, AuditHead::default());
    assert!(entries(store).await.is_empty());
}

pub async fn an_entry_reads_as_recorded(store: &Store) {
    let bare = AuditFacts {
        actor_id: None,
        credential: None,
        request_id: None,
        subject: None,
        owner: Some("ann".to_owned()),
        fields: Vec::new(),
        ..an_act("a.b").facts
    };
    let case = CaseId::from_u128(a_fresh_id());
    let records = [
        an_act("staff.changed"),
        with_values(an_act("staff.added"), None),
        with_values(an_act("case.redacted"), Some(case)),
        AuditRecord { facts: bare, values: None },
    ];
    for record in &records {
        append(store, record).await;
        seal(store).await;
    }
    let read = entries(store).await;
    let read: Vec<_> = read
        .into_iter()
        .map(|AuditEntry { facts, values, .. }| AuditRecord { facts, values })
        .collect();
    assert_eq!(read, records);
}

pub async fn an_entry_is_in_the_chain_or_known_to_wait(store: &Store) {
    let state = async || store.audit.audit_state().await.expect("the state of the log is read");
    append(store, &an_act("a.b")).await;
    let AuditState { head, unsealed_since, .. } = state().await;
    let is_sealed = head.position == 1;
    assert_ne!(unsealed_since.is_some(), is_sealed);
    append(store, &an_act("c.d")).await;
    // The first entry has been waiting for longer.
    assert_eq!(state().await.unsealed_since, unsealed_since);
    seal(store).await;
    assert_eq!(state().await.unsealed_since, None);
}

pub async fn concurrent_entries_form_one_chain(store: &Store) {
    let tasks = (0..40).map(|_| {
        let store = store.clone();
        async move {
            append(&store, &an_act("staff.added")).await;
            seal(&store).await;
        }
    });
    all_at_once(tasks).await;
    assert_eq!(entries(store).await.len(), 40);
}

pub async fn entries_are_filtered_and_listed_with_the_latest_first(store: &Store) {
    let named = |action: &str, actor: &str, subject: &str, minute: u64| {
        let mut record = an_act(action);
        record.facts.actor_id = Some(actor.to_owned());
        record.facts.subject = Some(subject.to_owned());
        record.facts.at = minutes_later(minute);
        record
    };
    let mut owned = named("token.created", "ann", "tok_9", 3);
    owned.facts.owner = Some("ben".to_owned());
    owned.facts.credential = Some("tok_2".to_owned());
    for record in [
        named("staff.added", "ann", "ben", 1),
        named("staff.changed", "ben", "ben", 2),
        owned,
        named("tokens_are.no_prefix", "cleo", "x", 4),
    ] {
        append(store, &record).await;
        seal(store).await;
    }
    let all = || AuditFilter::default();
    let text = |text: &str| Some(text.to_owned());
    let expected = ["tokens_are.no_prefix", "token.created", "staff.changed", "staff.added"];
    assert_eq!(list(store, all()).await, expected);
    for (filter, expected) in [
        (AuditFilter { actor: text("ann"), ..all() }, vec!["token.created", "staff.added"]),
        (AuditFilter { action: text("staff.added"), ..all() }, vec!["staff.added"]),
        (AuditFilter { action: text("token."), ..all() }, vec!["token.created"]),
        (AuditFilter { action: text("st%."), ..all() }, vec![]),
        (
            AuditFilter { subject: text("ben"), ..all() },
            vec!["token.created", "staff.changed", "staff.added"],
        ),
        (AuditFilter { credential: text("tok_2"), ..all() }, vec!["token.created"]),
        (
            AuditFilter { from: Some(minutes_later(2)), to: Some(minutes_later(4)), ..all() },
            vec!["token.created", "staff.changed"],
        ),
        (
            AuditFilter { actor: text("ben"), action: text("staff."), ..all() },
            vec!["staff.changed"],
        ),
    ] {
        assert_eq!(list(store, filter.clone()).await, expected, "{filter:?}");
    }
    let two = NonZeroU32::new(2).unwrap();
    let part = store.audit.list_audit(&all(), Some(4), two).await.unwrap();
    let positions: Vec<_> = part.iter().map(|entry| entry.position).collect();
    assert_eq!(positions, [3, 2]);
    let part = store.audit.read_audit(2, two).await.unwrap();
    let positions: Vec<_> = part.iter().map(|entry| entry.position).collect();
    assert_eq!(positions, [3, 4]);
}

pub async fn a_truncated_log_retains_its_end(store: &Store) {
    for minute in 1..=6 {
        let mut record = with_values(an_act("staff.added"), None);
        // The fourth entry has an early time, as if written by a server whose clock is slow.
        record.facts.at = if minute == 4 { minutes_later(1) } else { minutes_later(minute) };
        append(store, &record).await;
        seal(store).await;
    }
    let whole = entries(store).await;
    let cut = async |minute: u64, limit: u32| {
        let limit = NonZeroU32::new(limit).unwrap();
        store.audit.cut_audit(minutes_later(minute), limit).await.expect("entries are truncated")
    };
    assert_eq!(cut(1, 100).await, 0);
    assert_eq!(cut(3, 1).await, 1);
    assert_eq!(cut(3, 100).await, 1);
    assert_eq!(cut(3, 100).await, 0);
    assert_eq!(entries(store).await, whole[2..]);
    let base = store.audit.audit_state().await.unwrap().base;
    assert_eq!(base, AuditHead { position: 2, hash: whole[1].hash });
    // The last entry is retained so that the end of the chain is known.
    assert_eq!(cut(1000, 100).await, 3);
    assert_eq!(entries(store).await, whole[5..]);
    append(store, &an_act("staff.changed")).await;
    assert_eq!(entries(store).await.len(), 2);
}

pub async fn an_action_is_recorded_only_if_it_changes_something(store: &Store) {
    let (ann, ben) = (a_staff_member("ann"), a_staff_member("ben"));
    let staff = |action: &str| store.acts.staff(an_act(action));
    staff("add ann").add_staff(&ann).await.unwrap();
    let duplicate = staff("add ann again").add_staff(&ann).await;
    assert!(matches!(duplicate, Err(RepositoryError::Duplicate { .. })), "{duplicate:?}");
    let promoted = StaffMember { role: Role::Admin, ..ann.clone() };
    assert_eq!(staff("promote").change_staff(&ann, &promoted).await.unwrap(), StaffChange::Made);
    let stale = staff("promote again").change_staff(&ann, &promoted).await;
    assert!(matches!(stale, Err(RepositoryError::Conflict)), "{stale:?}");
    let last = staff("demote").change_staff(&promoted, &ann).await.unwrap();
    assert_eq!(last, StaffChange::LastAdmin);
    store.hire(&ben).await;

    let token = StaffToken { made_by: Some(ann.id.clone()), ..a_staff_token(&ben) };
    let tokens = |action: &str| store.acts.tokens(an_act(action));
    tokens("make").add_token(&token, &TokenHash([1; 32])).await.unwrap();
    let again = tokens("make again").add_token(&token, &TokenHash([1; 32])).await;
    assert!(again.is_err(), "{again:?}");
    let until = minutes_later(60);
    let hash = TokenHash([2; 32]);
    assert!(tokens("rotate").rotate_token(&ben.id, token.id, &hash, until).await.unwrap());
    assert!(
        !tokens("rotate another's").rotate_token(&ann.id, token.id, &hash, until).await.unwrap()
    );
    assert!(tokens("revoke").remove_token(&ben.id, token.id).await.unwrap());
    assert!(!tokens("revoke again").remove_token(&ben.id, token.id).await.unwrap());
    let none = tokens("revoke made").remove_tokens_made_by(&ben.id, &ann.id).await;
    assert_eq!(none.unwrap(), 0);

    let expected = ["add ann", "promote", "make", "rotate", "revoke"];
    assert_eq!(actions(store).await, expected);
}

pub async fn changes_of_endpoints_are_audited(store: &Store) {
    let endpoint = an_endpoint();
    let webhooks = |action: &str| store.acts.webhooks(an_act(action));
    webhooks("register").add_endpoint(&endpoint).await.unwrap();
    let again = webhooks("register again").add_endpoint(&endpoint).await;
    assert!(matches!(again, Err(RepositoryError::Duplicate { .. })), "{again:?}");
    assert!(webhooks("change").update_endpoint(&endpoint).await.unwrap());
    let secret = WebhookSecret::from_bytes([3; 32]);
    let after = WebhookEndpoint { secret, ..endpoint.clone() };
    assert!(webhooks("rotate").replace_secret(&endpoint.secret, &after).await.unwrap());
    assert!(!webhooks("rotate again").replace_secret(&endpoint.secret, &after).await.unwrap());
    assert!(webhooks("remove").remove_endpoint(endpoint.id).await.unwrap());
    assert!(!webhooks("remove again").remove_endpoint(endpoint.id).await.unwrap());
    assert!(!webhooks("change removed").update_endpoint(&endpoint).await.unwrap());
    assert_eq!(actions(store).await, ["register", "change", "rotate", "remove"]);
}

pub async fn resending_notifications_is_audited(store: &Store) {
    let notifications = |action: &str| store.acts.notifications(an_act(action));
    enqueue(store, 1, &["a@x.example", "b@x.example"]).await;
    let messages = store.claim(10, LONG).await;
    assert!(!notifications("retry one under way").send_again(messages[0].id).await.unwrap());
    let since = Timestamp::from_millis(0);
    let filter = DeadFilter { since, channel: None, address: None, reason: None };
    assert_eq!(notifications("retry none").send_dead_again(&filter).await.unwrap(), 0);
    for message in &messages {
        assert!(store.complete(message, dead()).await);
    }
    assert!(notifications("retry one").send_again(messages[0].id).await.unwrap());
    assert_eq!(notifications("retry all").send_dead_again(&filter).await.unwrap(), 1);
    assert_eq!(actions(store).await, ["retry one", "retry all"]);
}

pub async fn lifting_a_suppression_is_audited(store: &Store) {
    let address = Address::Email("jane@customer.example".parse().unwrap());
    let outbox = |action: &str| store.acts.outbox(an_act(action));
    assert!(!outbox("lift nothing").lift_suppression(&address.clone().into()).await.unwrap());
    store.outbox.suppress(&address, "unsubscribed").await.unwrap();
    assert!(outbox("lift").lift_suppression(&address.clone().into()).await.unwrap());
    assert_eq!(actions(store).await, ["lift"]);
}

pub async fn revoking_proofs_is_audited(store: &Store) {
    let case = store.keep(an_opened(1)).await;
    let access = |action: &str| store.acts.access(an_act(action));
    let rotated = access("rotate").rotate_access(case.number(), None).await.unwrap();
    assert!(matches!(rotated, RotatedAccess::To(_)), "{rotated:?}");
    let unknown = an_opened(2).case;
    let rotated = access("rotate unknown").rotate_access(unknown.number(), None).await.unwrap();
    assert_eq!(rotated, RotatedAccess::NoSuchCase);
    assert_eq!(actions(store).await, ["rotate"]);
}

pub async fn erasing_a_case_erases_its_values_from_the_log(store: &Store) {
    let case = store.keep(an_opened(1)).await;
    let id = case.facts().id;
    let about = with_values(an_act("case.redacted"), Some(id));
    let other = with_values(an_act("case.redacted"), Some(CaseId::from_u128(a_fresh_id())));
    for record in [&about, &other, &with_values(an_act("staff.added"), None)] {
        append(store, record).await;
    }
    let erasure = Erasure {
        case: id,
        before: case.version().next(),
        snapshots: Vec::new(),
        words: SearchWords::of_case(&case, &[], usize::MAX),
    };
    store.acts.erasure(an_act("case.erased")).erase(erasure).await.unwrap();
    let entries = entries(store).await;
    let has_values: Vec<_> = entries
        .iter()
        .map(|entry| (entry.facts.values_mac.is_some(), entry.values.is_some()))
        .collect();
    // The chain covers the values that are left and marks those that were erased.
    let mut expected = vec![(true, false), (true, true), (true, true), (false, false)];
    let mut found = has_values;
    expected.sort_unstable();
    found.sort_unstable();
    assert_eq!(found, expected);
    let erased = entries.iter().find(|entry| entry.facts.id == about.facts.id).unwrap();
    assert_eq!(erased.values, None);
}
