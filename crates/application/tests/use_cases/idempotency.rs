//! Requests with an idempotency key: their reads, and the order of the reads.

use std::sync::Arc;

use async_trait::async_trait;
use engage_application::{
    AccessMode, CancelCase, CaseCommand, CaseError, ChangeOptions, ChangeOutcome, Changed,
    EscalateCase, Idempotency, IdempotentRequest, OpenCase, Opened, Proof,
};
use engage_domain::case::EscalateError;
use engage_domain::{CaseNumber, EscalateRequest, StaffMember, Version};
use engage_repository::{
    AccessGeneration, CaseGenerations, CaseRepository, ChangeSet, IdempotencyKey,
    MockCaseRepository, MockIdempotencyRepository, RepositoryError, RequestDigest, StoredCase,
    StoredResponse, UniqueConstraint,
};
use engage_testkit::builders::{a_case_number, a_new_case, a_staff_member, an_opened, monday};
use mockall::Sequence;
use tokio::sync::Notify;

use crate::setup::{
    Setup, a_clock_at, a_setup, an_authorizer, attachments, by_customer, by_member, changes,
    holding, holding_for_good, responses, the_one, tokens, unassigned,
};

const KEY: IdempotencyKey = IdempotencyKey([1; 32]);
const DIGEST: RequestDigest = RequestDigest([2; 32]);

/// Options with the key. The stored response is the case number.
fn with_key() -> ChangeOptions {
    let render = |changed: &Changed| Ok(changed.case.number().to_string());
    let idempotency = Some(IdempotentRequest { key: KEY, digest: DIGEST, render });
    ChangeOptions { idempotency, ..ChangeOptions::default() }
}

fn a_response(digest: RequestDigest) -> StoredResponse {
    let opening = an_opened(1);
    StoredResponse {
        digest,
        answer: "CW-2025-001".to_owned(),
        case_id: opening.event.case_id,
        version: opening.event.sequence,
        changed_at: monday(),
    }
}

/// Returns these responses in turn. Fails the test if there are more look-ups.
fn remembering(stored: Vec<Option<StoredResponse>>) -> Idempotency {
    let mut repository = MockIdempotencyRepository::new();
    let mut order = Sequence::new();
    for response in stored {
        let expected = repository.expect_find_response().once().in_sequence(&mut order);
        expected.returning(move |_, _| Ok(response.clone()));
    }
    responses(repository)
}

fn escalating(cases: MockCaseRepository, idempotency: Idempotency) -> EscalateCase {
    let setup = Setup { clock: a_clock_at(60), idempotency, ..a_setup(cases) };
    EscalateCase::new(Arc::new(setup.changes()))
}

fn a_request() -> EscalateRequest {
    EscalateRequest { reason: "Production is down.".parse().unwrap(), new_urgency: None }
}

fn eve() -> StaffMember {
    a_staff_member("eve")
}

async fn escalate(
    cases: MockCaseRepository,
    idempotency: Idempotency,
    command: CaseCommand,
) -> Result<ChangeOutcome, CaseError<EscalateError>> {
    escalating(cases, idempotency).execute(command, a_request()).await
}

#[tokio::test]
async fn a_request_with_a_new_key_reads_the_case_once_and_commits_the_response() {
    for command in [by_customer(1), by_member(1, &eve())] {
        // The mocks allow one read of the case, one look-up of the key and one commit.
        let (cases, committed) = holding(unassigned());
        let outcome =
            escalate(cases, remembering(vec![None]), command.with_options(with_key())).await;
        assert!(matches!(outcome, Ok(ChangeOutcome::Changed(_))), "{outcome:?}");
        let record = the_one(&committed).idempotency.expect("a record of the key");
        assert_eq!((record.key, record.digest), (KEY, DIGEST));
        assert_eq!(record.answer, "CW-2025-001");
    }
}

#[tokio::test]
async fn a_repeated_request_reads_the_case_once_and_gets_the_first_response() {
    for command in [by_customer(1), by_member(1, &eve())] {
        let first = a_response(DIGEST);
        let cases = holding_for_good(unassigned());
        let stored = remembering(vec![Some(first.clone())]);
        let outcome = escalate(cases, stored, command.with_options(with_key())).await;
        assert_eq!(outcome.unwrap(), ChangeOutcome::Replayed(first));
    }
}

#[tokio::test]
async fn a_repeated_request_gets_the_first_response_although_its_precondition_no_longer_holds() {
    let outdated = Some(vec![Version::new(99).unwrap()]);
    let options = ChangeOptions { preconditions: outdated, ..with_key() };
    let command = by_member(1, &eve()).with_options(options.clone());
    let stored = remembering(vec![Some(a_response(DIGEST))]);
    let outcome = escalate(holding_for_good(unassigned()), stored, command.clone()).await;
    assert!(matches!(outcome, Ok(ChangeOutcome::Replayed(_))), "{outcome:?}");

    let outcome = escalate(holding_for_good(unassigned()), remembering(vec![None]), command).await;
    assert!(matches!(outcome, Err(CaseError::Stale { .. })), "{outcome:?}");
}

#[tokio::test]
async fn a_key_of_another_request_is_refused() {
    let stored = remembering(vec![Some(a_response(RequestDigest([3; 32])))]);
    let command = by_customer(1).with_options(with_key());
    let outcome = escalate(holding_for_good(unassigned()), stored, command).await;
    assert!(matches!(outcome, Err(CaseError::KeyReused)), "{outcome:?}");
}

#[tokio::test(start_paused = true)]
async fn a_caller_without_proof_learns_nothing_of_a_stored_response() {
    let cases = holding_for_good(StoredCase {
        generations: CaseGenerations {
            customer: AccessGeneration(3),
            ..CaseGenerations::default()
        },
        ..unassigned()
    });
    // No look-up of a key is allowed.
    let setup = Setup { authorizer: an_authorizer(AccessMode::Token), ..a_setup(cases) };
    let cancel = CancelCase::new(Arc::new(setup.changes()));
    let proof = Proof { token: Some("cat_wrong".into()), ..Proof::default() };
    let command = CaseCommand::by_customer(a_case_number(1), proof).with_options(with_key());
    let outcome = cancel.execute(command, "No.".parse().unwrap()).await;
    assert!(matches!(outcome, Err(CaseError::NotFound(_))), "{outcome:?}");
}

/// Storage whose commits block until they are released.
#[derive(Clone, Default)]
struct HeldCases {
    reached: Arc<Notify>,
    release: Arc<Notify>,
}

#[async_trait]
impl CaseRepository for HeldCases {
    async fn find_case(&self, _: &CaseNumber) -> Result<Option<StoredCase>, RepositoryError> {
        Ok(Some(unassigned()))
    }

    async fn commit(&self, _: ChangeSet) -> Result<(), RepositoryError> {
        self.reached.notify_one();
        self.release.notified().await;
        Ok(())
    }
}

#[tokio::test]
async fn a_request_is_refused_while_another_with_its_key_is_in_flight() {
    let cases = HeldCases::default();
    let stored = remembering(vec![None, Some(a_response(DIGEST))]);
    let setup = Setup { clock: a_clock_at(60), idempotency: stored, ..a_setup(cases.clone()) };
    let escalate = EscalateCase::new(Arc::new(setup.changes()));
    let command = || by_customer(1).with_options(with_key());
    let (first, its_command) = (escalate.clone(), command());
    let first = tokio::spawn(async move { first.execute(its_command, a_request()).await });
    cases.reached.notified().await;

    let second = escalate.execute(command(), a_request()).await;
    assert!(matches!(second, Err(CaseError::InProgress)), "{second:?}");
    cases.release.notify_one();
    assert!(matches!(first.await.unwrap(), Ok(ChangeOutcome::Changed(_))));
    let later = escalate.execute(command(), a_request()).await;
    assert!(matches!(later, Ok(ChangeOutcome::Replayed(_))), "{later:?}");
}

#[tokio::test]
async fn a_request_committed_first_by_another_process_gets_that_response() {
    let mut cases = MockCaseRepository::new();
    cases.expect_find_case().once().returning(|_| Ok(Some(unassigned())));
    let taken = UniqueConstraint::IdempotencyKey;
    cases
        .expect_commit()
        .once()
        .returning(move |_| Err(RepositoryError::Duplicate { constraint: taken }));
    let stored = remembering(vec![None, Some(a_response(DIGEST))]);
    let outcome = escalate(cases, stored, by_customer(1).with_options(with_key())).await;
    assert!(matches!(outcome, Ok(ChangeOutcome::Replayed(_))), "{outcome:?}");
}

#[tokio::test]
async fn a_failed_request_leaves_its_key_free() {
    let mut cases = MockCaseRepository::new();
    cases.expect_find_case().times(2).returning(|_| Ok(Some(unassigned())));
    let mut order = Sequence::new();
    let mut commit = |outcome: fn() -> Result<(), RepositoryError>| {
        cases.expect_commit().once().in_sequence(&mut order).returning(move |_| outcome());
    };
    commit(|| Err(RepositoryError::unavailable("gone")));
    commit(|| Ok(()));
    let use_case = escalating(cases, remembering(vec![None, None]));
    let command = || by_customer(1).with_options(with_key());
    let failed = use_case.execute(command(), a_request()).await;
    assert!(matches!(failed, Err(CaseError::Repository(_))), "{failed:?}");
    let outcome = use_case.execute(command(), a_request()).await;
    assert!(matches!(outcome, Ok(ChangeOutcome::Changed(_))), "{outcome:?}");
}

#[tokio::test]
async fn a_repeated_opening_opens_nothing_and_issues_the_token_of_the_first_case() {
    let first = a_response(DIGEST);
    let stored = remembering(vec![Some(first.clone())]);
    let setup = Setup { idempotency: stored, ..a_setup(MockCaseRepository::new()) };
    let open = OpenCase::new(Arc::new(setup.changes()), tokens(), attachments());
    let Opened { outcome, access_token } = open.execute(a_new_case(), &with_key()).await.unwrap();
    assert!(matches!(outcome, ChangeOutcome::Replayed(_)), "{outcome:?}");
    let expected = tokens().issue(first.case_id, AccessGeneration::default(), monday());
    assert_eq!(access_token.expose(), expected.expose());
}

#[tokio::test]
async fn a_change_without_a_key_looks_up_none() {
    let (cases, committed) = holding(unassigned());
    let escalate = EscalateCase::new(changes(cases));
    escalate.execute(by_customer(1), a_request()).await.unwrap();
    assert_eq!(the_one(&committed).idempotency, None);
}
