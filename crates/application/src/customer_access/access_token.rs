use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use engage_domain::{CaseId, Timestamp};
use engage_repository::AccessGeneration;
use hmac::{Hmac, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

use super::ServerSecret;

/// Domain separators of the MACs.
const TOKEN: &[u8] = b"engage access token 1\0";
const COMPARISON: &[u8] = b"engage comparison\0";

/// Lengths in bytes of the expiry and the MAC.
const EXPIRY: usize = 8;
const MAC: usize = 32;

/// Token that proves ownership of a case, instead of a login. The value may also be an unverified
/// text presented as a token.
#[derive(Debug, Clone)]
pub struct AccessToken(SecretString);

impl AccessToken {
    /// Prefix of every token.
    pub const PREFIX: &str = "cat_";

    /// Returns the token in plain text.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl From<&str> for AccessToken {
    fn from(shown: &str) -> Self {
        Self(shown.into())
    }
}

/// Issues and verifies access tokens.
///
/// A token is `cat_` followed by the URL-safe Base64 encoding of its expiry and of an HMAC-SHA-256
/// over the case id, the access generation and the expiry. Tokens are not stored, because the same
/// token can be derived again at any time.
///
/// ```
/// use std::time::Duration;
///
/// use engage_application::{AccessTokens, ServerSecret};
/// use engage_domain::{CaseId, Timestamp};
/// use engage_repository::AccessGeneration;
///
/// let secret: ServerSecret = "7d1f4c09b2e85a63d0c7f1ae94b3568207ce".parse()?;
/// let tokens = AccessTokens::new(&secret, Duration::from_secs(3600));
/// let (case, generation) = (CaseId::from_u128(7), AccessGeneration::default());
/// let now: Timestamp = "2025-01-27T10:00:00Z".parse()?;
/// let token = tokens.issue(case, generation, now);
/// assert!(tokens.fits(token.expose(), case, generation, now));
///
/// // It is for this case only, and for an hour.
/// assert!(!tokens.fits(token.expose(), CaseId::from_u128(8), generation, now));
/// assert!(!tokens.fits(token.expose(), case, generation, now.plus(Duration::from_secs(3600))));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct AccessTokens {
    key: Hmac<Sha256>,
    lifetime: Duration,
}

impl AccessTokens {
    /// Default of the setting `customers.token_lifetime`: 90 days.
    pub const DEFAULT_LIFETIME: Duration = Duration::from_hours(90 * 24);

    /// Creates an issuer with a secret and the lifetime of its tokens.
    pub fn new(secret: &ServerSecret, lifetime: Duration) -> Self {
        Self { key: secret.mac(), lifetime }
    }

    /// Issues the token of a case. Its lifetime starts at `at`.
    ///
    /// The same arguments yield the same token. If a response or notification may have to be
    /// rendered again, pass the time of the event, not the current time.
    pub fn issue(&self, case: CaseId, generation: AccessGeneration, at: Timestamp) -> AccessToken {
        // Whole seconds are precise enough and shorter.
        let expiry = at.plus(self.lifetime).as_millis().div_euclid(1000).to_be_bytes();
        let mac = self.mac(case, generation, expiry).finalize().into_bytes();
        let encoded = URL_SAFE_NO_PAD.encode([&expiry[..], &mac[..]].concat());
        AccessToken(format!("{}{encoded}", AccessToken::PREFIX).into())
    }

    /// Checks whether a text is a token of the case that is valid at a time.
    ///
    /// The comparison takes constant time.
    pub fn fits(
        &self,
        text: &str,
        case: CaseId,
        generation: AccessGeneration,
        now: Timestamp,
    ) -> bool {
        let Some((expiry, mac)) = decode(text) else { return false };
        let is_genuine = self.mac(case, generation, expiry).verify_slice(&mac).is_ok();
        is_genuine && now.as_millis().div_euclid(1000) < i64::from_be_bytes(expiry)
    }

    /// Compares two normalized email addresses in constant time.
    pub(super) fn is_same_address(&self, one: &str, other: &str) -> bool {
        self.is_same(one.as_bytes(), other.as_bytes())
    }

    /// Compares two values in constant time.
    pub(super) fn is_same(&self, one: &[u8], other: &[u8]) -> bool {
        let mac = |value: &[u8]| {
            let mut mac = self.begin(COMPARISON);
            mac.update(value);
            mac
        };
        mac(one).verify_slice(&mac(other).finalize().into_bytes()).is_ok()
    }

    /// Starts a MAC for one purpose, so that it is not valid for another.
    pub(super) fn begin(&self, purpose: &[u8]) -> Hmac<Sha256> {
        let mut mac = self.key.clone();
        mac.update(purpose);
        mac
    }

    fn mac(
        &self,
        case: CaseId,
        generation: AccessGeneration,
        expiry: [u8; EXPIRY],
    ) -> Hmac<Sha256> {
        let mut mac = self.begin(TOKEN);
        mac.update(&case.as_u128().to_be_bytes());
        mac.update(&generation.0.to_be_bytes());
        mac.update(&expiry);
        mac
    }
}

fn decode(text: &str) -> Option<([u8; EXPIRY], [u8; MAC])> {
    let bytes = URL_SAFE_NO_PAD.decode(text.strip_prefix(AccessToken::PREFIX)?).ok()?;
    let (expiry, mac) = bytes.split_at_checked(EXPIRY)?;
    Some((expiry.try_into().ok()?, mac.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CASE: CaseId = CaseId::from_u128(7);
    const FIRST: AccessGeneration = AccessGeneration(0);

    fn tokens(secret: u8) -> AccessTokens {
        AccessTokens::new(&ServerSecret::from_bits([secret; 32]), Duration::from_mins(1))
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1000 + 250)
    }

    #[test]
    fn a_token_fits_its_case_until_it_expires_and_is_deterministic() {
        let token = tokens(1).issue(CASE, FIRST, at(0));
        assert_eq!(token.expose(), tokens(1).issue(CASE, FIRST, at(0)).expose());
        for (seconds, fits) in [(-5, true), (0, true), (59, true), (60, false), (9999, false)] {
            assert_eq!(tokens(1).fits(token.expose(), CASE, FIRST, at(seconds)), fits, "{seconds}");
        }
        assert_eq!(format!("{token:?}"), "AccessToken(SecretBox<str>([REDACTED]))");
    }

    #[test]
    fn a_token_is_short_and_safe_in_urls() {
        let token = tokens(1).issue(CASE, FIRST, at(0));
        let text = token.expose();
        assert_eq!(text.len(), 58);
        assert!(text.starts_with("cat_"), "{text}");
        assert!(text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)), "{text}");
    }

    #[test]
    fn a_token_fits_no_other_case_generation_or_secret() {
        let token = tokens(1).issue(CASE, FIRST, at(0));
        let token = token.expose();
        assert!(!tokens(1).fits(token, CaseId::from_u128(8), FIRST, at(0)));
        assert!(!tokens(1).fits(token, CASE, AccessGeneration(1), at(0)));
        assert!(!tokens(2).fits(token, CASE, FIRST, at(0)));
    }

    #[test]
    fn a_modified_token_fits_nothing() {
        let token = tokens(1).issue(CASE, FIRST, at(0));
        let token = token.expose();
        for index in 0..token.len() {
            for other in ['A', 'z', '-', '='] {
                let mut changed: Vec<char> = token.chars().collect();
                changed[index] = other;
                let changed: String = changed.into_iter().collect();
                if changed != token {
                    assert!(!tokens(1).fits(&changed, CASE, FIRST, at(0)), "{changed}");
                }
            }
        }
        for text in ["", "cat_", "cat_AAAA", &token[4..], &format!("{token}A"), "cat_\u{e9}"] {
            assert!(!tokens(1).fits(text, CASE, FIRST, at(0)), "{text}");
        }
    }
}
