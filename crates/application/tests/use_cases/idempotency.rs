//! Requests under an idempotency key, with a mock for what was answered before.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use engage_application::{CaseError, Changed, Idempotency, IdempotencyError, Outcome};
use engage_repository::{
    IdempotencyKey, MockIdempotencyRepository, RepositoryError, RequestDigest, StoredResponse,
};
use engage_testkit::ManualClock;
use engage_testkit::builders::{an_opened, monday};
use mockall::Sequence;

const KEY: IdempotencyKey = IdempotencyKey([1; 32]);
const DIGEST: RequestDigest = RequestDigest([2; 32]);

type Outcomes = Result<Outcome, IdempotencyError<Infallible>>;

fn a_change() -> Changed {
    let decision = an_opened(1);
    Changed { case: decision.case, event: Some(decision.event) }
}

fn an_answer() -> StoredResponse {
    let opening = an_opened(1);
    StoredResponse {
        digest: DIGEST,
        answer: "{}".to_owned(),
        case_id: opening.event.case_id,
        version: opening.event.sequence,
        changed_at: monday(),
    }
}

/// Answers these in turn, and is asked no more often.
fn remembering(answers: Vec<Option<StoredResponse>>) -> Idempotency {
    let mut repository = MockIdempotencyRepository::new();
    let mut order = Sequence::new();
    for answer in answers {
        repository
            .expect_find_response()
            .once()
            .in_sequence(&mut order)
            .returning(move |_, _| Ok(answer.clone()));
    }
    Idempotency::new(Arc::new(repository), Arc::new(ManualClock::new()), Duration::from_hours(24))
}

/// A change that must not be made: a future that panics where somebody waits for it.
fn untouched() -> impl Future<Output = Result<Changed, CaseError<Infallible>>> {
    std::future::poll_fn(|_| panic!("nothing is to be changed"))
}

#[tokio::test]
async fn a_new_key_lets_the_change_happen() {
    let idempotency = remembering(vec![None]);
    let changed = a_change();
    let outcome: Outcomes = idempotency.once(KEY, DIGEST, async { Ok(a_change()) }).await;
    let Ok(Outcome::Changed(made)) = outcome else { panic!("{outcome:?}") };
    assert_eq!(made.case.number(), changed.case.number());
}

#[tokio::test]
async fn a_known_key_is_answered_as_before_and_changes_nothing() {
    let idempotency = remembering(vec![Some(an_answer())]);
    let outcome = idempotency.once(KEY, DIGEST, untouched()).await;
    let Ok(Outcome::Replayed(answer)) = outcome else { panic!("{outcome:?}") };
    assert_eq!(answer.answer, "{}");
}

#[tokio::test]
async fn a_known_key_of_another_request_is_refused() {
    let idempotency = remembering(vec![Some(an_answer())]);
    let outcome = idempotency.once(KEY, RequestDigest([3; 32]), untouched()).await;
    assert!(matches!(outcome, Err(IdempotencyError::Reused)), "{outcome:?}");
}

#[tokio::test]
async fn a_twin_is_refused_while_its_sibling_is_under_way_and_served_afterwards() {
    let idempotency = remembering(vec![None, Some(an_answer())]);
    let inner = idempotency.clone();
    let change = async move {
        let twin = inner.once(KEY, DIGEST, untouched()).await;
        assert!(matches!(twin, Err(IdempotencyError::InProgress)), "{twin:?}");
        Ok::<_, CaseError<Infallible>>(a_change())
    };
    assert!(matches!(idempotency.once(KEY, DIGEST, change).await, Ok(Outcome::Changed(_))));
    let later = idempotency.once(KEY, DIGEST, untouched()).await;
    assert!(matches!(later, Ok(Outcome::Replayed(_))), "{later:?}");
}

#[tokio::test]
async fn a_key_that_another_process_was_faster_with_is_answered_as_there() {
    let idempotency = remembering(vec![None, Some(an_answer())]);
    let outcome: Outcomes = idempotency.once(KEY, DIGEST, async { Err(CaseError::KeyTaken) }).await;
    assert!(matches!(outcome, Ok(Outcome::Replayed(_))), "{outcome:?}");
}

#[tokio::test]
async fn a_failure_is_passed_on_and_leaves_the_key_free() {
    let idempotency = remembering(vec![None, None]);
    let failure = || CaseError::Repository(RepositoryError::unavailable("gone"));
    let outcome: Outcomes = idempotency.once(KEY, DIGEST, async move { Err(failure()) }).await;
    assert!(
        matches!(outcome, Err(IdempotencyError::Case(CaseError::Repository(_)))),
        "{outcome:?}"
    );
    let outcome: Outcomes = idempotency.once(KEY, DIGEST, async { Ok(a_change()) }).await;
    assert!(matches!(outcome, Ok(Outcome::Changed(_))), "{outcome:?}");
}
