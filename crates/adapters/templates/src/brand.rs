//! How the desk calls itself, and how it looks.

use std::fmt;
use std::str::FromStr;

use engage_domain::{EmailAddress, Line};
use jiff::tz::TimeZone;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use thiserror::Error;

/// The desk's name: one line, 1–100 characters.
pub type BrandName = Line<100>;

/// The longest URL, in bytes.
const LONGEST_URL: usize = 2_000;

/// What a local part keeps in a `mailto:` URL (RFC 6068, section 2); the rest is percent-encoded.
const IN_MAILTO: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'+');

/// In whose name messages are written, and how e-mails look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Brand {
    /// The desk's name: at the head and the foot of e-mails, and before text messages.
    pub name: BrandName,
    /// The colour of an e-mail's head.
    pub colour: Colour,
    /// Where customers write with questions; named in e-mails where it is given.
    pub support_email: Option<EmailAddress>,
    /// The desk's address in the web; at the foot of e-mails where it is given.
    pub public_url: Option<PublicUrl>,
    /// In which times are shown.
    pub time_zone: TimeZone,
}

impl Default for Brand {
    /// A desk called "Support", in blue, with no addresses, that goes by UTC.
    fn default() -> Self {
        // A fixed name, which fits.
        #[allow(clippy::expect_used)]
        let name = "Support".parse().expect("a short line");
        Self {
            name,
            colour: Colour::default(),
            support_email: None,
            public_url: None,
            time_zone: TimeZone::UTC,
        }
    }
}

impl Brand {
    /// The `mailto:` URL of the support address.
    pub fn mailto(&self) -> Option<String> {
        let address = self.support_email.as_ref()?.as_str();
        let (local, domain) = address.rsplit_once('@')?;
        Some(format!("mailto:{}@{domain}", utf8_percent_encode(local, IN_MAILTO)))
    }
}

/// A colour in sRGB, written `#rrggbb` in lower case and read in any case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Colour([u8; 3]);

/// A text that is no colour of the accepted form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("must be a colour such as #1d4ed8: # and six hexadecimal digits")]
pub struct ColourError;

impl Default for Colour {
    /// A strong blue, `#1d4ed8`.
    fn default() -> Self {
        Self([0x1d, 0x4e, 0xd8])
    }
}

impl FromStr for Colour {
    type Err = ColourError;

    fn from_str(text: &str) -> Result<Self, ColourError> {
        let digits = text.trim().strip_prefix('#').ok_or(ColourError)?;
        // `from_str_radix` would also take a sign.
        if digits.len() != 6 || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(ColourError);
        }
        let value = u32::from_str_radix(digits, 16).map_err(|_| ColourError)?;
        let [_, red, green, blue] = value.to_be_bytes();
        Ok(Self([red, green, blue]))
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self([red, green, blue]) = self;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

impl Colour {
    /// White.
    const WHITE: Self = Self([0xff; 3]);
    /// Black.
    const BLACK: Self = Self([0; 3]);
    /// The least contrast of text that everybody can read (WCAG 2.2, criterion 1.4.3).
    const READABLE: f64 = 4.5;

    /// The colour of text on this one: white where it can be read, else black, which then can.
    #[must_use]
    pub fn ink(self) -> Self {
        if self.contrast(Self::WHITE) >= Self::READABLE { Self::WHITE } else { Self::BLACK }
    }

    /// The contrast ratio of two colours, from 1 to 21 (WCAG 2.2, "contrast ratio").
    fn contrast(self, other: Self) -> f64 {
        let (one, two) = (self.luminance(), other.luminance());
        (one.max(two) + 0.05) / (one.min(two) + 0.05)
    }

    /// From 0 for black to 1 for white (WCAG 2.2, "relative luminance").
    fn luminance(self) -> f64 {
        let [red, green, blue] = self.0.map(|channel| {
            let share = f64::from(channel) / 255.0;
            if share <= 0.04045 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
        });
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }
}

/// The desk's address in the web: an absolute `http` or `https` URL in ASCII, at most 2,000 bytes,
/// without a login.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl(String);

/// Why a text is no address in the web.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PublicUrlError {
    /// It is longer than 2,000 bytes.
    #[error("must have at most 2000 bytes")]
    TooLong,
    /// It does not begin with `http://` or `https://`, has no host, or has a character that a URL
    /// must encode.
    #[error("must be a URL such as https://support.example.com")]
    Malformed,
    /// It has a name or a password before the host, which everybody would read.
    #[error("must not contain a user name or a password; leave out what stands before the @")]
    Login,
}

impl PublicUrl {
    /// The URL as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether a URL may contain a byte as it is (RFC 3986, section 2).
fn is_plain_in_url(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=%".contains(&byte)
}

impl FromStr for PublicUrl {
    type Err = PublicUrlError;

    fn from_str(text: &str) -> Result<Self, PublicUrlError> {
        let text = text.trim();
        if text.len() > LONGEST_URL {
            return Err(PublicUrlError::TooLong);
        }
        let rest = ["https://", "http://"].iter().find_map(|scheme| text.strip_prefix(scheme));
        let authority = rest.and_then(|rest| rest.split(['/', '?', '#']).next());
        match authority {
            Some(authority) if authority.contains('@') => Err(PublicUrlError::Login),
            Some(authority)
                if !authority.is_empty()
                    && !authority.starts_with(':')
                    && text.bytes().all(is_plain_in_url) =>
            {
                Ok(Self(text.to_owned()))
            }
            _ => Err(PublicUrlError::Malformed),
        }
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_colour_is_read_in_any_case_and_written_in_lower_case() {
        assert_eq!(" #1D4ed8".parse::<Colour>().unwrap().to_string(), "#1d4ed8");
        for text in ["", "blue", "#fff", "1d4ed8", "#1d4ed8a", "#+d4ed8", "#1d4e\u{e9}", "#00000;"]
        {
            assert_eq!(text.parse::<Colour>(), Err(ColourError), "{text}");
        }
    }

    #[test]
    fn contrast_is_what_the_guidelines_compute() {
        let contrast = Colour::WHITE.contrast(Colour::BLACK);
        assert!((contrast - 21.0).abs() < 1e-9, "{contrast}");
        // The lightest grey that the guidelines' own tools accept on white.
        let grey: Colour = "#767676".parse().unwrap();
        assert!((4.5..4.6).contains(&grey.contrast(Colour::WHITE)));
    }

    proptest! {
        #[test]
        fn text_on_any_colour_can_be_read(channels: [u8; 3]) {
            let colour = Colour(channels);
            prop_assert!(colour.contrast(colour.ink()) >= Colour::READABLE);
            prop_assert_eq!(colour.to_string().parse(), Ok(colour));
        }
    }

    #[test]
    fn a_public_url_is_absolute_plain_and_without_a_login() {
        for url in ["https://support.example.com", "http://[::1]:8080/help?a=b&c=d#e"] {
            assert_eq!(url.parse::<PublicUrl>().unwrap().as_str(), url);
        }
        for url in [
            "",
            "support.example.com",
            "javascript:alert(1)",
            "https://",
            "https:///help",
            "https://:80",
            "https://a b",
            "https://a\"onclick=",
            "https://a/<b>",
            "https://ex\u{e4}mple.com",
        ] {
            assert_eq!(url.parse::<PublicUrl>(), Err(PublicUrlError::Malformed), "{url}");
        }
        assert_eq!("https://me:pw@example.com".parse::<PublicUrl>(), Err(PublicUrlError::Login));
        let long = format!("https://example.com/{}", "a".repeat(2_000));
        assert_eq!(long.parse::<PublicUrl>(), Err(PublicUrlError::TooLong));
    }

    #[test]
    fn the_support_address_becomes_a_link_that_adds_nothing_to_the_mail() {
        let brand = Brand {
            support_email: Some("help?bcc=x&y%20+de@example.com".parse().unwrap()),
            ..Brand::default()
        };
        let link = brand.mailto().unwrap();
        assert_eq!(link, "mailto:help%3Fbcc%3Dx%26y%2520+de@example.com");
        assert_eq!(Brand::default().mailto(), None);
    }
}
