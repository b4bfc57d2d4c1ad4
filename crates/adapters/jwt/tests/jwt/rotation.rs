//! How keys that the provider replaces are heard of. The clock is turned by hand.

use std::time::Duration;

use engage_jwt::{JwtVerifier, KeySource};
use engage_testkit::identity_provider::{Signer, key_set};
use tempfile::NamedTempFile;
use tokio::time::advance;

use crate::support::{claims, is_taken, key_file, settings};

/// A provider with an old key and a new one, of which the verifier has read the old one.
struct Provider {
    file: NamedTempFile,
    old: Signer,
    new: Signer,
    verifier: JwtVerifier,
}

impl Provider {
    fn new() -> Self {
        let (old, new) = (Signer::ed(), Signer::ed());
        let file = key_file(&[old.jwk("old")]);
        let verifier = JwtVerifier::new(settings(KeySource::File(file.path().to_owned())));
        Self { verifier: verifier.unwrap(), file, old, new }
    }

    fn publish(&self, text: &str) {
        std::fs::write(self.file.path(), text).unwrap();
    }

    fn publish_both(&self) {
        self.publish(&key_set(&[self.old.jwk("old"), self.new.jwk("new")]));
    }

    fn publish_new(&self) {
        self.publish(&key_set(&[self.new.jwk("new")]));
    }

    async fn takes_old(&self) -> bool {
        is_taken(&self.verifier, &self.old.token("old", &claims())).await
    }

    async fn takes_new(&self) -> bool {
        is_taken(&self.verifier, &self.new.token("new", &claims())).await
    }
}

const fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

#[tokio::test(start_paused = true)]
async fn a_new_key_is_heard_of_when_the_first_token_names_it() {
    let provider = Provider::new();
    provider.publish_both();
    advance(seconds(30)).await;
    assert!(provider.takes_new().await);
    assert!(provider.takes_old().await);
}

#[tokio::test(start_paused = true)]
async fn however_many_unknown_keys_are_named_the_provider_is_asked_twice_a_minute() {
    let provider = Provider::new();
    assert!(!provider.takes_new().await);
    provider.publish_both();
    for _ in 0..29 {
        assert!(!provider.takes_new().await);
        advance(seconds(1)).await;
    }
    advance(seconds(1)).await;
    assert!(provider.takes_new().await);
}

#[tokio::test(start_paused = true)]
async fn a_key_that_was_withdrawn_is_not_taken_for_longer_than_ten_minutes() {
    let provider = Provider::new();
    provider.publish_new();
    advance(seconds(599)).await;
    assert!(provider.takes_old().await);
    advance(seconds(1)).await;
    // Read again beside this request, which does not wait for it.
    assert!(provider.takes_old().await);
    assert!(provider.takes_new().await);
    assert!(!provider.takes_old().await);
}

#[tokio::test(start_paused = true)]
async fn keys_stay_as_they_were_while_they_cannot_be_read() {
    let provider = Provider::new();
    for broken in ["", "nonsense", r#"{"keys": []}"#] {
        provider.publish(broken);
        advance(seconds(3600)).await;
        assert!(!provider.takes_new().await);
        assert!(provider.takes_old().await, "{broken}");
    }
    std::fs::remove_file(provider.file.path()).unwrap();
    advance(seconds(3600)).await;
    assert!(!provider.takes_new().await);
    assert!(provider.takes_old().await);
    provider.publish_both();
    advance(seconds(30)).await;
    assert!(provider.takes_new().await);
}

#[tokio::test(start_paused = true)]
async fn many_tokens_of_a_new_key_at_once_are_all_taken() {
    let provider = Provider::new();
    provider.publish_both();
    advance(seconds(30)).await;
    let token = provider.new.token("new", &claims());
    let checks: Vec<_> = (0..50)
        .map(|_| {
            let (verifier, token) = (provider.verifier.clone(), token.clone());
            tokio::spawn(async move { is_taken(&verifier, &token).await })
        })
        .collect();
    for check in checks {
        assert!(check.await.unwrap());
    }
}
