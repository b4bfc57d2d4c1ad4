//! Tests of key sets that cannot be used, and of keys that are ignored.

use std::error::Error;

use engage_jwt::{DnsResolver, JwtVerifier, KeySetError, KeySource, KeySourceError, SetUpError};
use engage_testkit::identity_provider::{Signer, base64, key_set};
use serde_json::{Value, json};
use tempfile::NamedTempFile;

use crate::support::{claims, is_taken, settings, verifier};

fn set_up(text: &str) -> Result<JwtVerifier, SetUpError> {
    let file = NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    JwtVerifier::new(settings(KeySource::File(file.path().to_owned())), &DnsResolver::system())
}

fn with(mut jwk: Value, name: &str, value: Value) -> Value {
    jwk[name] = value;
    jwk
}

#[test]
fn a_missing_or_malformed_key_file_is_reported_immediately() {
    let nowhere = settings(KeySource::File("/nowhere/keys.json".into()));
    let Err(error) = JwtVerifier::new(nowhere, &DnsResolver::system()) else { panic!("taken") };
    assert!(matches!(error, SetUpError::File { .. }), "{error:?}");
    assert!(error.to_string().contains("/nowhere/keys.json"), "{error}");
    for text in ["", "{}", "[]", "nonsense", r#"{"keys": {}}"#, r#"{"keys": "x"}"#] {
        let Err(error) = set_up(text) else { panic!("{text} taken") };
        let cause = error.source().and_then(|cause| cause.downcast_ref::<KeySetError>());
        assert!(matches!(cause, Some(KeySetError::Malformed(_))), "{text}: {error:?}");
    }
}

#[test]
fn a_file_without_a_usable_key_is_reported_immediately() {
    let (rsa, ec, ed) = (Signer::rsa().jwk("r"), Signer::ec().jwk("e"), Signer::ed().jwk("d"));
    let short = json!({"kty": "RSA", "n": base64([255; 128]), "e": "AQAB"});
    for key in [
        json!(5),
        json!({}),
        json!({"kty": "oct", "k": "c2VjcmV0"}),
        short,
        with(rsa.clone(), "use", json!("enc")),
        with(rsa.clone(), "alg", json!("RSA-OAEP")),
        with(rsa.clone(), "alg", json!("HS256")),
        with(rsa.clone(), "key_ops", json!(["sign"])),
        with(rsa, "n", json!("not base64!")),
        with(ec.clone(), "crv", json!("P-384")),
        with(ec.clone(), "y", json!("AAAA")),
        with(ec, "x", Value::Null),
        with(ed.clone(), "crv", json!("X25519")),
        with(ed, "x", json!("AAAA")),
    ] {
        let Err(error) = set_up(&key_set(std::slice::from_ref(&key))) else {
            panic!("{key} taken")
        };
        let cause = error.source().and_then(|cause| cause.downcast_ref::<KeySetError>());
        assert!(matches!(cause, Some(KeySetError::NoUsableKey)), "{key}: {error:?}");
    }
}

#[tokio::test]
async fn unusable_keys_do_not_prevent_the_use_of_others() {
    let signer = Signer::ec();
    let encryption = with(Signer::rsa().jwk("k"), "use", json!("enc"));
    let keys = [json!({"kty": "AKP"}), json!("nonsense"), encryption, signer.jwk("k")];
    assert!(is_taken(&verifier(&keys), &signer.token("k", &claims())).await);
}

#[test]
fn keys_come_from_a_file_or_a_secure_url() {
    for (text, expected) in [
        ("https://login.example/keys?x=1", "https://login.example/keys?x=1"),
        ("http://127.0.0.1:9000/keys", "http://127.0.0.1:9000/keys"),
        ("http://[::1]/keys", "http://[::1]/keys"),
        ("http://localhost/keys", "http://localhost/keys"),
        ("keys.json", "keys.json"),
        ("/etc/engage/keys.json", "/etc/engage/keys.json"),
    ] {
        assert_eq!(text.parse::<KeySource>().unwrap().to_string(), expected);
    }
    for (text, expected) in [
        ("http://login.example/keys", KeySourceError::NotSecure),
        ("http://127.0.0.1.evil.example/keys", KeySourceError::NotSecure),
        ("http://192.168.0.1/keys", KeySourceError::NotSecure),
        ("ftp://login.example/keys", KeySourceError::Malformed),
        ("file:///etc/keys.json", KeySourceError::Malformed),
        ("https://", KeySourceError::Malformed),
    ] {
        assert_eq!(text.parse::<KeySource>(), Err(expected), "{text}");
    }
}
