//! The contract of every verifier of credentials, for the tokens of Engage.

use std::sync::Arc;

use engage_application::OpaqueTokens;
use engage_repository::MockTokenRepository;
use engage_testkit::builders::{a_staff_member, minutes_later};
use engage_testkit::contract::credentials::Subject;

use super::{TOKEN, a_found_token, the_hash};
use crate::setup::no_connection;

/// Storage that contains the token. It finds no token that has expired.
fn knowing_the_token() -> MockTokenRepository {
    let mut tokens = MockTokenRepository::new();
    tokens.expect_find_token().returning(|hash, _| {
        Ok((*hash == the_hash()).then(|| a_found_token(&a_staff_member("ann"))))
    });
    tokens.expect_note_token_use().returning(|_, _| Ok(()));
    tokens
}

#[allow(clippy::unused_async)] // The contract expects async constructors.
async fn make() -> (Subject, ()) {
    let mut out_of_reach = MockTokenRepository::new();
    out_of_reach.expect_find_token().returning(|_, _| Err(no_connection()));
    let subject = Subject {
        verifier: Arc::new(OpaqueTokens::new(Arc::new(knowing_the_token()))),
        unavailable: Arc::new(OpaqueTokens::new(Arc::new(out_of_reach))),
        now: minutes_later(5),
        valid: TOKEN.to_owned(),
        expired: "eng_of-a-token-that-has-expired".to_owned(),
    };
    (subject, ())
}

engage_testkit::credentials_contract! { make }
