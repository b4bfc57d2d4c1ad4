//! One-time codes: how they are made, how many a customer may request, and how long one is valid.

use std::fmt;
use std::time::Duration;

use engage_domain::NotificationId;
use engage_repository::CodeLimit;
use hmac::Mac;
use secrecy::{ExposeSecret, SecretString};

use super::AccessTokens;

/// Crockford's Base32 alphabet, which avoids letters that look alike.
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Number of characters in a code, of 5 bits each.
const LENGTH: usize = 8;

/// A one-time code that is easy to type, such as `K7QM-4XPD`.
#[derive(Debug, Clone)]
pub struct AccessCode(SecretString);

impl AccessCode {
    /// Rate limit on codes for a case. Each new code replaces the previous one.
    pub(super) const LIMIT: CodeLimit =
        CodeLimit { most: 5, within: Duration::from_hours(1), apart: Duration::from_mins(1) };

    /// Validity of a code.
    pub(super) const VALID_FOR: Duration = Duration::from_mins(15);

    /// Maximum number of attempts to redeem a code.
    pub(super) const MOST_TRIES: u32 = 5;

    /// Parses a code as typed, ignoring case, spaces and hyphens. Returns `None` if the text is not
    /// a code.
    pub fn read(typed: &str) -> Option<Self> {
        let letters = typed.chars().filter(|letter| !" -\t".contains(*letter)).map(|letter| {
            match letter.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                other => other,
            }
        });
        let letters: String = letters.take(LENGTH + 1).collect();
        let are_known = letters.bytes().all(|letter| LETTERS.contains(&letter));
        (letters.len() == LENGTH && are_known).then(|| Self(letters.into()))
    }
}

impl fmt::Display for AccessCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (first, second) = self.0.expose_secret().split_at(LENGTH / 2);
        write!(f, "{first}-{second}")
    }
}

impl AccessTokens {
    /// Derives the code that a notification delivers.
    pub fn code(&self, message: NotificationId) -> AccessCode {
        let mut mac = self.begin(b"engage access code 1\0");
        mac.update(&message.as_u128().to_be_bytes());
        let bits = mac.finalize().into_bytes();
        // Five bits of each byte.
        let letter = |octet: u8| char::from(LETTERS[usize::from(octet & 31)]);
        let letters: String = bits.into_iter().take(LENGTH).map(letter).collect();
        AccessCode(letters.into())
    }

    /// Checks whether `shown` is the code of the notification, in constant time.
    pub(crate) fn is_code(&self, message: NotificationId, shown: &AccessCode) -> bool {
        let code = self.code(message);
        self.is_same(code.0.expose_secret().as_bytes(), shown.0.expose_secret().as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::super::ServerSecret;
    use super::*;

    fn tokens(secret: u8) -> AccessTokens {
        AccessTokens::new(&ServerSecret::from_bits([secret; 32]), Duration::from_mins(1))
    }

    #[test]
    fn codes_are_parsed_as_people_type_them() {
        let code = tokens(1).code(NotificationId::from_u128(7));
        let text = code.to_string();
        assert_eq!((text.len(), text.as_bytes()[4]), (9, b'-'), "{text}");
        for typed in
            [text.clone(), text.to_lowercase(), text.replace('-', " "), format!(" {text} ")]
        {
            assert_eq!(AccessCode::read(&typed).unwrap().to_string(), text, "{typed}");
        }
        assert_eq!(
            AccessCode::read("oiLO-0000").map(|code| code.to_string()).unwrap(),
            "0110-0000"
        );
        for typed in ["", "ABCD", "ABCD-EFGHJ", "ABCD-EFGU", "ABCD-EFG\u{e9}", &"A".repeat(9999)] {
            assert!(AccessCode::read(typed).is_none(), "{typed}");
        }
        assert_eq!(format!("{code:?}"), "AccessCode(SecretBox<str>([REDACTED]))");
    }

    #[test]
    fn codes_differ_by_notification_and_by_secret() {
        let [one, other] = [7, 8].map(NotificationId::from_u128);
        let code = tokens(1).code(one);
        assert!(tokens(1).is_code(one, &code));
        assert!(!tokens(1).is_code(other, &code));
        assert!(!tokens(2).is_code(one, &code));
    }
}
