use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use engage_domain::{CaseId, PersonId, Timestamp};
use engage_repository::AccessGeneration;
use hmac::{Hmac, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

use super::ServerSecret;

/// Domain separators of the MACs.
const TOKEN: &[u8] = b"engage access token 1\0";
const PARTICIPANT_TOKEN: &[u8] = b"engage participant token 1\0";
const COMPARISON: &[u8] = b"engage comparison\0";

/// Lengths in bytes of the expiry and the MAC.
const EXPIRY: usize = 8;
const MAC: usize = 32;

/// Length in bytes of the id of a participant.
pub(super) const PERSON: usize = 16;

/// Token that proves ownership of a case, or that somebody takes part in it, instead of a login. The
/// value may also be an unverified text presented as a token.
#[derive(Debug, Clone)]
pub struct AccessToken(SecretString);

impl AccessToken {
    /// Prefix of the tokens of customers.
    pub const PREFIX: &str = "cat_";

    /// Prefix of the tokens of participants.
    pub const PARTICIPANT_PREFIX: &str = "cap_";

    /// Returns the token in plain text.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// Checks whether the text looks like a token of a customer or a participant.
    pub(super) fn has_prefix(&self) -> bool {
        let text = self.expose();
        text.starts_with(Self::PREFIX) || text.starts_with(Self::PARTICIPANT_PREFIX)
    }

    /// Returns the participant whose token the text claims to be. The claim is not verified.
    pub(super) fn claimed_participant(&self) -> Option<PersonId> {
        decode_participants(self.expose()).map(|(person, _, _)| person)
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
/// token can be derived again at any time. A token of a participant is `cap_` followed by the
/// encoding of the participant's id, the expiry, and a MAC of another purpose that covers the case,
/// the id, the participant's own generation and the expiry.
///
/// ```
/// use std::time::Duration;
///
/// use engage_application::{AccessTokens, ServerSecret};
/// use engage_domain::{CaseId, PersonId, Timestamp};
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
        let expiry = self.expiry(at);
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
        is_genuine && !is_over(expiry, now)
    }

    /// Issues the token of a participant. Its lifetime starts at `at`.
    ///
    /// The same arguments yield the same token.
    pub fn issue_to_participant(
        &self,
        case: CaseId,
        person: PersonId,
        generation: AccessGeneration,
        at: Timestamp,
    ) -> AccessToken {
        let expiry = self.expiry(at);
        let mac = self.participants_mac(case, person, generation, expiry).finalize().into_bytes();
        let person = person.as_u128().to_be_bytes();
        let encoded = URL_SAFE_NO_PAD.encode([&person[..], &expiry[..], &mac[..]].concat());
        AccessToken(format!("{}{encoded}", AccessToken::PARTICIPANT_PREFIX).into())
    }

    /// Checks whether a text is a token of the participant of the case that is valid at a time.
    ///
    /// The comparison takes constant time.
    pub fn fits_participant(
        &self,
        text: &str,
        case: CaseId,
        person: PersonId,
        generation: AccessGeneration,
        now: Timestamp,
    ) -> bool {
        let Some((named, expiry, mac)) = decode_participants(text) else { return false };
        let expected = self.participants_mac(case, person, generation, expiry);
        let is_genuine = expected.verify_slice(&mac).is_ok();
        is_genuine && named == person && !is_over(expiry, now)
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

    /// Returns the end of a lifetime in seconds, which are precise enough and shorter than
    /// milliseconds.
    fn expiry(&self, at: Timestamp) -> [u8; EXPIRY] {
        at.plus(self.lifetime).as_millis().div_euclid(1000).to_be_bytes()
    }

    fn participants_mac(
        &self,
        case: CaseId,
        person: PersonId,
        generation: AccessGeneration,
        expiry: [u8; EXPIRY],
    ) -> Hmac<Sha256> {
        let mut mac = self.begin(PARTICIPANT_TOKEN);
        mac.update(&case.as_u128().to_be_bytes());
        mac.update(&person.as_u128().to_be_bytes());
        mac.update(&generation.0.to_be_bytes());
        mac.update(&expiry);
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

type ParticipantsToken = (PersonId, [u8; EXPIRY], [u8; MAC]);

fn decode_participants(text: &str) -> Option<ParticipantsToken> {
    let encoded = text.strip_prefix(AccessToken::PARTICIPANT_PREFIX)?;
    let bytes = URL_SAFE_NO_PAD.decode(encoded).ok()?;
    let (person, bytes) = split_person(&bytes)?;
    let (expiry, mac) = bytes.split_at_checked(EXPIRY)?;
    Some((person, expiry.try_into().ok()?, mac.try_into().ok()?))
}

/// Splits off the id of a participant, with which their tokens begin.
pub(super) fn split_person(bytes: &[u8]) -> Option<(PersonId, &[u8])> {
    let (person, rest) = bytes.split_at_checked(PERSON)?;
    let person = u128::from_be_bytes(person.try_into().ok()?);
    Some((PersonId::from_u128(person), rest))
}

fn is_over(expiry: [u8; EXPIRY], now: Timestamp) -> bool {
    now.as_millis().div_euclid(1000) >= i64::from_be_bytes(expiry)
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

    const ANN: PersonId = PersonId::from_u128(9);

    #[test]
    fn a_participants_token_fits_nobody_else_and_no_other_case_or_generation() {
        let token = tokens(1).issue_to_participant(CASE, ANN, FIRST, at(0));
        let token = token.expose();
        assert_eq!((token.len(), &token[..4]), (79, "cap_"));
        let fits = |secret, case, person, generation, seconds| {
            tokens(secret).fits_participant(token, case, person, generation, at(seconds))
        };
        for (seconds, expected) in [(0, true), (59, true), (60, false)] {
            assert_eq!(fits(1, CASE, ANN, FIRST, seconds), expected, "{seconds}");
        }
        assert!(!fits(1, CaseId::from_u128(8), ANN, FIRST, 0));
        assert!(!fits(1, CASE, PersonId::from_u128(8), FIRST, 0));
        assert!(!fits(1, CASE, ANN, AccessGeneration(1), 0));
        assert!(!fits(2, CASE, ANN, FIRST, 0));
    }

    #[test]
    fn a_participants_token_is_none_of_the_customer_and_the_other_way_round() {
        let anns = tokens(1).issue_to_participant(CASE, ANN, FIRST, at(0));
        let customers = tokens(1).issue(CASE, FIRST, at(0));
        assert!(!tokens(1).fits(anns.expose(), CASE, FIRST, at(0)));
        let customer = PersonId::of_customer(CASE);
        for person in [ANN, customer] {
            let fits = tokens(1).fits_participant(customers.expose(), CASE, person, FIRST, at(0));
            assert!(!fits);
        }
        // The same bytes under the other prefix.
        let renamed = anns.expose().replace("cap_", "cat_");
        assert!(!tokens(1).fits(&renamed, CASE, FIRST, at(0)));
        let renamed = customers.expose().replace("cat_", "cap_");
        assert!(!tokens(1).fits_participant(&renamed, CASE, ANN, FIRST, at(0)));
    }

    #[test]
    fn a_participants_token_that_names_another_person_fits_nobody() {
        let ben = PersonId::from_u128(10);
        let token = tokens(1).issue_to_participant(CASE, ANN, FIRST, at(0));
        let bytes = URL_SAFE_NO_PAD.decode(&token.expose()[4..]).unwrap();
        let forged = [&ben.as_u128().to_be_bytes(), &bytes[PERSON..]].concat();
        let forged = format!("cap_{}", URL_SAFE_NO_PAD.encode(forged));
        for person in [ANN, ben] {
            assert!(!tokens(1).fits_participant(&forged, CASE, person, FIRST, at(0)));
        }
        assert_eq!(AccessToken::from(&*forged).claimed_participant(), Some(ben));
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
