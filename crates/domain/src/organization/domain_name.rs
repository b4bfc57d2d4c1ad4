//! Domains of e-mail addresses.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::contact::{EmailAddress, unicode_domain};

/// Domain of e-mail addresses, in ASCII (A-labels) and lower case, such as `example.com`.
///
/// A domain neither includes its subdomains nor belongs to the domain above it.
///
/// ```
/// use engage_domain::organization::DomainName;
///
/// let domain: DomainName = "München.example".parse()?;
/// assert_eq!(domain.as_str(), "xn--mnchen-3ya.example");
/// assert_eq!(DomainName::of(&"info@münchen.example".parse()?), Some(domain));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DomainName(String);

/// Error returned when a text is not a domain that can receive mail from anywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("must be a domain such as example.com")]
pub struct DomainNameError;

impl DomainName {
    /// Returns the domain of an address, or `None` if it cannot receive mail from anywhere.
    pub fn of(address: &EmailAddress) -> Option<Self> {
        let normalized = address.normalized();
        normalized.rsplit_once('@').and_then(|(_, domain)| domain.parse().ok())
    }

    /// Returns the domain in ASCII and lower case.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the domain in its Unicode form.
    pub fn unicode(&self) -> Cow<'_, str> {
        unicode_domain(&self.0).map_or(Cow::Borrowed(&self.0), Cow::Owned)
    }
}

impl FromStr for DomainName {
    type Err = DomainNameError;

    fn from_str(text: &str) -> Result<Self, DomainNameError> {
        // A domain is what may stand in an address.
        let address = format!("a@{}", text.trim());
        let address = EmailAddress::reachable(&address).map_err(|_| DomainNameError)?;
        let normalized = address.normalized();
        let domain = normalized.strip_prefix("a@").ok_or(DomainNameError)?;
        Ok(Self(domain.to_owned()))
    }
}

impl fmt::Display for DomainName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

crate::wire::try_from_text!(DomainName);
crate::wire::serde_as_text!(DomainName);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_is_in_ascii_and_lower_case() {
        for (text, expected) in [
            ("example.com", "example.com"),
            (" Example.COM ", "example.com"),
            ("mail.example.co.uk", "mail.example.co.uk"),
            ("M\u{dc}NCHEN.example", "xn--mnchen-3ya.example"),
            ("xn--mnchen-3ya.example", "xn--mnchen-3ya.example"),
        ] {
            assert_eq!(text.parse::<DomainName>().unwrap().as_str(), expected);
        }
    }

    #[test]
    fn a_domain_has_a_unicode_form() {
        for (text, expected) in [
            ("example.com", "example.com"),
            ("M\u{dc}NCHEN.example", "m\u{fc}nchen.example"),
            ("mail.xn--mnchen-3ya.example", "mail.m\u{fc}nchen.example"),
        ] {
            assert_eq!(text.parse::<DomainName>().unwrap().unicode(), expected);
        }
    }

    #[test]
    fn other_texts_are_refused() {
        for text in [
            "",
            "localhost",
            "@example.com",
            "a@example.com",
            "example.com.",
            ".example.com",
            "192.0.2.1",
            "exam ple.com",
            "exam_ple.com",
            "https://example.com",
            "*.example.com",
            "example.com\0",
            "ex\u{e4}m\u{200b}ple.com",
            "a,b.com",
        ] {
            assert_eq!(text.parse::<DomainName>(), Err(DomainNameError), "{text:?}");
        }
    }

    #[test]
    fn an_address_that_is_not_reachable_has_no_domain() {
        assert_eq!(DomainName::of(&"john@localhost".parse().unwrap()), None);
        let domain = DomainName::of(&"John@Mail.Example.com".parse().unwrap());
        assert_eq!(domain.unwrap().as_str(), "mail.example.com");
    }
}
