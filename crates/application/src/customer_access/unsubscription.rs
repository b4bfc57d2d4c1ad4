use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use engage_domain::{CaseNumber, PersonId};
use engage_repository::ClaimedMessage;
use hmac::{Hmac, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

use super::AccessTokens;
use super::access_token::split_person;

/// Domain separator of the MACs.
const UNSUBSCRIPTION: &[u8] = b"engage unsubscription 1\0";

/// Token with which a mail program ends the participation of its reader in a case. It opens nothing.
/// The value may also be an unverified text presented as a token.
///
/// It is `cau_` followed by the URL-safe Base64 encoding of the participant's id and of an
/// HMAC-SHA-256 over the id and the number of the case. It neither expires nor ends with the
/// participant's access, because every e-mail that was delivered has to lead out of the case.
#[derive(Clone)]
pub struct UnsubscribeToken(SecretString);

impl UnsubscribeToken {
    /// Prefix of the tokens.
    pub const PREFIX: &str = "cau_";

    /// Returns the token in plain text.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl From<&str> for UnsubscribeToken {
    fn from(shown: &str) -> Self {
        Self(shown.into())
    }
}

impl fmt::Debug for UnsubscribeToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UnsubscribeToken(..)")
    }
}

impl AccessTokens {
    /// Issues the token with which a participant leaves a case. It is always the same.
    pub fn issue_unsubscription(&self, case: &CaseNumber, person: PersonId) -> UnsubscribeToken {
        let mac = self.unsubscription_mac(case, person).finalize().into_bytes();
        let person = person.as_u128().to_be_bytes();
        let encoded = URL_SAFE_NO_PAD.encode([&person[..], &mac[..]].concat());
        UnsubscribeToken(format!("{}{encoded}", UnsubscribeToken::PREFIX).into())
    }

    /// Returns the participant who leaves a case with a token, or `None` if the token is not one of
    /// this case. Whether there is such a case does not matter.
    ///
    /// The comparison takes constant time.
    pub fn unsubscriber(&self, token: &UnsubscribeToken, case: &CaseNumber) -> Option<PersonId> {
        let encoded = token.expose().strip_prefix(UnsubscribeToken::PREFIX)?;
        let bytes = URL_SAFE_NO_PAD.decode(encoded).ok()?;
        let (person, mac) = split_person(&bytes)?;
        self.unsubscription_mac(case, person).verify_slice(mac).ok().map(|()| person)
    }

    fn unsubscription_mac(&self, case: &CaseNumber, person: PersonId) -> Hmac<Sha256> {
        let mut mac = self.begin(UNSUBSCRIPTION);
        mac.update(&person.as_u128().to_be_bytes());
        mac.update(case.to_string().as_bytes());
        mac
    }
}

/// Returns the URL with which the participant whom an e-mail is for leaves the case, below the URL of
/// the page for customers.
///
/// There is none in e-mails with a code, which only somebody who requests it gets, and none if the
/// page is not served over HTTPS, which mail programs require (RFC 8058, section 3.1).
pub(super) fn unsubscribe_link(
    tokens: &AccessTokens,
    page: &str,
    message: &ClaimedMessage,
) -> Option<String> {
    let is_usable = page.starts_with("https://") && page.is_ascii();
    if !is_usable || message.template.delivers_code() {
        return None;
    }
    let number = &message.case_number;
    let token = tokens.issue_unsubscription(number, message.person?);
    Some(format!("{page}/unsubscribe?caseNumber={number}&token={}", token.expose()))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use engage_domain::{CaseId, Timestamp};
    use engage_repository::AccessGeneration;

    use super::super::ServerSecret;
    use super::super::access_token::PERSON;
    use super::*;

    const ANN: PersonId = PersonId::from_u128(9);

    fn tokens(secret: u8) -> AccessTokens {
        AccessTokens::new(&ServerSecret::from_bits([secret; 32]), Duration::from_mins(1))
    }

    fn number(text: &str) -> CaseNumber {
        text.parse().unwrap()
    }

    #[test]
    fn a_token_names_the_participant_of_one_case() {
        let case = number("CW-2025-001");
        let token = tokens(1).issue_unsubscription(&case, ANN);
        assert_eq!(token.expose(), tokens(1).issue_unsubscription(&case, ANN).expose());
        assert_eq!((token.expose().len(), &token.expose()[..4]), (68, "cau_"));
        assert_eq!(tokens(1).unsubscriber(&token, &case), Some(ANN));
        assert_eq!(tokens(1).unsubscriber(&token, &number("cw-2025-001")), Some(ANN));
        assert_eq!(tokens(1).unsubscriber(&token, &number("CW-2025-002")), None);
        assert_eq!(tokens(2).unsubscriber(&token, &case), None);
        assert_eq!(format!("{token:?}"), "UnsubscribeToken(..)");
    }

    #[test]
    fn a_token_that_names_another_person_or_is_damaged_names_nobody() {
        let case = number("CW-2025-001");
        let token = tokens(1).issue_unsubscription(&case, ANN);
        let text = token.expose();
        let bytes = URL_SAFE_NO_PAD.decode(&text[4..]).unwrap();
        let forged = [&10_u128.to_be_bytes(), &bytes[PERSON..]].concat();
        let forged = format!("cau_{}", URL_SAFE_NO_PAD.encode(forged));
        for other in ["", "cau_", "cau_AAAA", &text[4..], &text[..60], &forged] {
            assert_eq!(tokens(1).unsubscriber(&other.into(), &case), None, "{other}");
        }
    }

    #[test]
    fn a_token_opens_nothing_and_no_access_token_ends_a_participation() {
        let (case, id, first) = (number("CW-2025-001"), CaseId::from_u128(7), AccessGeneration(0));
        let now = Timestamp::from_millis(0);
        let token = tokens(1).issue_unsubscription(&case, ANN);
        for prefix in ["cau_", "cap_", "cat_"] {
            let text = token.expose().replace("cau_", prefix);
            assert!(!tokens(1).fits(&text, id, first, now));
            assert!(!tokens(1).fits_participant(&text, id, ANN, first, now));
        }
        let access = tokens(1).issue_to_participant(id, ANN, first, now);
        for text in [access.expose().to_owned(), access.expose().replace("cap_", "cau_")] {
            assert_eq!(tokens(1).unsubscriber(&(&*text).into(), &case), None);
        }
    }
}
