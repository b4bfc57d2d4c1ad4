//! Name and look of the support team in notifications.

use std::fmt;
use std::str::FromStr;

use engage_domain::EmailAddress;
use engage_domain::text::Line;
use jiff::tz::TimeZone;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use thiserror::Error;

/// Name of the support team: one line of 1–100 characters.
pub type BrandName = Line<100>;

/// Maximum length of a URL in bytes.
const LONGEST_URL: usize = 2_000;

/// Characters left unescaped in the local part of a `mailto:` URL (RFC 6068, section 2). All others
/// are percent-encoded.
const IN_MAILTO: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'+');

/// Branding of notifications: the sender's name and the look of e-mails.
///
/// ```
/// use engage_templates::{Brand, Colour};
///
/// let brand = Brand {
///     name: "Acme Help Desk".parse()?,
///     colour: "#166534".parse()?,
///     support_email: Some("support@example.com".parse()?),
///     ..Brand::default()
/// };
/// assert_eq!(brand.mailto().as_deref(), Some("mailto:support@example.com"));
/// assert_eq!(Brand::default().colour, Colour::default());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Brand {
    /// Name of the support team, shown in the header and footer of e-mails and at the start of text
    /// messages.
    pub name: BrandName,
    /// Background colour of the header of an e-mail.
    pub colour: Colour,
    /// Address for customers' questions, shown in e-mails if set.
    pub support_email: Option<EmailAddress>,
    /// Website of the support team, linked in the footer of e-mails if set.
    pub public_url: Option<PublicUrl>,
    /// Time zone in which times are shown.
    pub time_zone: TimeZone,
}

impl Default for Brand {
    /// Returns a brand named "Support" in blue, without addresses, in UTC.
    fn default() -> Self {
        // A fixed name that fits.
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
    /// Returns the `mailto:` URL of the support address.
    pub fn mailto(&self) -> Option<String> {
        let address = self.support_email.as_ref()?.as_str();
        let (local, domain) = address.rsplit_once('@')?;
        Some(format!("mailto:{}@{domain}", utf8_percent_encode(local, IN_MAILTO)))
    }
}

/// A colour in sRGB, written as `#rrggbb` in lower case and parsed in any case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Colour([u8; 3]);

/// Error returned when a text is not a colour in the accepted form.
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
        // `from_str_radix` would also accept a sign.
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
    const WHITE: Self = Self([0xff; 3]);
    const BLACK: Self = Self([0; 3]);
    /// Minimum contrast of readable text (WCAG 2.2, criterion 1.4.3).
    const READABLE: f64 = 4.5;

    /// Returns the text colour to use on this background: white if it is readable, otherwise black.
    /// One of the two always is.
    #[must_use]
    pub fn ink(self) -> Self {
        if self.contrast(Self::WHITE) >= Self::READABLE { Self::WHITE } else { Self::BLACK }
    }

    /// Computes the contrast ratio of two colours, from 1 to 21 (WCAG 2.2, "contrast ratio").
    fn contrast(self, other: Self) -> f64 {
        let (one, two) = (self.luminance(), other.luminance());
        (one.max(two) + 0.05) / (one.min(two) + 0.05)
    }

    /// Computes the luminance, from 0 for black to 1 for white (WCAG 2.2, "relative luminance").
    fn luminance(self) -> f64 {
        let [red, green, blue] = self.0.map(|channel| {
            let share = f64::from(channel) / 255.0;
            if share <= 0.04045 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
        });
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }
}

/// URL of the support team's website: an absolute `http` or `https` URL in ASCII, at most 2,000
/// bytes long, without credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl(String);

/// Error returned when a text is not an accepted public URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PublicUrlError {
    /// The URL is longer than 2,000 bytes.
    #[error("must have at most 2000 bytes")]
    TooLong,
    /// The URL does not begin with `http://` or `https://`, has no host, or contains a character
    /// that must be percent-encoded.
    #[error("must be a URL such as https://support.example.com")]
    Malformed,
    /// The URL has a user name or a password before the host, which every reader would see.
    #[error("must not contain a user name or a password; leave out what stands before the @")]
    Login,
}

impl PublicUrl {
    /// Returns the URL as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Checks whether a byte may appear unescaped in a URL (RFC 3986, section 2).
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
    fn contrast_matches_the_guidelines() {
        let contrast = Colour::WHITE.contrast(Colour::BLACK);
        assert!((contrast - 21.0).abs() < 1e-9, "{contrast}");
        // The lightest grey that the tools of the guidelines accept on white.
        let grey: Colour = "#767676".parse().unwrap();
        assert!((4.5..4.6).contains(&grey.contrast(Colour::WHITE)));
    }

    proptest! {
        #[test]
        fn text_is_readable_on_any_colour(channels: [u8; 3]) {
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
