use std::sync::Arc;
use std::time::Duration;

use engage_application::{
    Attachments, CaseError, SpaceFloor, UpdateCase, UpdateCaseError, UpdateFile,
};
use engage_domain::attachment::ContentHash;
use engage_domain::case::UpdateError;
use engage_domain::{Attachment, AttachmentId, UpdateRequest, Visibility};
use engage_repository::{
    CaseRepository, MockAttachmentStore, MockCaseRepository, MockUploadRepository, RepositoryError,
    UniqueConstraint,
};
use engage_testkit::SequentialIds;
use engage_testkit::builders::a_fresh_id;

use crate::setup::{a_clock_at, a_colleague, by_member, changes, held_by, holding, the_one};

fn a_file() -> Attachment {
    Attachment {
        id: AttachmentId::from_u128(a_fresh_id()),
        filename: "a.txt".parse().unwrap(),
        content_type: "text/plain".parse().unwrap(),
        size: 1,
        hash: ContentHash::from_bytes([0; 32]),
    }
}

/// A use case that can attach the given uploads.
fn updating(cases: impl CaseRepository + 'static, uploads: Vec<Attachment>) -> UpdateCase {
    let mut found = MockUploadRepository::new();
    found.expect_find_uploads().returning(move |_, _, _| Ok(uploads.clone()));
    let attachments = Attachments {
        contents: Arc::new(MockAttachmentStore::new()),
        uploads: Arc::new(found),
        clock: a_clock_at(60),
        ids: Arc::new(SequentialIds::new()),
        lifetime: Duration::from_hours(24),
        floor: SpaceFloor::default(),
    };
    UpdateCase::new(changes(cases), attachments)
}

fn a_message() -> UpdateRequest {
    UpdateRequest {
        message: Some("See there.".parse().unwrap()),
        visibility: Visibility::Public,
        status_change: None,
        attachments: Vec::new(),
        ..UpdateRequest::default()
    }
}

#[tokio::test]
async fn files_are_attached_in_the_requested_order() {
    let (cases, committed) = holding(held_by("ann"));
    let [stored, first, second] = [(); 3].map(|()| a_file());
    let files = [
        UpdateFile::Upload(first.id),
        UpdateFile::Stored(stored.clone()),
        UpdateFile::Upload(second.id),
    ];
    let update = updating(cases, vec![second.clone(), first.clone()]);
    let ann = a_colleague("ann");
    update.execute(by_member(1, &ann), a_message(), &files, &ann.id).await.unwrap();
    assert_eq!(the_one(&committed).event.updates[0].attachments, [first, stored, second]);
}

#[tokio::test]
async fn the_error_names_an_unavailable_upload_and_nothing_changes() {
    let unknown = AttachmentId::from_u128(a_fresh_id());
    let mut cases = MockCaseRepository::new();
    cases.expect_find_case().once().return_once(|_| Ok(Some(held_by("ann"))));
    let update = updating(cases, Vec::new());
    let (files, ann) = ([UpdateFile::Upload(unknown)], a_colleague("ann"));
    let outcome = update.execute(by_member(1, &ann), a_message(), &files, &ann.id).await;
    let Err(CaseError::Refused(refusal)) = outcome else { panic!("{outcome:?}") };
    assert_eq!(refusal, UpdateCaseError::UploadNotFound(unknown));
}

#[tokio::test]
async fn an_upload_attached_concurrently_is_refused() {
    let mut cases = MockCaseRepository::new();
    cases.expect_find_case().once().return_once(|_| Ok(Some(held_by("ann"))));
    let taken = |_| Err(RepositoryError::Duplicate { constraint: UniqueConstraint::Attachment });
    cases.expect_commit().once().returning(taken);
    let file = a_file();
    let (files, ann) = ([UpdateFile::Upload(file.id)], a_colleague("ann"));
    let outcome =
        updating(cases, vec![file]).execute(by_member(1, &ann), a_message(), &files, &ann.id).await;
    let Err(CaseError::Refused(refusal)) = outcome else { panic!("{outcome:?}") };
    assert_eq!(refusal, UpdateCaseError::UploadTaken);
}

#[tokio::test]
async fn errors_of_the_domain_rules_are_reported() {
    let mut cases = MockCaseRepository::new();
    cases.expect_find_case().once().return_once(|_| Ok(Some(held_by("ann"))));
    let request = UpdateRequest { message: None, ..a_message() };
    let ann = a_colleague("ann");
    let outcome =
        updating(cases, Vec::new()).execute(by_member(1, &ann), request, &[], &ann.id).await;
    let Err(CaseError::Refused(refusal)) = outcome else { panic!("{outcome:?}") };
    assert_eq!(refusal, UpdateCaseError::Update(UpdateError::Empty));
}
