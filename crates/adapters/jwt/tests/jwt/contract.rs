//! The contract of every verifier of credentials.

use std::sync::Arc;

use engage_jwt::{DnsResolver, JwtVerifier};
use engage_testkit::contract::credentials::Subject;
use engage_testkit::identity_provider::Signer;
use serde_json::json;

use crate::support::{NOW, claims, claims_with, now, settings, verifier};

#[allow(clippy::unused_async)] // The contract expects async constructors.
async fn make() -> (Subject, ()) {
    let signer = Signer::ec();
    // Nothing listens on this port, so there are no keys.
    let no_keys = settings("http://127.0.0.1:1/keys".parse().unwrap());
    let subject = Subject {
        verifier: Arc::new(verifier(&[signer.jwk("k")])),
        unavailable: Arc::new(JwtVerifier::new(no_keys, &DnsResolver::system()).unwrap()),
        now: now(),
        valid: signer.token("k", &claims()),
        expired: signer.token("k", &claims_with("exp", json!(NOW - 60))),
    };
    (subject, ())
}

engage_testkit::credentials_contract! { make }
