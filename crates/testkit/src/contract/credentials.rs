//! The contract of [`CredentialVerifier`].

use std::sync::Arc;

use engage_domain::Timestamp;
use engage_identity::{CredentialVerifier, VerifierError};

/// A verifier, with credentials of its kind.
pub struct Subject {
    /// The verifier.
    pub verifier: Arc<dyn CredentialVerifier>,
    /// The same kind of verifier while it cannot verify anything, such as without its database.
    pub unavailable: Arc<dyn CredentialVerifier>,
    /// The time of the test.
    pub now: Timestamp,
    /// A genuine credential that is valid now.
    pub valid: String,
    /// A genuine credential that has expired.
    pub expired: String,
}

pub async fn a_valid_credential_has_a_bearer(subject: &Subject) {
    let found = subject.verifier.verify(&subject.valid, subject.now).await;
    assert!(found.expect("the credential is verified").is_some());
}

pub async fn a_credential_of_another_kind_has_no_bearer(subject: &Subject) {
    for credential in ["", " ", "Bearer", "another-kind-of-token", "a.b.c", "é\u{0}"] {
        let found = subject.verifier.verify(credential, subject.now).await;
        assert_eq!(found.expect("it needs no verification"), None, "{credential:?}");
    }
}

pub async fn an_expired_credential_has_no_bearer(subject: &Subject) {
    let found = subject.verifier.verify(&subject.expired, subject.now).await;
    assert_eq!(found.expect("the credential is verified"), None);
}

pub async fn a_credential_that_was_changed_has_no_bearer(subject: &Subject) {
    let valid = &subject.valid;
    let last = valid.len() - 12;
    let replaced = if &valid[last..=last] == "A" { "B" } else { "A" };
    let changed = format!("{}{replaced}{}", &valid[..last], &valid[last + 1..]);
    for credential in [changed, valid[..last].to_owned()] {
        let found = subject.verifier.verify(&credential, subject.now).await;
        assert_eq!(found.expect("the credential is verified"), None, "{credential}");
    }
}

pub async fn what_cannot_be_verified_at_the_moment_is_unavailable(subject: &Subject) {
    let outcome = subject.unavailable.verify(&subject.valid, subject.now).await;
    assert!(matches!(outcome, Err(VerifierError::Unavailable(_))), "{outcome:?}");
}
