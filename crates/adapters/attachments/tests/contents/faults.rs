//! Tests of cleanup and errors after failures.

use std::io;

use engage_attachments::{AttachmentContents, Location, S3Settings};
use engage_domain::AttachmentId;
use engage_repository::{AttachmentStore, Content, RepositoryError};
use engage_testkit::dns::DnsServer;
use futures_util::stream;

use crate::bucket::Bucket;

fn an_id() -> AttachmentId {
    AttachmentId::from_u128(7)
}

/// Returns a content of this many mebibytes that optionally breaks off at the end.
fn mebibytes(count: usize, breaks_off: bool) -> Content {
    let piece = |_| Ok(vec![1; 1024 * 1024].into());
    let mut pieces: Vec<io::Result<_>> = (0..count).map(piece).collect();
    if breaks_off {
        pieces.push(Err(io::Error::from(io::ErrorKind::UnexpectedEof)));
    }
    Box::pin(stream::iter(pieces))
}

fn in_folder(folder: &std::path::Path) -> AttachmentContents {
    AttachmentContents::open(&Location::Folder(folder.to_owned()), &S3Settings::default()).unwrap()
}

fn files_in(folder: &std::path::Path) -> usize {
    std::fs::read_dir(folder).unwrap().count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_content_goes_to_a_bucket_in_parts() {
    let bucket = Bucket::start().await;
    bucket.contents().put(an_id(), mebibytes(11, false)).await.unwrap();
    let key = format!("/desk/files/{}", an_id());
    let requests = bucket.held.lock().unwrap().requests.clone();
    let part = format!("PUT {key} partNumber&uploadId");
    let expected = [
        format!("POST {key} uploads"),
        part.clone(),
        part.clone(),
        part,
        format!("POST {key} uploadId"),
    ];
    assert_eq!(requests, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_breaks_off_is_aborted() {
    let bucket = Bucket::start().await;
    bucket.contents().put(an_id(), mebibytes(7, true)).await.unwrap_err();
    let held = bucket.held.lock().unwrap();
    assert!(held.uploads.is_empty() && held.objects.is_empty());
    assert!(held.requests.iter().any(|request| request.starts_with("DELETE")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_request_is_retried_and_a_refused_one_is_unavailable() {
    let bucket = Bucket::start().await;
    bucket.held.lock().unwrap().failures = vec![503];
    bucket.contents().put(an_id(), mebibytes(1, false)).await.unwrap();
    assert_eq!(bucket.held.lock().unwrap().requests.len(), 2);
    for status in [403, 404] {
        bucket.held.lock().unwrap().failures = vec![status];
        let outcome = bucket.contents().put(an_id(), mebibytes(1, false)).await;
        assert!(matches!(outcome, Err(RepositoryError::Unavailable(_))), "{status}: {outcome:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_host_of_a_bucket_is_resolved_by_dns() {
    let bucket = Bucket::start().await;
    let dns = DnsServer::start("s3.example A 127.0.0.1");
    let here = bucket.contents_by("s3.example", &dns);
    here.put(an_id(), mebibytes(1, false)).await.unwrap();
    assert!(here.get(an_id()).await.unwrap().is_some());
    let nowhere = bucket.contents_by("nowhere.example", &dns);
    let outcome = nowhere.get(an_id()).await.map(drop);
    assert!(matches!(outcome, Err(RepositoryError::Unavailable(_))), "{outcome:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_content_that_breaks_off_leaves_no_file() {
    let folder = tempfile::tempdir().unwrap();
    for count in [0, 1, 3] {
        in_folder(folder.path()).put(an_id(), mebibytes(count, true)).await.unwrap_err();
        assert_eq!(files_in(folder.path()), 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn deleting_a_content_removes_the_partial_file_of_a_killed_process() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(format!("{}#1", an_id())), "half").unwrap();
    let contents = in_folder(folder.path());
    assert!(contents.get(an_id()).await.unwrap().is_none());
    contents.delete(an_id()).await.unwrap();
    assert_eq!(files_in(folder.path()), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_cannot_be_written_to_is_unavailable() {
    let folder = tempfile::tempdir().unwrap();
    let contents = in_folder(folder.path());
    // A folder takes the place of the file, since file permissions would not stop root.
    std::fs::create_dir(folder.path().join(an_id().to_string())).unwrap();
    let outcome = contents.put(an_id(), mebibytes(1, false)).await;
    assert!(matches!(outcome, Err(RepositoryError::Unavailable(_))), "{outcome:?}");
}

#[test]
fn the_error_for_a_folder_that_cannot_be_created_names_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let location = Location::Folder(file.join("attachments"));
    let Err(refusal) = AttachmentContents::open(&location, &S3Settings::default()) else {
        panic!()
    };
    assert!(refusal.to_string().contains("attachments"), "{refusal}");
}
