use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use engage_application::{
    Attachments, LARGEST_FILE, NewFile, SpaceFloor, StoreFileError, TakeUploadsError,
};
use engage_domain::attachment::ContentHash;
use engage_domain::{Attachment, AttachmentId};
use engage_repository::{
    Content, MockAttachmentStore, MockUploadRepository, RepositoryError, Space,
};
use engage_testkit::SequentialIds;
use engage_testkit::builders::{a_fresh_id, minutes_later};
use futures_util::{FutureExt, StreamExt, stream};
use mockall::Sequence;
use mockall::predicate::{always, eq};

use crate::setup::a_clock_at;

const DAY: Duration = Duration::from_hours(24);

/// Unless a test sets the free space, the store has no capacity limit.
fn attachments(mut contents: MockAttachmentStore, uploads: MockUploadRepository) -> Attachments {
    contents.expect_space().returning(|| Ok(None));
    Attachments {
        contents: Arc::new(contents),
        uploads: Arc::new(uploads),
        clock: a_clock_at(24 * 60),
        ids: Arc::new(SequentialIds::new()),
        lifetime: DAY,
        floor: SpaceFloor::default(),
    }
}

fn a_file() -> NewFile {
    NewFile {
        filename: "a.txt".parse().unwrap(),
        content_type: "text/plain".parse().unwrap(),
        uploaded_by: Some("ann".parse().unwrap()),
    }
}

fn in_pieces(pieces: impl IntoIterator<Item = io::Result<Bytes>>) -> Content {
    Box::pin(stream::iter(pieces.into_iter().collect::<Vec<_>>()))
}

/// A store that reads every content to its end.
fn reading_contents() -> MockAttachmentStore {
    let mut contents = MockAttachmentStore::new();
    contents.expect_put().once().returning(|_, content| {
        let pieces: Vec<_> = content.collect().now_or_never().unwrap();
        let whole: io::Result<Vec<Bytes>> = pieces.into_iter().collect();
        whole.map(|_| ()).map_err(RepositoryError::unavailable)
    });
    contents
}

fn taking_upload() -> MockUploadRepository {
    let mut uploads = MockUploadRepository::new();
    uploads.expect_add_upload().once().returning(|_| Ok(()));
    uploads
}

fn discarded(mut contents: MockAttachmentStore, mut uploads: MockUploadRepository) -> Attachments {
    let mut order = Sequence::new();
    contents.expect_delete().once().in_sequence(&mut order).returning(|_| Ok(()));
    uploads.expect_remove_uploads().once().in_sequence(&mut order).returning(|_| Ok(()));
    uploads.expect_finish_upload().never();
    attachments(contents, uploads)
}

#[tokio::test]
async fn an_upload_is_registered_stored_and_finished_with_its_size_and_hash() {
    let (mut contents, mut uploads) = (MockAttachmentStore::new(), MockUploadRepository::new());
    let mut order = Sequence::new();
    let begun = uploads.expect_add_upload().once().in_sequence(&mut order);
    begun.withf(|upload| upload.created_at == minutes_later(24 * 60)).returning(|_| Ok(()));
    contents.expect_put().once().in_sequence(&mut order).returning(|_, content| {
        let pieces: Vec<_> = content.collect().now_or_never().unwrap();
        assert_eq!(pieces.len(), 2);
        Ok(())
    });
    // printf abc | sha256sum
    let hash: ContentHash =
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad".parse().unwrap();
    let finished = uploads.expect_finish_upload().once().in_sequence(&mut order);
    finished.with(always(), eq(3), eq(hash)).returning(|_, _, _| Ok(true));
    let content = in_pieces([Ok("a".into()), Ok("bc".into())]);
    let stored = attachments(contents, uploads).store(a_file(), content).await.unwrap();
    assert_eq!((stored.size, stored.hash, stored.filename.as_str()), (3, hash, "a.txt"));
}

#[tokio::test]
async fn a_file_of_the_largest_size_is_stored_and_one_byte_more_is_refused() {
    let piece = Bytes::from(vec![0; 1024 * 1024]);
    let mebibytes = |count| std::iter::repeat_n(piece.clone(), count).map(Ok);
    let mut uploads = taking_upload();
    uploads.expect_finish_upload().once().returning(|_, size, _| {
        assert_eq!(size, LARGEST_FILE);
        Ok(true)
    });
    let stored = attachments(reading_contents(), uploads);
    stored.store(a_file(), in_pieces(mebibytes(10))).await.unwrap();

    let refused = discarded(reading_contents(), taking_upload());
    let content = in_pieces(mebibytes(10).chain([Ok("x".into())]));
    let outcome = refused.store(a_file(), content).await;
    assert!(
        matches!(outcome, Err(StoreFileError::TooLarge { limit: LARGEST_FILE })),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn an_interrupted_upload_leaves_nothing_behind() {
    let refused = discarded(reading_contents(), taking_upload());
    let broken = io::Error::from(io::ErrorKind::UnexpectedEof);
    let outcome = refused.store(a_file(), in_pieces([Ok("a".into()), Err(broken)])).await;
    assert!(matches!(outcome, Err(StoreFileError::Interrupted)), "{outcome:?}");
}

#[tokio::test]
async fn a_file_that_cannot_be_stored_leaves_nothing_behind() {
    let mut contents = MockAttachmentStore::new();
    contents.expect_put().once().returning(|_, _| Err(RepositoryError::unavailable("full")));
    let outcome = discarded(contents, taking_upload()).store(a_file(), in_pieces([])).await;
    let passed_on =
        matches!(outcome, Err(StoreFileError::Repository(RepositoryError::Unavailable(_))));
    assert!(passed_on, "{outcome:?}");
}

#[tokio::test]
async fn files_are_refused_below_the_minimum_free_space() {
    const GIB: u64 = 1024 * 1024 * 1024;
    for (free, total) in [(GIB - 1, 2 * GIB), (4 * GIB, 100 * GIB), (0, 0)] {
        let mut contents = MockAttachmentStore::new();
        contents.expect_space().once().returning(move || Ok(Some(Space { free, total })));
        let refusing = attachments(contents, MockUploadRepository::new());
        let outcome = refusing.store(a_file(), in_pieces([Ok("a".into())])).await;
        assert!(matches!(outcome, Err(StoreFileError::NoSpace)), "{outcome:?}");
    }
    let mut contents = reading_contents();
    contents.expect_space().once().returning(|| Ok(Some(Space { free: GIB, total: 20 * GIB })));
    let mut uploads = taking_upload();
    uploads.expect_finish_upload().once().returning(|_, _, _| Ok(true));
    attachments(contents, uploads).store(a_file(), in_pieces([Ok("a".into())])).await.unwrap();
}

#[tokio::test]
async fn a_full_disk_leaves_no_partial_file_behind() {
    for kind in [io::ErrorKind::StorageFull, io::ErrorKind::QuotaExceeded] {
        let mut contents = MockAttachmentStore::new();
        // Nested as deeply as real stores nest it.
        let full = move || io::Error::other(io::Error::from(kind));
        contents.expect_put().once().returning(move |_, content| {
            let _: Vec<_> = content.collect().now_or_never().unwrap();
            Err(RepositoryError::unavailable(full()))
        });
        let refusing = discarded(contents, taking_upload());
        let outcome = refusing.store(a_file(), in_pieces([Ok("a".into())])).await;
        assert!(matches!(outcome, Err(StoreFileError::NoSpace)), "{outcome:?}");
    }
}

#[tokio::test]
async fn files_are_refused_if_the_free_space_is_unknown() {
    let mut contents = MockAttachmentStore::new();
    contents.expect_space().once().returning(|| Err(RepositoryError::unavailable("unmounted")));
    let refusing = attachments(contents, MockUploadRepository::new());
    let outcome = refusing.store(a_file(), in_pieces([])).await;
    assert!(matches!(outcome, Err(StoreFileError::Repository(_))), "{outcome:?}");
}

#[tokio::test]
async fn an_upload_whose_content_cannot_be_deleted_is_left_to_the_sweeper() {
    let mut contents = reading_contents();
    contents.expect_delete().once().returning(|_| Err(RepositoryError::unavailable("offline")));
    let mut uploads = taking_upload();
    uploads.expect_remove_uploads().never();
    let broken = io::Error::from(io::ErrorKind::UnexpectedEof);
    let outcome = attachments(contents, uploads).store(a_file(), in_pieces([Err(broken)])).await;
    assert!(matches!(outcome, Err(StoreFileError::Interrupted)), "{outcome:?}");
}

fn a_stored(name: &str) -> Attachment {
    Attachment {
        id: AttachmentId::from_u128(a_fresh_id()),
        filename: name.parse().unwrap(),
        content_type: "text/plain".parse().unwrap(),
        size: 1,
        hash: ContentHash::from_bytes([0; 32]),
    }
}

#[tokio::test]
async fn uploads_are_returned_in_the_requested_order_until_an_hour_before_expiry() {
    let (first, second) = (a_stored("1"), a_stored("2"));
    let ids = [first.id, second.id];
    let mut uploads = MockUploadRepository::new();
    let found = vec![second.clone(), first.clone()];
    uploads
        .expect_find_uploads()
        .once()
        .with(eq(ids), always(), eq(minutes_later(60)))
        .returning(move |_, _, _| Ok(found.clone()));
    let taken = attachments(MockAttachmentStore::new(), uploads);
    assert_eq!(taken.take(&ids, &"ann".parse().unwrap()).await.unwrap(), [first, second]);
}

#[tokio::test]
async fn the_error_names_the_missing_upload() {
    let (known, unknown) = (a_stored("1"), a_stored("2"));
    let mut uploads = MockUploadRepository::new();
    let found = vec![known.clone()];
    uploads.expect_find_uploads().once().returning(move |_, _, _| Ok(found.clone()));
    let refused = attachments(MockAttachmentStore::new(), uploads);
    let outcome = refused.take(&[known.id, unknown.id], &"ann".parse().unwrap()).await;
    assert!(matches!(outcome, Err(TakeUploadsError::NotFound(id)) if id == unknown.id));
}

#[tokio::test]
async fn a_file_whose_content_is_gone_is_not_found() {
    let (mut contents, mut uploads) = (MockAttachmentStore::new(), MockUploadRepository::new());
    let file = a_stored("1");
    let id = file.id;
    uploads.expect_find_attachment().once().returning(move |_| Ok(Some(file.clone())));
    contents.expect_get().once().returning(|_| Ok(None));
    assert!(attachments(contents, uploads).open(id).await.unwrap().is_none());
}
