//! Tests of keys read over HTTP.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use engage_identity::{CredentialVerifier, VerifierError};
use engage_jwt::{DnsResolver, JwtVerifier};
use engage_testkit::dns::DnsServer;
use engage_testkit::identity_provider::{Signer, key_set};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::support::{claims, is_taken, now, settings};

/// A provider that returns the same text for every request.
struct Provider {
    url: String,
    requests: Arc<AtomicUsize>,
}

impl Provider {
    async fn answering(answer: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/keys", listener.local_addr().unwrap());
        let requests = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&requests);
        tokio::spawn(async move {
            loop {
                let (mut connection, _) = listener.accept().await.unwrap();
                count.fetch_add(1, Ordering::SeqCst);
                let mut head = [0; 4096];
                let read = connection.read(&mut head).await.unwrap();
                let head = String::from_utf8_lossy(&head[..read]);
                assert!(head.starts_with("GET /keys HTTP/1.1\r\n"), "{head}");
                // The client may disconnect before everything is sent.
                let _ = connection.write_all(answer.as_bytes()).await;
            }
        });
        Self { url, requests }
    }

    async fn publishing(text: &str) -> Self {
        Self::answering(http("200 OK", text)).await
    }

    fn verifier(&self) -> JwtVerifier {
        JwtVerifier::new(settings(self.url.parse().unwrap()), &DnsResolver::system()).unwrap()
    }

    fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

fn http(status: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\ncontent-length: {}\r\nlocation: /elsewhere\r\nconnection: close\r\n\r\n\
         {body}",
        body.len()
    )
}

#[tokio::test]
async fn keys_are_read_for_the_first_token_and_then_cached() {
    let signer = Signer::ec();
    let provider = Provider::publishing(&key_set(&[signer.jwk("k")])).await;
    let verifier = provider.verifier();
    assert_eq!(provider.requests(), 0);
    for _ in 0..3 {
        assert!(is_taken(&verifier, &signer.token("k", &claims())).await);
        assert!(!is_taken(&verifier, &signer.token("unknown", &claims())).await);
    }
    assert_eq!(provider.requests(), 1);
}

#[tokio::test]
async fn keys_can_be_read_before_the_first_token() {
    let signer = Signer::ec();
    let provider = Provider::publishing(&key_set(&[signer.jwk("k")])).await;
    let verifier = provider.verifier();
    verifier.warm_up().await;
    verifier.warm_up().await;
    assert_eq!(provider.requests(), 1);
    assert!(is_taken(&verifier, &signer.token("k", &claims())).await);
    assert_eq!(provider.requests(), 1);
}

#[tokio::test]
async fn without_any_keys_a_token_cannot_be_verified() {
    let signer = Signer::ec();
    let keys = key_set(&[signer.jwk("k")]);
    let large = format!("{}{}", " ".repeat(300 * 1024), keys);
    for answer in [
        http("500 Internal Server Error", &keys),
        http("302 Found", &keys),
        http("404 Not Found", ""),
        http("200 OK", "<html>"),
        http("200 OK", r#"{"keys": []}"#),
        http("200 OK", &large),
        "nonsense\r\n\r\n".to_owned(),
        String::new(),
    ] {
        let provider = Provider::answering(answer).await;
        let outcome = provider.verifier().verify(&signer.token("k", &claims()), now()).await;
        assert!(matches!(outcome, Err(VerifierError::Unavailable(_))), "{outcome:?}");
        assert_eq!(provider.requests(), 1);
    }
}

#[tokio::test]
async fn credentials_that_cannot_be_tokens_need_no_keys() {
    let signer = Signer::ec();
    let provider = Provider::publishing("nonsense").await;
    let verifier = provider.verifier();
    let header = serde_json::json!({"alg": "HS256", "kid": "k"});
    for text in ["", "eng_abab", "a.b.c", &signer.token_with(&header, &claims())] {
        assert!(!is_taken(&verifier, text).await, "{text}");
    }
    assert_eq!(provider.requests(), 0);
}

#[tokio::test]
async fn the_host_of_the_keys_is_resolved_by_dns() {
    let dns = DnsServer::start("");
    let resolver = DnsResolver::with_servers(&[dns.address()]);
    let keys = "https://idp.example/keys".parse().unwrap();
    let verifier = JwtVerifier::new(settings(keys), &resolver).unwrap();
    verifier.warm_up().await;
    assert!(dns.questions().contains(&"idp.example. A".to_owned()), "{:?}", dns.questions());
}
