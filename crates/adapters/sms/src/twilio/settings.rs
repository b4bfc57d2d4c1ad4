use std::fmt;
use std::str::FromStr;

use engage_domain::PhoneNumber;
use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};
use thiserror::Error;

/// Base URL of Twilio's REST API.
pub const DEFAULT_URL: &str = "https://api.twilio.com";

/// Settings of the [`Twilio`](crate::Twilio) notifier.
#[derive(Debug, Clone)]
pub struct TwilioSettings {
    /// Base URL of the API: [`DEFAULT_URL`], or that of a compatible service. With `http`, the
    /// token is sent unencrypted, which is meant for a stub on the same machine.
    pub url: BaseUrl,
    /// Account that sends the messages and is billed for them.
    pub account_sid: AccountSid,
    /// Auth token of the account.
    pub auth_token: AuthToken,
    /// Sender of the messages.
    pub sender: SmsSender,
    /// Public URL of Engage, to which Twilio reports the status of messages. With `None`, Twilio
    /// reports nothing. Twilio rejects every message whose callback URL has a host that it cannot
    /// resolve.
    pub public_url: Option<BaseUrl>,
}

/// Base URL of a service: `http` or `https`, a host, and optionally a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseUrl(String);

/// Error returned when a text is not a base URL. The text is not repeated, as it may contain a
/// password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("must be an http or https URL without user, password, query and fragment")]
pub struct BaseUrlError;

impl BaseUrl {
    /// Returns the URL without a trailing slash.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Checks whether requests are encrypted.
    pub(super) fn is_https(&self) -> bool {
        self.0.starts_with("https://")
    }
}

impl FromStr for BaseUrl {
    type Err = BaseUrlError;

    fn from_str(text: &str) -> Result<Self, BaseUrlError> {
        let url = Url::parse(text.trim()).map_err(|_| BaseUrlError)?;
        let is_base = matches!(url.scheme(), "http" | "https")
            && url.has_host()
            && url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none();
        if is_base {
            Ok(Self(url.as_str().trim_end_matches('/').to_owned()))
        } else {
            Err(BaseUrlError)
        }
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Identifier of an account. At Twilio it is `AC` and 32 hexadecimal digits, at compatible services
/// up to 64 letters, digits, hyphens and underscores.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountSid(String);

/// Error returned when a text is not an account SID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("must be an account SID: AC and 32 hexadecimal digits")]
pub struct AccountSidError;

impl AccountSid {
    /// Returns the SID.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for AccountSid {
    type Err = AccountSidError;

    fn from_str(text: &str) -> Result<Self, AccountSidError> {
        let text = text.trim();
        // The SID becomes part of a path.
        let is_plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
        if (1..=64).contains(&text.len()) && is_plain {
            Ok(Self(text.to_owned()))
        } else {
            Err(AccountSidError)
        }
    }
}

impl fmt::Display for AccountSid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Secret of an account. It authenticates our requests, and Twilio signs its own requests with it.
#[derive(Debug, Clone)]
pub struct AuthToken(SecretString);

/// Error returned when a text is not an auth token. The text is not repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("must be the account's auth token: at most 256 visible ASCII characters")]
pub struct AuthTokenError;

impl AuthToken {
    /// Returns the secret, which must not be displayed.
    pub(super) fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl FromStr for AuthToken {
    type Err = AuthTokenError;

    fn from_str(text: &str) -> Result<Self, AuthTokenError> {
        let text = text.trim();
        if (1..=256).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic()) {
            Ok(Self(text.into()))
        } else {
            Err(AuthTokenError)
        }
    }
}

/// Sender of text messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SmsSender {
    /// A number owned by the account.
    Number(PhoneNumber),
    /// A short code of 3 to 6 digits, leased by the account.
    ShortCode(String),
    /// A name, in countries that support alphanumeric senders. Recipients cannot reply to it.
    Alphanumeric(String),
    /// A messaging service of the account, which selects one of its numbers.
    MessagingService(String),
}

/// Error returned when a text is not a sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error(
    "must be a telephone number in international form (+ and 7 to 15 digits), a short code (3 to 6 \
     digits), a name of up to 11 letters, digits, spaces, +, -, _ and & with at least one letter, \
     or the SID of a messaging service (MG and 32 hexadecimal digits)"
)]
pub struct SmsSenderError;

/// Maximum length of a sender's name
/// (<https://www.twilio.com/docs/glossary/what-alphanumeric-sender-id>).
const LONGEST_NAME: usize = 11;

impl FromStr for SmsSender {
    type Err = SmsSenderError;

    fn from_str(text: &str) -> Result<Self, SmsSenderError> {
        let text = text.trim();
        if let Ok(number) = text.parse() {
            return Ok(Self::Number(number));
        }
        let is_sid = text
            .strip_prefix("MG")
            .is_some_and(|rest| rest.len() == 32 && rest.bytes().all(|b| b.is_ascii_hexdigit()));
        let is_code = (3..=6).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        let is_allowed = |b: u8| b.is_ascii_alphanumeric() || b" +-_&".contains(&b);
        let is_name = text.len() <= LONGEST_NAME
            && text.bytes().all(is_allowed)
            && text.bytes().any(|b| b.is_ascii_alphabetic());
        match text.to_owned() {
            sid if is_sid => Ok(Self::MessagingService(sid)),
            code if is_code => Ok(Self::ShortCode(code)),
            name if is_name => Ok(Self::Alphanumeric(name)),
            _ => Err(SmsSenderError),
        }
    }
}

impl fmt::Display for SmsSender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => f.pad(number.as_str()),
            Self::ShortCode(text) | Self::Alphanumeric(text) | Self::MessagingService(text) => {
                f.pad(text)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sender_is_a_number_a_short_code_a_name_or_a_messaging_service() {
        let number = "+15005550006".parse().unwrap();
        assert_eq!(" +1 (500) 555-0006".parse(), Ok(SmsSender::Number(number)));
        let sid = "MG9752274e9e519418a7406176694466fa";
        assert_eq!(sid.parse(), Ok(SmsSender::MessagingService(sid.to_owned())));
        assert_eq!(sid.parse::<SmsSender>().unwrap().to_string(), sid);
    }

    #[test]
    fn short_codes_and_names_are_distinguished_from_numbers() {
        for code in ["123", "12345", "123456"] {
            assert_eq!(code.parse(), Ok(SmsSender::ShortCode(code.to_owned())));
        }
        for name in ["ACME", "Acme Desk", "A1", "7-Eleven", "MG9752", "a&b_c-d+e f"] {
            let sender: SmsSender = format!(" {name} ").parse().unwrap();
            assert_eq!(sender, SmsSender::Alphanumeric(name.to_owned()));
            assert_eq!(sender.to_string(), name);
        }
    }

    #[test]
    fn invalid_senders_are_rejected() {
        for text in [
            "",
            "15005550006",
            "12",
            "1234567",
            "Twelve chars",
            "Acm\u{e9}",
            "Acme!",
            "+-_",
            "MG9752274e9e519418a740617669446",
            "mg9752274e9e519418a7406176694466fa",
        ] {
            assert_eq!(text.parse::<SmsSender>(), Err(SmsSenderError), "{text:?}");
        }
    }

    #[test]
    fn a_base_url_keeps_its_path_and_loses_its_trailing_slash() {
        for (text, read) in [
            (DEFAULT_URL, "https://api.twilio.com"),
            ("https://API.Twilio.com:443/", "https://api.twilio.com"),
            (" http://127.0.0.1:4010 ", "http://127.0.0.1:4010"),
            ("https://desk.example/engage/", "https://desk.example/engage"),
        ] {
            assert_eq!(text.parse::<BaseUrl>().unwrap().as_str(), read);
        }
    }

    #[test]
    fn a_base_url_must_be_http_without_credentials_query_or_fragment() {
        for text in [
            "",
            "api.twilio.com",
            "ftp://api.twilio.com",
            "https://",
            "https://user:password@api.twilio.com",
            "https://user@api.twilio.com",
            "https://api.twilio.com/?a=b",
            "https://api.twilio.com/#a",
        ] {
            assert_eq!(text.parse::<BaseUrl>(), Err(BaseUrlError), "{text:?}");
        }
    }

    #[test]
    fn an_account_sid_is_safe_in_a_path() {
        assert!("AC5ef8732a3c49700934481addd5ce1659".parse::<AccountSid>().is_ok());
        for text in ["", "AC1/../AC2", "AC 1", "AC?", "AC%2e", &"A".repeat(65)] {
            assert_eq!(text.parse::<AccountSid>(), Err(AccountSidError), "{text:?}");
        }
    }

    #[test]
    fn a_token_is_never_shown() {
        let secret = "f00dfeedf00dfeedf00dfeedf00dfeed";
        let settings = TwilioSettings {
            url: DEFAULT_URL.parse().unwrap(),
            account_sid: "AC5ef8732a3c49700934481addd5ce1659".parse().unwrap(),
            auth_token: secret.parse().unwrap(),
            sender: "+15005550006".parse().unwrap(),
            public_url: None,
        };
        let shown = format!("{settings:?} {settings:#?}");
        assert!(!shown.contains("f00d") && shown.contains("[REDACTED]"), "{shown}");
        let refused = format!("{secret} {secret}").parse::<AuthToken>().unwrap_err();
        assert!(!format!("{refused} {refused:?}").contains("f00d"));
    }

    #[test]
    fn a_token_has_no_white_space_and_is_not_empty() {
        for text in ["", " ", "a b", "a\nb", "\u{e9}", &"a".repeat(257)] {
            assert!(text.parse::<AuthToken>().is_err(), "{text:?}");
        }
    }
}
