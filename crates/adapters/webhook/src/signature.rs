//! Signatures with which an endpoint authenticates the sender of an event.
//!
//! A signature is the HMAC-SHA-256 of `<id>.<seconds>.<body>`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use engage_domain::webhook::WebhookSecret;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The signed parts of a request.
pub(crate) struct Signed<'a> {
    /// ID of the notification.
    pub(crate) id: &'a str,
    /// Seconds since 1970-01-01T00:00:00Z.
    pub(crate) seconds: i64,
    pub(crate) body: &'a str,
}

impl Signed<'_> {
    /// Returns the value of `webhook-signature`: one signature per secret. The endpoint needs to
    /// know only one of the secrets.
    pub(crate) fn signatures(&self, secrets: &[WebhookSecret]) -> String {
        let signatures: Vec<String> =
            secrets.iter().map(|secret| self.signature(secret.as_bytes())).collect();
        signatures.join(" ")
    }

    fn signature(&self, key: &[u8]) -> String {
        // HMAC accepts a key of any length (RFC 2104, section 2).
        #[allow(clippy::expect_used)]
        let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("a key of any length");
        mac.update(format!("{}.{}.", self.id, self.seconds).as_bytes());
        mac.update(self.body.as_bytes());
        format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VECTOR: Signed<'static> = Signed {
        id: "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk",
        seconds: 1_649_367_553,
        body: r#"{"email":"test@example.com","username":"test_user"}"#,
    };

    #[test]
    fn the_signature_matches_the_published_test_vector() {
        let key = STANDARD.decode("C2FVsBQIhrscChlQIMV+b5sSYspob7oD").unwrap();
        let expected = "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=";
        assert_eq!(VECTOR.signature(&key), expected);
    }

    #[test]
    fn every_secret_signs_in_the_given_order() {
        let secrets = [WebhookSecret::from_bytes([1; 32]), WebhookSecret::from_bytes([2; 32])];
        let [first, second] = secrets.each_ref().map(|s| VECTOR.signature(s.as_bytes()));
        assert_ne!(first, second);
        assert_eq!(VECTOR.signatures(&secrets), format!("{first} {second}"));
    }
}
