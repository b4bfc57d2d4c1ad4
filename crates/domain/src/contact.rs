//! Addresses at which people are reached.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use thiserror::Error;

/// An e-mail address that every mail server takes: `local@domain` in ASCII, at most 254 octets.
///
/// The local part is a dot-atom (RFC 5321, section 4.1.2) of at most 64 octets, the domain a host
/// name of labels of letters, digits and hyphens. Quoted local parts and address literals are
/// refused; an internationalised domain is given in its ASCII form (`xn--…`). The spelling is kept,
/// comparison ignores case.
#[derive(Debug, Clone)]
pub struct EmailAddress(String);

/// A text that is no e-mail address of the accepted form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum EmailAddressError {
    /// More than 254 octets (RFC 5321, section 4.5.3.1.3, less the angle brackets).
    #[error("must be at most 254 octets")]
    TooLong,
    /// Not of the form `local@domain`.
    #[error("must be an e-mail address such as john@example.com")]
    Malformed,
}

/// What stands where a person's e-mail address was erased; nothing can be sent there (RFC 2606,
/// section 2).
pub const ERASED_EMAIL: &str = "erased@erased.invalid";

impl EmailAddress {
    /// [`ERASED_EMAIL`].
    #[must_use]
    pub fn erased() -> Self {
        Self(ERASED_EMAIL.to_owned())
    }

    /// The address as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address in lower case: equal for addresses that are the same.
    pub fn normalized(&self) -> String {
        self.0.to_ascii_lowercase()
    }
}

fn is_local_part(text: &str) -> bool {
    const SPECIAL: &[u8] = b"!#$%&'*+-/=?^_`{|}~";
    text.len() <= 64
        && text.split('.').all(|atom| {
            !atom.is_empty()
                && atom.bytes().all(|b| b.is_ascii_alphanumeric() || SPECIAL.contains(&b))
        })
}

fn is_host_name(text: &str) -> bool {
    text.split('.').all(|label| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    })
}

impl FromStr for EmailAddress {
    type Err = EmailAddressError;

    fn from_str(text: &str) -> Result<Self, EmailAddressError> {
        let text = text.trim();
        if text.len() > 254 {
            return Err(EmailAddressError::TooLong);
        }
        match text.rsplit_once('@') {
            Some((local, domain)) if is_local_part(local) && is_host_name(domain) => {
                Ok(Self(text.to_owned()))
            }
            _ => Err(EmailAddressError::Malformed),
        }
    }
}

impl PartialEq for EmailAddress {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for EmailAddress {}

impl Hash for EmailAddress {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.normalized().hash(state);
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

crate::wire::serde_as_text!(EmailAddress);

/// A telephone number in E.164 form: `+` and 7 to 15 digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PhoneNumber(String);

/// A text that is no telephone number of the accepted form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("must be a telephone number in international form: + and 7 to 15 digits")]
pub struct PhoneNumberError;

/// What stands where a person's telephone number was erased; no country has the code 0 (ITU-T E.164).
pub const ERASED_PHONE: &str = "+0000000";

impl PhoneNumber {
    /// The number, without separators.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for PhoneNumber {
    type Err = PhoneNumberError;

    fn from_str(text: &str) -> Result<Self, PhoneNumberError> {
        let compact: String =
            text.trim().chars().filter(|c| !matches!(c, ' ' | '.' | '-' | '(' | ')')).collect();
        let digits = compact.strip_prefix('+').ok_or(PhoneNumberError)?;
        if (7..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()) {
            Ok(Self(compact))
        } else {
            Err(PhoneNumberError)
        }
    }
}

impl fmt::Display for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

crate::wire::serde_as_text!(PhoneNumber);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_addresses_are_accepted_as_given() {
        for text in [
            "john@example.com",
            "John.O'Neil+support@Mail.Example.co.uk",
            "a@b.c",
            "support@localhost",
            "x@xn--mnchen-3ya.de",
            "!#$%&'*+-/=?^_`{|}~@example.com",
        ] {
            assert_eq!(text.parse::<EmailAddress>().unwrap().as_str(), text);
        }
    }

    #[test]
    fn what_a_mail_server_would_refuse_is_refused() {
        for text in [
            "",
            "john",
            "@example.com",
            "john@",
            "john@@example.com",
            "jo hn@example.com",
            ".john@example.com",
            "john.@example.com",
            "jo..hn@example.com",
            "john@example..com",
            "john@-example.com",
            "john@example-.com",
            "john@example.com.",
            "\"john\"@example.com",
            "john@[127.0.0.1]",
            "john@exam_ple.com",
            "j\u{f6}hn@example.com",
            "john@ex\u{e4}mple.com",
            "john@example.com\r\nBcc: x@y.z",
            "<john@example.com>",
            "a,b@example.com",
            "john@example.com\0",
        ] {
            assert_eq!(text.parse::<EmailAddress>(), Err(EmailAddressError::Malformed), "{text:?}");
        }
    }

    #[test]
    fn an_address_has_at_most_254_octets_and_its_parts_64_and_63() {
        let label = "d".repeat(61);
        let domain = [label.as_str(); 4].join(".");
        let longest = format!("{}@{domain}", "l".repeat(6));
        assert_eq!(longest.len(), 254);
        assert!(longest.parse::<EmailAddress>().is_ok());
        assert_eq!(format!("l{longest}").parse::<EmailAddress>(), Err(EmailAddressError::TooLong));
        assert!(format!("{}@a.b", "l".repeat(64)).parse::<EmailAddress>().is_ok());
        assert!(format!("{}@a.b", "l".repeat(65)).parse::<EmailAddress>().is_err());
        assert!(format!("a@{}.b", "d".repeat(63)).parse::<EmailAddress>().is_ok());
        assert!(format!("a@{}.b", "d".repeat(64)).parse::<EmailAddress>().is_err());
    }

    #[test]
    fn addresses_compare_without_regard_to_case() {
        let one: EmailAddress = "John@Example.com".parse().unwrap();
        assert_eq!(one, "john@example.COM".parse().unwrap());
        assert_eq!(one.normalized(), "john@example.com");
    }

    #[test]
    fn a_phone_number_loses_its_separators() {
        let number: PhoneNumber = " +1 (234) 567-89.0 ".parse().unwrap();
        assert_eq!(number.as_str(), "+1234567890");
    }

    #[test]
    fn a_phone_number_has_7_to_15_digits_after_a_plus() {
        for text in ["+1234567", "+123456789012345"] {
            assert!(text.parse::<PhoneNumber>().is_ok(), "{text}");
        }
        for text in [
            "",
            "+",
            "1234567890",
            "+123456",
            "+1234567890123456",
            "+12345a7",
            "++1234567",
            "+123\n4567",
            "00491234567",
            "+1/2345678",
            "+\u{661}\u{662}\u{663}4567",
        ] {
            assert_eq!(text.parse::<PhoneNumber>(), Err(PhoneNumberError), "{text:?}");
        }
    }
}
