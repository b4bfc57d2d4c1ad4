use std::sync::Arc;
use std::time::Duration;

use engage_application::OpaqueTokens;
use engage_domain::{Timestamp, TokenId};
use engage_identity::{Bearer, Credential, CredentialVerifier, Identity, VerifierError};
use engage_repository::{FoundToken, MockTokenRepository, StaffToken};
use engage_testkit::builders::{a_staff_member, minutes_later};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::{TOKEN, a_found_token, a_token, the_hash};
use crate::setup::no_connection;

async fn verify(
    tokens: MockTokenRepository,
    credential: &str,
) -> Result<Option<Bearer>, VerifierError> {
    OpaqueTokens::new(Arc::new(tokens)).verify(credential, minutes_later(5)).await
}

/// Storage that contains the token, and the recorded uses.
fn knowing_the_token() -> (MockTokenRepository, UnboundedReceiver<(TokenId, Timestamp)>) {
    let (log, recorded) = unbounded_channel();
    let mut tokens = MockTokenRepository::new();
    tokens.expect_find_token().returning(|_, _| Ok(Some(a_found_token(&a_staff_member("ann")))));
    tokens.expect_note_token_use().returning(move |id, at| {
        log.send((id, at)).unwrap();
        Ok(())
    });
    (tokens, recorded)
}

#[tokio::test]
async fn a_token_is_looked_up_by_its_hash_and_the_current_time() {
    let mut tokens = MockTokenRepository::new();
    tokens
        .expect_find_token()
        .withf(|hash, now| *hash == the_hash() && *now == minutes_later(5))
        .once()
        .returning(|_, _| Ok(Some(a_found_token(&a_staff_member("ann")))));
    tokens.expect_note_token_use().returning(|_, _| Ok(()));
    let StaffToken { id, expires_at, .. } = a_token(&a_staff_member("ann"));
    let expected = Bearer {
        identity: Identity::Member { member: a_staff_member("ann"), role_ceiling: None },
        credential: Credential::Token { id, expires_at, is_superseded: false },
    };
    assert_eq!(verify(tokens, TOKEN).await.unwrap(), Some(expected));
}

#[tokio::test]
async fn an_unknown_token_is_not_accepted() {
    let mut tokens = MockTokenRepository::new();
    tokens.expect_find_token().once().returning(|_, _| Ok(None));
    tokens.expect_note_token_use().never();
    assert_eq!(verify(tokens, "eng_guessed").await.unwrap(), None);
}

#[tokio::test]
async fn malformed_tokens_are_not_looked_up() {
    let without_prefix = TOKEN.trim_start_matches("eng_");
    let spaced = format!(" {TOKEN}");
    let in_upper_case = TOKEN.to_uppercase();
    for text in ["", "eng", "Bearer", without_prefix, &spaced, &in_upper_case, "\0eng_"] {
        assert_eq!(verify(MockTokenRepository::new(), text).await.unwrap(), None, "{text:?}");
    }
}

#[tokio::test]
async fn unavailable_storage_is_an_error_rather_than_a_refusal() {
    let mut tokens = MockTokenRepository::new();
    tokens.expect_find_token().once().returning(|_, _| Err(no_connection()));
    let outcome = verify(tokens, TOKEN).await;
    assert!(matches!(outcome, Err(VerifierError::Unavailable(_))), "{outcome:?}");
}

#[tokio::test]
async fn the_use_of_a_token_is_recorded_once_a_minute() {
    let (tokens, mut recorded) = knowing_the_token();
    let verifier = OpaqueTokens::new(Arc::new(tokens));
    let begin = minutes_later(5);
    let after = |millis| begin.plus(Duration::from_millis(millis));
    for millis in [0, 0, 1, 30_000, 59_999, 60_000, 60_001, 119_999, 500_000] {
        assert!(verifier.verify(TOKEN, after(millis)).await.unwrap().is_some());
    }
    let id = a_token(&a_staff_member("ann")).id;
    for millis in [0, 60_000, 500_000] {
        assert_eq!(recorded.recv().await, Some((id, after(millis))));
    }
    drop(verifier);
    assert_eq!(recorded.recv().await, None);
}

#[tokio::test]
async fn a_failure_to_record_the_use_does_not_affect_the_request() {
    let (log, mut tried) = unbounded_channel();
    let mut tokens = MockTokenRepository::new();
    tokens
        .expect_find_token()
        .once()
        .returning(|_, _| Ok(Some(a_found_token(&a_staff_member("ann")))));
    tokens.expect_note_token_use().once().returning(move |_, _| {
        log.send(()).unwrap();
        Err(no_connection())
    });
    assert!(verify(tokens, TOKEN).await.unwrap().is_some());
    assert_eq!(tried.recv().await, Some(()));
}

#[tokio::test]
async fn a_superseded_secret_expires_with_its_overlap() {
    for (superseded_until, expected) in [(500, 500), (5000, 1000)] {
        let mut tokens = MockTokenRepository::new();
        tokens.expect_note_token_use().returning(|_, _| Ok(()));
        tokens.expect_find_token().once().returning(move |_, _| {
            let superseded_until = Some(minutes_later(superseded_until));
            Ok(Some(FoundToken { superseded_until, ..a_found_token(&a_staff_member("ann")) }))
        });
        let bearer = verify(tokens, TOKEN).await.unwrap().unwrap();
        let id = a_token(&a_staff_member("ann")).id;
        let expires_at = Some(minutes_later(expected));
        assert_eq!(bearer.credential, Credential::Token { id, expires_at, is_superseded: true });
    }
}
