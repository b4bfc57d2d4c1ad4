use std::sync::Arc;

use engage_application::{
    Attachments, CaseError, ChangeOptions, ChangeOutcome, Proof, ReplyToCase,
};
use engage_domain::CaseNumber;
use engage_domain::case::ReplyError;
use engage_domain::case::{Action, InvalidTransition};
use engage_domain::{Actor, EventType, ReplyRequest, Status};
use engage_repository::{
    CaseRepository, MockAttachmentStore, MockUploadRepository, RepositoryError, StoredCase,
    UniqueConstraint,
};
use engage_testkit::builders::{
    a_case_number, an_opened, cancelled, in_status, minutes_later, replied,
};

use mockall::predicate::eq;

use crate::setup::{
    announcements, assert_announced, assert_follows, assert_unavailable, attachments, changes,
    held_by, holding, holding_for_good, holding_nothing, made, out_of_reach, the_one,
};

fn a_reply() -> ReplyRequest {
    let example = replied(&an_opened(1).case, "It says 403 again.", minutes_later(1));
    let update = example.event.updates[0].clone();
    ReplyRequest { message: Some(update.message), attachments: update.attachments }
}

async fn reply(
    cases: impl CaseRepository + 'static,
    number: CaseNumber,
    request: ReplyRequest,
) -> Result<ChangeOutcome, CaseError<ReplyError>> {
    let reply = ReplyToCase::new(changes(cases), attachments());
    let admission = reply.admit(number, Proof::default()).await?;
    reply.execute(admission, request, ChangeOptions::default()).await
}

#[tokio::test]
async fn a_reply_resumes_a_waiting_case_and_notifies_the_assignee() {
    let held = held_by("ann");
    let case = in_status(&held.case, Status::WaitingOnCustomer, minutes_later(2)).case;
    let stored = StoredCase { case, ..held };
    let (cases, committed) = holding(stored.clone());
    let request = a_reply();
    let changed = made(reply(cases, a_case_number(1), request.clone()).await);

    let change_set = the_one(&committed);
    assert_eq!(changed.case, change_set.case);
    assert_follows(&change_set, &stored.case);
    assert_eq!(changed.case.status(), Status::InProgress);
    assert_eq!(change_set.event.actor, Actor::Customer);
    assert_eq!(change_set.event.event_type(), EventType::Updated);
    let [update] = &change_set.event.updates[..] else { panic!("a single entry") };
    assert_eq!(Some(&update.message), request.message.as_ref());
    assert_eq!(update.attachments, request.attachments);
    assert_announced(&change_set, stored.assignee.as_ref(), None);
    assert!(announcements(&change_set).contains(&"case-updated-staff ann@desk.example".to_owned()));
}

#[tokio::test]
async fn a_finished_case_accepts_no_reply_and_its_files_are_discarded() {
    let case = cancelled(&an_opened(1).case, minutes_later(1)).case;
    let cases = holding_for_good(StoredCase::new(case, None));
    let request = a_reply();
    let file = request.attachments[0].id;
    let (mut contents, mut uploads) = (MockAttachmentStore::new(), MockUploadRepository::new());
    contents.expect_delete().with(eq(file)).once().returning(|_| Ok(()));
    uploads.expect_remove_uploads().once().returning(|_| Ok(()));
    let attachments =
        Attachments { contents: Arc::new(contents), uploads: Arc::new(uploads), ..attachments() };
    let reply = ReplyToCase::new(changes(cases), attachments);
    let admission = reply.admit(a_case_number(1), Proof::default()).await.unwrap();
    let outcome = reply.execute(admission, request, ChangeOptions::default()).await;
    let Err(CaseError::Refused(refusal)) = outcome else { panic!("{outcome:?}") };
    let expected = InvalidTransition { from: Status::Cancelled, action: Action::Reply };
    assert_eq!(refusal, expected.into());
}

#[tokio::test]
async fn an_unknown_case_number_is_not_found() {
    let number = a_case_number(9);
    let outcome = reply(holding_nothing(), number.clone(), a_reply()).await;
    assert!(matches!(outcome, Err(CaseError::NotFound(absent)) if absent == number));
}

#[tokio::test]
async fn unavailable_storage_is_reported() {
    assert_unavailable(&reply(out_of_reach(), a_case_number(1), a_reply()).await);
}

#[tokio::test]
async fn a_file_attached_concurrently_is_reported_immediately() {
    let (number, stored) = (a_case_number(1), held_by("ann"));
    let mut cases = engage_repository::MockCaseRepository::new();
    cases.expect_find_case().once().return_once(|_| Ok(Some(stored)));
    let taken = |_| Err(RepositoryError::Duplicate { constraint: UniqueConstraint::Attachment });
    cases.expect_commit().once().returning(taken);
    let outcome = reply(cases, number.clone(), a_reply()).await;
    let constraint = UniqueConstraint::Attachment;
    assert!(
        matches!(outcome, Err(CaseError::Repository(RepositoryError::Duplicate { constraint: c })) if c == constraint),
        "{outcome:?}"
    );
}
