//! Deletion of expired data.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use engage_application::{Attachments, Retention, RetentionWorker, SpaceFloor};
use engage_domain::AttachmentId;
use engage_repository::{
    ExpiredUpload, MockAttachmentStore, MockAuditRepository, MockRetentionRepository,
    MockSearchIndex, MockUploadRepository, RepositoryError,
};
use engage_testkit::SequentialIds;
use engage_testkit::builders::{a_fresh_id, minutes_later};
use mockall::predicate::{always, eq};
use tokio::sync::watch;

use crate::setup::{a_clock_at, no_connection};

const DAY: Duration = Duration::from_hours(24);
const MOST: NonZeroU32 = NonZeroU32::new(10).unwrap();

/// Attachments whose clock shows two days after the start and whose uploads expire after one day.
fn attachments(contents: MockAttachmentStore, uploads: MockUploadRepository) -> Attachments {
    Attachments {
        contents: Arc::new(contents),
        uploads: Arc::new(uploads),
        clock: a_clock_at(48 * 60),
        ids: Arc::new(SequentialIds::new()),
        lifetime: DAY,
        floor: SpaceFloor::default(),
    }
}

fn expired(is_taken: bool) -> ExpiredUpload {
    ExpiredUpload { id: AttachmentId::from_u128(a_fresh_id()), is_taken }
}

fn listing(expired: &[ExpiredUpload]) -> MockUploadRepository {
    let mut uploads = MockUploadRepository::new();
    let expired = expired.to_vec();
    uploads
        .expect_list_expired_uploads()
        .once()
        .with(eq(minutes_later(24 * 60)), eq(MOST))
        .returning(move |_, _| Ok(expired.clone()));
    uploads
}

#[tokio::test]
async fn the_content_of_unattached_uploads_is_deleted() {
    let all = [expired(false), expired(true), expired(false)];
    let mut contents = MockAttachmentStore::new();
    for upload in [all[0], all[2]] {
        contents.expect_delete().once().with(eq(upload.id)).returning(|_| Ok(()));
    }
    let mut uploads = listing(&all);
    let ids = all.map(|upload| upload.id);
    let removed = uploads.expect_remove_uploads().once();
    removed.withf(move |removed| removed == ids).returning(|_| Ok(()));
    assert_eq!(attachments(contents, uploads).sweep(MOST).await.unwrap(), 3);
}

#[tokio::test]
async fn only_uploads_whose_content_cannot_be_deleted_are_retained() {
    let all = [expired(false), expired(false), expired(false)];
    let mut contents = MockAttachmentStore::new();
    contents.expect_delete().once().with(eq(all[0].id)).returning(|_| Ok(()));
    contents.expect_delete().once().with(eq(all[1].id)).returning(|_| Err(no_connection()));
    contents.expect_delete().once().with(eq(all[2].id)).returning(|_| Ok(()));
    let mut uploads = listing(&all);
    let others = [all[0].id, all[2].id];
    let removed = uploads.expect_remove_uploads().once();
    removed.withf(move |removed| removed == others).returning(|_| Ok(()));
    let outcome = attachments(contents, uploads).sweep(MOST).await;
    assert!(matches!(outcome, Err(RepositoryError::Unavailable(_))), "{outcome:?}");
}

/// A worker without uploads that runs every hour and retains notifications for a day.
fn worker(records: MockRetentionRepository) -> RetentionWorker {
    let mut index = MockSearchIndex::new();
    index.expect_renew_words().returning(|_| Ok(0));
    worker_with_index(records, index)
}

fn worker_with_index(records: MockRetentionRepository, index: MockSearchIndex) -> RetentionWorker {
    let mut audit = MockAuditRepository::new();
    audit.expect_cut_audit().returning(|_, _| Ok(0));
    worker_with(records, index, audit)
}

fn worker_with(
    mut records: MockRetentionRepository,
    index: MockSearchIndex,
    audit: MockAuditRepository,
) -> RetentionWorker {
    records.expect_prune_responses().returning(|_, _| Ok(0));
    let prune = records.expect_prune_budget_uses();
    prune.with(eq(minutes_later(23 * 60)), always()).returning(|_, _| Ok(0));
    let mut uploads = MockUploadRepository::new();
    uploads.expect_list_expired_uploads().returning(|_, _| Ok(Vec::new()));
    uploads.expect_measure_attachments().returning(|_, _| Ok(None));
    let mut contents = MockAttachmentStore::new();
    contents.expect_space().returning(|| Ok(None));
    let attachments = attachments(contents, uploads);
    let retention = Retention { messages: DAY, audit: 2 * DAY, interval: Duration::from_hours(1) };
    RetentionWorker::new(
        attachments,
        Arc::new(records),
        Arc::new(index),
        Arc::new(audit),
        retention,
    )
}

#[tokio::test(start_paused = true)]
async fn old_notifications_are_deleted_in_batches() {
    let mut records = MockRetentionRepository::new();
    let left = Arc::new(AtomicU64::new(450));
    let stock = left.clone();
    let prune = records.expect_prune_messages();
    prune.times(4).with(eq(minutes_later(24 * 60)), always()).returning(move |_, limit| {
        let taken = stock.load(Ordering::SeqCst).min(limit.get().into());
        stock.fetch_sub(taken, Ordering::SeqCst);
        Ok(taken)
    });
    let (stop, stopped) = watch::channel(false);
    let running = tokio::spawn(worker(records).run(stopped));
    // Three batches in the first round, and one query in the second.
    tokio::time::sleep(Duration::from_mins(90)).await;
    assert_eq!(left.load(Ordering::SeqCst), 0);
    stop.send(true).unwrap();
    running.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn old_audit_entries_are_deleted_in_batches() {
    let mut records = MockRetentionRepository::new();
    records.expect_prune_messages().returning(|_, _| Ok(0));
    let mut index = MockSearchIndex::new();
    index.expect_renew_words().returning(|_| Ok(0));
    let mut audit = MockAuditRepository::new();
    let mut counts = vec![0, 7, 200];
    // Two batches in the first round, and one query in the second.
    let cut = audit.expect_cut_audit().times(3).with(eq(minutes_later(0)), always());
    cut.returning(move |_, _| Ok(counts.pop().unwrap()));
    let (stop, stopped) = watch::channel(false);
    let running = tokio::spawn(worker_with(records, index, audit).run(stopped));
    tokio::time::sleep(Duration::from_mins(90)).await;
    stop.send(true).unwrap();
    running.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_failed_deletion_is_repeated_in_the_next_round() {
    let mut records = MockRetentionRepository::new();
    let mut outcomes = vec![Ok(0), Err(no_connection())];
    records.expect_prune_messages().times(2).returning(move |_, _| outcomes.pop().unwrap());
    let (stop, stopped) = watch::channel(false);
    let running = tokio::spawn(worker(records).run(stopped));
    tokio::time::sleep(Duration::from_mins(90)).await;
    stop.send(true).unwrap();
    running.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn the_worker_stops_between_two_batches() {
    let mut records = MockRetentionRepository::new();
    let (stop, stopped) = watch::channel(false);
    records.expect_prune_messages().once().returning(move |_, limit| {
        stop.send(true).unwrap();
        Ok(limit.get().into())
    });
    worker(records).run(stopped).await;
}

#[tokio::test(start_paused = true)]
async fn outdated_search_words_are_rebuilt_in_batches() {
    let mut records = MockRetentionRepository::new();
    records.expect_prune_messages().returning(|_, _| Ok(0));
    let mut index = MockSearchIndex::new();
    // The first round fails after a batch of 50, the second rebuilds 3 more, the third finds none.
    let mut outcomes = vec![Ok(0), Ok(0), Ok(3), Err(no_connection()), Ok(50)];
    index.expect_renew_words().times(5).returning(move |_| outcomes.pop().unwrap());
    let (stop, stopped) = watch::channel(false);
    let running = tokio::spawn(worker_with_index(records, index).run(stopped));
    tokio::time::sleep(Duration::from_mins(150)).await;
    stop.send(true).unwrap();
    running.await.unwrap();
}
