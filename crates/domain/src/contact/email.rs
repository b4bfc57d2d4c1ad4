use std::borrow::Cow;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};
use thiserror::Error;

use crate::id::PersonId;
use crate::text::is_invisible;

/// An e-mail address that every mail server accepts: `local@domain`, at most 254 octets.
///
/// The local part is an ASCII dot-atom (RFC 5321, section 4.1.2) of at most 64 octets. The domain
/// is a host name whose labels consist of letters, digits and hyphens. Quoted local parts and
/// address literals are rejected. An internationalised domain such as `münchen.example` may be
/// written in Unicode. Mail is sent to its ASCII form (UTS 46). The spelling is preserved.
/// Comparison ignores case and treats both forms of a domain as equal.
#[derive(Debug, Clone)]
pub struct EmailAddress(String);

/// Error returned when a text is not an accepted e-mail address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum EmailAddressError {
    /// The address has more than 254 octets (RFC 5321, section 4.5.3.1.3, less the angle brackets).
    #[error("must be at most 254 octets")]
    TooLong,
    /// The address is not of the form `local@domain`.
    #[error("must be an e-mail address such as john@example.com")]
    Malformed,
    /// The local part has letters outside ASCII, which many mail servers do not deliver.
    #[error("must have only unaccented letters, digits and ASCII symbols before the @")]
    LocalPart,
    /// The domain cannot be reached by mail from elsewhere.
    #[error("must have a domain that can receive mail from anywhere, such as example.com")]
    Unreachable,
}

/// Placeholder for an erased e-mail address. No mail can be sent to it (RFC 2606, section 2).
pub const ERASED_EMAIL: &str = "erased@erased.invalid";

/// Placeholder in stores and stored events for a customer without an address. No mail can be sent to
/// it (RFC 2606, section 2).
///
/// Programs of earlier releases, which know only customers with an address, can read it.
pub const ABSENT_EMAIL: &str = "absent@absent.invalid";

impl EmailAddress {
    /// Returns [`ABSENT_EMAIL`].
    #[must_use]
    pub fn absent() -> Self {
        Self(ABSENT_EMAIL.to_owned())
    }

    /// Checks whether the address is [`ABSENT_EMAIL`].
    pub fn is_absent(&self) -> bool {
        self.0 == ABSENT_EMAIL
    }

    /// Checks whether the address stands for one that is absent or was erased.
    pub fn is_placeholder(&self) -> bool {
        self.is_absent() || self.parts().1.eq_ignore_ascii_case("erased.invalid")
    }

    /// Returns the placeholder for the machine with this staff id. No mail can be sent to it
    /// (RFC 2606, section 2).
    pub(crate) fn of_service(id: &str) -> Self {
        Self(format!("{id}@service.invalid"))
    }

    /// Returns [`ERASED_EMAIL`].
    #[must_use]
    pub fn erased() -> Self {
        Self(ERASED_EMAIL.to_owned())
    }

    /// Returns the placeholder for the erased address of a person of a case who stays in its list. No
    /// two people have the same one. No mail can be sent to it (RFC 2606, section 2).
    #[must_use]
    pub(crate) fn erased_of(person: PersonId) -> Self {
        Self(format!("erased-{:032x}@erased.invalid", person.as_u128()))
    }

    /// Parses an address that must be reachable from anywhere, such as a customer's.
    ///
    /// Fails with [`EmailAddressError::Unreachable`] if the domain has no dot, is an IP address or is
    /// a malformed internationalised domain, or if the address is [`ABSENT_EMAIL`].
    ///
    /// ```
    /// use engage_domain::EmailAddress;
    ///
    /// assert!(EmailAddress::reachable("john@example.com").is_ok());
    /// assert!(EmailAddress::reachable("john@localhost").is_err());
    /// assert!("john@localhost".parse::<EmailAddress>().is_ok());
    /// ```
    pub fn reachable(text: &str) -> Result<Self, EmailAddressError> {
        let address: Self = text.parse()?;
        let ascii = address.ascii();
        let (_, domain) = ascii.rsplit_once('@').ok_or(EmailAddressError::Malformed)?;
        let (_, top) = domain.rsplit_once('.').ok_or(EmailAddressError::Unreachable)?;
        let is_number = top.bytes().all(|b| b.is_ascii_digit());
        if is_number || to_ascii(domain).is_none() || ascii.eq_ignore_ascii_case(ABSENT_EMAIL) {
            return Err(EmailAddressError::Unreachable);
        }
        Ok(address.clone())
    }

    /// Returns the address as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the address as mail servers accept it, with the domain in its ASCII form.
    pub fn ascii(&self) -> Cow<'_, str> {
        if self.0.is_ascii() {
            return Cow::Borrowed(&self.0);
        }
        let (local, domain) = self.parts();
        // A domain without an ASCII form was rejected when the address was parsed.
        let domain = ascii_domain(domain).unwrap_or_default();
        Cow::Owned(format!("{local}@{domain}"))
    }

    /// Converts the domain to its ASCII form.
    #[must_use]
    pub fn into_ascii(self) -> Self {
        if self.0.is_ascii() { self } else { Self(self.ascii().into_owned()) }
    }

    /// Returns the address with the domain in its Unicode form.
    pub fn unicode(&self) -> Cow<'_, str> {
        let (local, domain) = self.parts();
        let with = |domain: String| Cow::Owned(format!("{local}@{domain}"));
        unicode_domain(domain).map_or(Cow::Borrowed(&self.0), with)
    }

    /// Returns the address in ASCII and lower case. Equal addresses have equal normalized forms.
    pub fn normalized(&self) -> String {
        self.ascii().to_ascii_lowercase()
    }

    fn parts(&self) -> (&str, &str) {
        self.0.rsplit_once('@').unwrap_or((&self.0, ""))
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

/// Returns the ASCII form of a domain, or `None` if it is malformed or has invisible characters.
fn ascii_domain(domain: &str) -> Option<Cow<'_, str>> {
    if domain.is_ascii() {
        return Some(Cow::Borrowed(domain));
    }
    // UTS 46 drops invisible characters, but the address would be displayed with them.
    if domain.chars().any(is_invisible) {
        return None;
    }
    to_ascii(domain)
}

/// Returns the Unicode form of a domain, or `None` if it has no other form.
pub(crate) fn unicode_domain(domain: &str) -> Option<String> {
    if !domain.to_ascii_lowercase().contains("xn--") {
        return None;
    }
    let (unicode, result) =
        Uts46::new().to_unicode(domain.as_bytes(), AsciiDenyList::STD3, Hyphens::CheckFirstLast);
    result.is_ok().then(|| unicode.into_owned())
}

/// Converts a domain to ASCII by UTS 46. Returns `None` if it is malformed.
fn to_ascii(domain: &str) -> Option<Cow<'_, str>> {
    let (hyphens, length) = (Hyphens::CheckFirstLast, DnsLength::Ignore);
    Uts46::new().to_ascii(domain.as_bytes(), AsciiDenyList::STD3, hyphens, length).ok()
}

impl FromStr for EmailAddress {
    type Err = EmailAddressError;

    fn from_str(text: &str) -> Result<Self, EmailAddressError> {
        let text = text.trim();
        if text.len() > 254 {
            return Err(EmailAddressError::TooLong);
        }
        let (local, domain) = text.rsplit_once('@').ok_or(EmailAddressError::Malformed)?;
        let domain = ascii_domain(domain).ok_or(EmailAddressError::Malformed)?;
        if !is_host_name(&domain) {
            return Err(EmailAddressError::Malformed);
        }
        if local.len() + 1 + domain.len() > 254 {
            return Err(EmailAddressError::TooLong);
        }
        if local.chars().any(|c| !c.is_ascii() && c.is_alphanumeric()) {
            return Err(EmailAddressError::LocalPart);
        }
        if !is_local_part(local) {
            return Err(EmailAddressError::Malformed);
        }
        Ok(Self(text.to_owned()))
    }
}

impl PartialEq for EmailAddress {
    fn eq(&self, other: &Self) -> bool {
        self.ascii().eq_ignore_ascii_case(&other.ascii())
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

crate::wire::try_from_text!(EmailAddress);
crate::wire::serde_as_text!(EmailAddress);

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
    fn addresses_that_mail_servers_refuse_are_refused() {
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
            "john@ex\u{e4}mple..com",
            "john@-ex\u{e4}mple.com",
            "john@ex\u{e4}m_ple.com",
            "john@ex\u{e4}m\u{200b}ple.com",
            "john@ex\u{e4}m\u{202e}ple.com",
            "john@ex\u{e4}mple\u{a0}.com",
            "john\u{ff20}ex\u{e4}mple.com",
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
    fn an_internationalised_domain_keeps_its_spelling_and_is_reached_in_ascii() {
        for (text, ascii) in [
            ("info@m\u{fc}nchen.example", "info@xn--mnchen-3ya.example"),
            ("Info@M\u{dc}NCHEN.example", "Info@xn--mnchen-3ya.example"),
            ("info@mu\u{308}nchen.example", "info@xn--mnchen-3ya.example"),
            ("info@stra\u{df}e.example", "info@xn--strae-oqa.example"),
            (
                "info@\u{4f8b}\u{3048}\u{3002}\u{30c6}\u{30b9}\u{30c8}",
                "info@xn--r8jz45g.xn--zckzah",
            ),
            (
                "info@\u{43f}\u{440}\u{438}\u{43c}\u{435}\u{440}.example",
                "info@xn--e1afmkfd.example",
            ),
        ] {
            let address = EmailAddress::reachable(text).unwrap();
            assert_eq!((address.as_str(), &*address.ascii()), (text, ascii));
            assert_eq!(address, ascii.parse().unwrap());
            assert_eq!(address.normalized(), ascii.to_ascii_lowercase());
            assert_eq!(address.into_ascii().as_str(), ascii);
        }
    }

    #[test]
    fn letters_outside_ascii_before_the_at_have_their_own_error() {
        for text in
            ["j\u{f6}hn@example.com", "\u{5f20}@example.com", "j\u{f6}hn@m\u{fc}nchen.example"]
        {
            assert_eq!(text.parse::<EmailAddress>(), Err(EmailAddressError::LocalPart), "{text}");
        }
    }

    #[test]
    fn the_length_of_an_internationalised_address_is_that_of_its_ascii_form() {
        let domain = ["\u{fc}"; 40].join(".");
        let text = format!("{}@{domain}.example", "l".repeat(6));
        assert!(text.len() <= 254);
        assert_eq!(text.parse::<EmailAddress>(), Err(EmailAddressError::TooLong));
    }

    #[test]
    fn an_address_with_an_unreachable_domain_is_refused_for_customers() {
        for text in [
            "a@localhost",
            "a%b@c",
            "a!b@c",
            "john@192.0.2.1",
            "john@10.1",
            "john@example.42",
            "a@xn--999999999.example",
            "a@b.xn--a",
            ABSENT_EMAIL,
            "Absent@ABSENT.invalid",
        ] {
            assert!(text.parse::<EmailAddress>().is_ok(), "{text}");
            let refusal = EmailAddress::reachable(text);
            assert_eq!(refusal, Err(EmailAddressError::Unreachable), "{text}");
        }
        for text in ["a@b.c", "x@xn--mnchen-3ya.de", "1@1.example", "a@r3---sn.example"] {
            assert!(EmailAddress::reachable(text).is_ok(), "{text}");
        }
    }
}
