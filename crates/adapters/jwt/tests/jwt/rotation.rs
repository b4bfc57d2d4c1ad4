//! Tests of key rotation, with a simulated clock.

use std::time::Duration;

use engage_jwt::{DnsResolver, JwtVerifier, KeySource};
use engage_testkit::identity_provider::{Signer, key_set};
use tempfile::NamedTempFile;
use tokio::time::advance;

use crate::support::{claims, is_taken, key_file, settings};

/// A provider with an old and a new key. The verifier has read the old one.
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
        let verifier = JwtVerifier::new(
            settings(KeySource::File(file.path().to_owned())),
            &DnsResolver::system(),
        );
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
async fn a_new_key_is_read_when_the_first_token_names_it() {
    let provider = Provider::new();
    provider.publish_both();
    advance(seconds(30)).await;
    assert!(provider.takes_new().await);
    assert!(provider.takes_old().await);
}

#[tokio::test(start_paused = true)]
async fn unknown_keys_cause_at_most_two_reads_a_minute() {
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
async fn a_withdrawn_key_is_accepted_for_ten_minutes_at_most() {
    let provider = Provider::new();
    provider.publish_new();
    advance(seconds(599)).await;
    assert!(provider.takes_old().await);
    advance(seconds(1)).await;
    // This triggers a read in the background, which the request does not wait for.
    assert!(provider.takes_old().await);
    assert!(provider.takes_new().await);
    assert!(!provider.takes_old().await);
}

#[tokio::test(start_paused = true)]
async fn the_previous_keys_remain_while_reading_fails() {
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
async fn concurrent_tokens_of_a_new_key_are_all_accepted() {
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
