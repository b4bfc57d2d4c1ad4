use std::sync::Arc;

use bytes::Bytes;
use engage_application::{AccessMode, Attachments, CaseError, DownloadAttachment, Proof};
use engage_domain::attachment::ContentHash;
use engage_domain::{Attachment, AttachmentId};
use engage_repository::{Content, MockAttachmentStore, MockCaseRepository, MockUploadRepository};
use engage_testkit::builders::a_case_number;
use futures_util::{StreamExt, stream};
use mockall::predicate::eq;

use crate::setup::{an_authorizer, assert_unavailable, attachments, no_connection, unassigned};

const FILE: AttachmentId = AttachmentId::from_u128(7);

/// A store that is asked for the case once.
fn storing_the_case() -> MockCaseRepository {
    let mut cases = MockCaseRepository::new();
    let find = cases.expect_find_case().with(eq(a_case_number(1)));
    find.once().returning(|_| Ok(Some(unassigned())));
    cases
}

fn downloading(cases: MockCaseRepository, attachments: Attachments) -> DownloadAttachment {
    DownloadAttachment::new(Arc::new(cases), an_authorizer(AccessMode::CaseNumber), attachments)
}

#[tokio::test]
async fn a_customer_gets_a_file_of_their_case() {
    let file = Attachment {
        id: FILE,
        filename: "a.txt".parse().unwrap(),
        content_type: "text/plain".parse().unwrap(),
        size: 3,
        hash: ContentHash::from_bytes([1; 32]),
    };
    let (found, mut uploads) = (file.clone(), MockUploadRepository::new());
    uploads
        .expect_find_public_attachment()
        .with(eq(a_case_number(1)), eq(FILE), eq(None))
        .once()
        .returning(move |_, _, _| Ok(Some(found.clone())));
    let mut contents = MockAttachmentStore::new();
    contents.expect_get().with(eq(FILE)).once().returning(|_| {
        let content: Content = Box::pin(stream::iter([Ok(Bytes::from("abc"))]));
        Ok(Some(content))
    });
    let attachments =
        Attachments { contents: Arc::new(contents), uploads: Arc::new(uploads), ..attachments() };
    let download = downloading(storing_the_case(), attachments);
    let opened = download.execute(&a_case_number(1), &Proof::default(), FILE).await;
    let opened = opened.unwrap().unwrap();
    assert_eq!(opened.file, file);
    let pieces: Vec<_> = opened.content.map(Result::unwrap).collect().await;
    assert_eq!(pieces, ["abc"]);
}

#[tokio::test]
async fn a_file_that_the_case_does_not_have_is_missing() {
    let mut uploads = MockUploadRepository::new();
    uploads.expect_find_public_attachment().once().returning(|_, _, _| Ok(None));
    let attachments = Attachments { uploads: Arc::new(uploads), ..attachments() };
    let download = downloading(storing_the_case(), attachments);
    let opened = download.execute(&a_case_number(1), &Proof::default(), FILE).await;
    assert!(opened.unwrap().is_none());
}

#[tokio::test(start_paused = true)]
async fn no_file_is_looked_up_without_matching_proof() {
    let proof = Proof { email: Some("jane@example.com".parse().unwrap()), ..Proof::default() };
    let download = downloading(storing_the_case(), attachments());
    let outcome = download.execute(&a_case_number(1), &proof, FILE).await.map(|_| ());
    assert!(matches!(outcome, Err(CaseError::NotFound(number)) if number == a_case_number(1)));
}

#[tokio::test]
async fn unavailable_storage_is_reported() {
    let mut cases = MockCaseRepository::new();
    cases.expect_find_case().once().returning(|_| Err(no_connection()));
    let download = downloading(cases, attachments());
    let outcome = download.execute(&a_case_number(1), &Proof::default(), FILE).await;
    assert_unavailable(&outcome.map(|_| ()));
}
