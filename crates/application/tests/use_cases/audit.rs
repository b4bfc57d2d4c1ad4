//! Recording of audit entries and verification of the log.

use std::num::NonZeroU32;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use engage_application::{
    Act, AuditAction, AuditFault, AuditLog, AuditReport, Initiator, ManageStaff, MemberChange,
    TrackNotifications,
};
use engage_domain::{Address, Channel, Role, Timestamp};
use engage_repository::{
    AuditActor, AuditEntry, AuditHash, AuditHead, AuditRecord, AuditState, AuditValues, DeadFilter,
    MockAuditRepository, MockNotificationRepository, MockOutboxRepository, MockStaffRepository,
    NotificationRepository, OutboxRepository, StaffChange,
};
use engage_testkit::builders::{a_staff_member, minutes_later};
use serde_json::{Value, json};

use crate::acts::{Acts, Records, a_recorder};
use crate::setup::a_clock_at;

fn jane_from_somewhere() -> Initiator {
    Initiator {
        actor: AuditActor::Staff("jane".to_owned()),
        credential: None,
        address: Some("203.0.113.9".parse().unwrap()),
        request_id: Some("req-1".to_owned()),
    }
}

fn record(act: Act) -> AuditRecord {
    a_recorder(a_clock_at(5)).record(&jane_from_somewhere(), act)
}

fn values(record: &AuditRecord) -> Value {
    serde_json::from_str(&record.values.as_ref().unwrap().json).unwrap()
}

#[test]
fn values_and_addresses_are_stored_separately_from_ids_and_names() {
    let ann = a_staff_member("ann");
    let act = Act::new(AuditAction::TokenCreated).to("tok_1").of(&ann.id).set("name", "Laptop");
    let record = record(act.touched("secret"));
    let facts = &record.facts;
    assert_eq!((facts.actor_kind.as_str(), facts.actor_id.as_deref()), ("STAFF", Some("jane")));
    assert_eq!((facts.at, facts.request_id.as_deref()), (minutes_later(5), Some("req-1")));
    assert_eq!((facts.subject.as_deref(), facts.owner.as_deref()), (Some("tok_1"), Some("ann")));
    assert_eq!(
        (facts.action.as_str(), facts.fields.join(" ")),
        ("token.created", "name secret".to_owned())
    );
    assert_eq!(values(&record), json!({"name": "Laptop", "address": "203.0.113.9"}));
    let written = format!("{facts:?}");
    for value in ["Laptop", "203.0.113.9"] {
        assert!(!written.contains(value), "{value} in {written}");
    }
}

#[test]
fn only_changed_fields_are_recorded_with_old_and_new_value() {
    let act = Act::new(AuditAction::StaffChanged).changed("role", "AGENT", "ADMIN");
    let record = record(act.changed("name", "Ann", "Ann"));
    assert_eq!(record.facts.fields, ["role"]);
    assert_eq!(values(&record)["role"], json!({"from": "AGENT", "to": "ADMIN"}));
}

#[test]
fn action_names_are_unique() {
    let mut names: Vec<_> = AuditAction::ALL.iter().map(|action| action.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), AuditAction::ALL.len());
}

#[tokio::test]
async fn a_member_change_is_committed_with_its_audit_entry() {
    let mut staff = MockStaffRepository::new();
    staff.expect_find_staff().returning(|_| Ok(Some(a_staff_member("ann"))));
    staff.expect_change_staff().once().returning(|_, _| Ok(StaffChange::Made));
    let staff = Arc::new(staff);
    let records = Records::default();
    let acts =
        Acts { staff: Some(staff.clone()), records: Arc::clone(&records), ..Acts::default() };
    let manage = ManageStaff::new(staff, Arc::new(acts), a_clock_at(5), a_recorder(a_clock_at(5)));
    let change = MemberChange { role: Some(Role::Admin), ..MemberChange::default() };
    let id = a_staff_member("ann").id;
    manage.change(&id, &change, &jane_from_somewhere()).await.unwrap();
    let records = records.lock().unwrap();
    let [record] = &records[..] else { panic!("{records:?}") };
    assert_eq!(
        (record.facts.action.as_str(), record.facts.subject.as_deref()),
        ("staff.changed", Some("ann"))
    );
    assert_eq!(record.facts.fields, ["role"]);
}

fn tracking(acts: Acts) -> TrackNotifications {
    let notifications = Arc::new(MockNotificationRepository::new());
    let outbox = Arc::new(MockOutboxRepository::new());
    TrackNotifications::new(notifications, outbox, Arc::new(acts), a_recorder(a_clock_at(5)))
}

#[tokio::test]
async fn customer_addresses_are_masked() {
    for (address, shown) in [
        ("jane.doe@customer.example", "j…@customer.example"),
        ("o'brien+x@desk.example", "o…@desk.example"),
        ("+15550100123", "…23"),
    ] {
        let channel = if address.starts_with('+') { Channel::Sms } else { Channel::Email };
        let recipient = Address::parse(channel, address).unwrap();
        let mut outbox = MockOutboxRepository::new();
        outbox.expect_lift_suppression().once().returning(|_| Ok(true));
        let records = Records::default();
        let outbox: Arc<dyn OutboxRepository> = Arc::new(outbox);
        let acts = Acts { outbox: Some(outbox), records: Arc::clone(&records), ..Acts::default() };
        tracking(acts).lift_suppression(&recipient, &jane_from_somewhere()).await.unwrap();
        let records = records.lock().unwrap();
        let [record] = &records[..] else { panic!("{records:?}") };
        assert_eq!(record.facts.action, "suppression.lifted");
        assert_eq!(values(record)["recipient"], shown);
        assert!(!record.values.as_ref().unwrap().json.contains(address));
    }
}

#[tokio::test]
async fn a_bulk_retry_records_its_filter_without_the_text_of_the_reason() {
    let mut notifications = MockNotificationRepository::new();
    notifications.expect_send_dead_again().once().returning(|_| Ok(2));
    let records = Records::default();
    let notifications: Arc<dyn NotificationRepository> = Arc::new(notifications);
    let acts = Acts {
        notifications: Some(notifications),
        records: Arc::clone(&records),
        ..Acts::default()
    };
    let filter = DeadFilter {
        since: minutes_later(1),
        channel: Some(Channel::Email),
        address: None,
        reason: Some("no user jane@customer.example".to_owned()),
    };
    let retried = tracking(acts).retry_all(&filter, &jane_from_somewhere()).await.unwrap();
    assert_eq!(retried, 2);
    let records = records.lock().unwrap();
    let [record] = &records[..] else { panic!("{records:?}") };
    assert_eq!(record.facts.action, "notification.bulk_retried");
    assert_eq!(record.facts.fields, ["since", "channel", "reason"]);
    assert_eq!(values(record)["channel"], "EMAIL");
    assert!(!record.values.as_ref().unwrap().json.contains("jane"));
}

/// Builds a log of the given length. The second entry has values.
fn a_chain(length: u64) -> Vec<AuditEntry> {
    let recorder = a_recorder(a_clock_at(5));
    let mut last = AuditHead::default();
    let mut chain = Vec::new();
    for position in 1..=length {
        let act = Act::new(AuditAction::StaffAdded).to(position);
        let by = if position == 2 { jane_from_somewhere() } else { Initiator::system() };
        let AuditRecord { facts, values } = recorder.record(&by, act);
        let hash = facts.chained(last.hash, position);
        chain.push(AuditEntry { position, hash, facts, values });
        last = AuditHead { position, hash };
    }
    chain
}

fn head(chain: &[AuditEntry], position: usize) -> AuditHead {
    let entry = &chain[position - 1];
    AuditHead { position: entry.position, hash: entry.hash }
}

async fn verify(
    chain: Vec<AuditEntry>,
    base: AuditHead,
    noted: Option<AuditHead>,
    unsealed_since: Option<Timestamp>,
) -> AuditReport {
    let mut entries = MockAuditRepository::new();
    let state = AuditState { base, head: base, unsealed_since };
    entries.expect_audit_state().returning(move || Ok(state));
    let chain = Mutex::new(chain);
    entries.expect_read_audit().returning(move |after: u64, _: NonZeroU32| {
        let chain = chain.lock().unwrap();
        Ok(chain.iter().filter(|entry| entry.position > after).cloned().collect())
    });
    let log = AuditLog::new(Arc::new(entries), a_recorder(a_clock_at(5)), a_clock_at(5));
    log.verify(noted).await.unwrap()
}

async fn fault(chain: Vec<AuditEntry>, noted: Option<AuditHead>) -> Option<AuditFault> {
    verify(chain, AuditHead::default(), noted, None).await.fault
}

#[tokio::test]
async fn an_intact_log_passes_verification_even_after_retention_and_erasure() {
    let chain = a_chain(4);
    let report = verify(chain.clone(), AuditHead::default(), None, None).await;
    let expected = AuditReport { head: head(&chain, 4), entries: 4, erased: 0, fault: None };
    assert_eq!(report, expected);
    let report = verify(chain[2..].to_vec(), head(&chain, 2), Some(head(&chain, 2)), None).await;
    assert_eq!((report.entries, report.fault), (2, None));
    let mut erased = chain.clone();
    erased[1].values = None;
    let report = verify(erased, AuditHead::default(), Some(head(&chain, 4)), None).await;
    assert_eq!((report.erased, report.fault), (1, None));
}

#[tokio::test]
async fn changed_missing_and_inserted_entries_are_detected() {
    let chain = a_chain(5);
    let mut changed = chain.clone();
    changed[2].facts.subject = Some("another".to_owned());
    assert_eq!(fault(changed, None).await, Some(AuditFault::Changed { position: 3 }));

    // A recomputed hash breaks the link of the next entry.
    let mut forged = chain.clone();
    forged[2].facts.subject = Some("another".to_owned());
    forged[2].hash = forged[2].facts.chained(forged[1].hash, 3);
    assert_eq!(fault(forged, None).await, Some(AuditFault::Changed { position: 4 }));

    let mut without = chain.clone();
    without.remove(2);
    assert_eq!(fault(without, None).await, Some(AuditFault::Missing { position: 3 }));
    assert_eq!(fault(chain[1..].to_vec(), None).await, Some(AuditFault::Missing { position: 1 }));

    // An inserted entry whose hash matches its predecessor.
    let mut inserted = chain.clone();
    let mut another = chain[1].clone();
    another.facts.id += 1;
    another.position = 3;
    another.hash = another.facts.chained(chain[1].hash, 3);
    inserted.insert(2, another);
    for (index, entry) in inserted.iter_mut().enumerate() {
        entry.position = index as u64 + 1;
    }
    assert_eq!(fault(inserted, None).await, Some(AuditFault::Changed { position: 4 }));

    let mut swapped = chain.clone();
    swapped.swap(2, 3);
    (swapped[2].position, swapped[3].position) = (3, 4);
    assert_eq!(fault(swapped, None).await, Some(AuditFault::Changed { position: 3 }));

    // Values added to an entry that had none.
    let mut added_values = chain.clone();
    added_values[3].values = chain[1].values.clone();
    assert_eq!(fault(added_values, None).await, Some(AuditFault::ValuesChanged { position: 4 }));

    let mut other_values = chain.clone();
    let salt = other_values[1].values.as_ref().unwrap().salt;
    let json = json!({"address": "198.51.100.1"}).to_string();
    other_values[1].values = Some(AuditValues { salt, json, case: None });
    assert_eq!(fault(other_values, None).await, Some(AuditFault::ValuesChanged { position: 2 }));
}

#[tokio::test]
async fn a_head_noted_elsewhere_reveals_truncation_and_rewriting() {
    let chain = a_chain(5);
    assert_eq!(fault(chain.clone(), Some(head(&chain, 3))).await, None);
    let cut_off = AuditFault::CutOff { position: 5, end: 3 };
    assert_eq!(fault(chain[..3].to_vec(), Some(head(&chain, 5))).await, Some(cut_off));
    // A head before the start of the chain cannot be verified.
    let report = verify(chain[3..].to_vec(), head(&chain, 3), Some(head(&chain, 2)), None).await;
    assert_eq!(report.fault, Some(AuditFault::NotedCutOff { position: 2, base: 3 }));
    // The whole chain was rewritten.
    let other = AuditHead { position: 3, hash: AuditHash([1; 32]) };
    let expected = Some(AuditFault::OtherHead { position: 3 });
    assert_eq!(fault(chain.clone(), Some(other)).await, expected);
    let before_the_first = AuditHead { position: 0, hash: AuditHash([1; 32]) };
    let expected = Some(AuditFault::OtherHead { position: 0 });
    assert_eq!(fault(chain, Some(before_the_first)).await, expected);
}

#[tokio::test]
async fn entries_unsealed_for_more_than_a_minute_are_reported() {
    let now = minutes_later(5);
    for (seconds, is_reported) in [(30, false), (60, false), (61, true)] {
        let since = now.minus(Duration::from_secs(seconds));
        let report = verify(a_chain(2), AuditHead::default(), None, Some(since)).await;
        let expected = is_reported.then_some(AuditFault::Unsealed { since });
        assert_eq!(report.fault, expected, "{seconds}");
    }
}
