use std::fmt;
use std::str::FromStr;

use engage_domain::PhoneNumber;
use reqwest::Url;
use thiserror::Error;

/// Where Twilio's REST API is.
pub const DEFAULT_URL: &str = "https://api.twilio.com";

/// Which account of which service sends the messages, and in whose name.
#[derive(Debug, Clone)]
pub struct TwilioSettings {
    /// Where the API is: [`DEFAULT_URL`], or a service of the same shape. With `http` the token
    /// crosses the network in the clear: for a stand-in on the same machine.
    pub url: BaseUrl,
    /// The account that sends and pays.
    pub account_sid: AccountSid,
    /// The account's secret.
    pub auth_token: AuthToken,
    /// In whose name messages go out.
    pub sender: SmsSender,
    /// Where Engage can be reached by Twilio, which then reports whether messages arrive; `None`
    /// where it is to report nothing. Twilio takes no host that it cannot look up, and refuses every
    /// message that names one.
    pub public_url: Option<BaseUrl>,
}

/// What the URLs of a service begin with: `http` or `https`, a host, and a path where there is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseUrl(String);

/// A text that is no such URL. The text is not repeated, as it may hold a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("must be an http or https URL without user, password, query and fragment")]
pub struct BaseUrlError;

impl BaseUrl {
    /// The URL, without a slash at its end.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether what goes there is encrypted.
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

/// Names an account: at Twilio `AC` and 32 hexadecimal digits, at services of the same shape up to
/// 64 letters, digits, hyphens and underscores.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountSid(String);

/// A text that names no account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("must be an account SID: AC and 32 hexadecimal digits")]
pub struct AccountSidError;

impl AccountSid {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for AccountSid {
    type Err = AccountSidError;

    fn from_str(text: &str) -> Result<Self, AccountSidError> {
        let text = text.trim();
        // It becomes a part of a path.
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

/// An account's secret: requests are made with it, and Twilio signs its own with it.
#[derive(Clone, PartialEq, Eq)]
pub struct AuthToken(String);

/// A text that is no secret of an account. The text is not repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("must be the account's auth token: at most 256 visible ASCII characters")]
pub struct AuthTokenError;

impl AuthToken {
    /// The secret itself: not to be shown.
    pub(super) fn expose(&self) -> &str {
        &self.0
    }
}

impl FromStr for AuthToken {
    type Err = AuthTokenError;

    fn from_str(text: &str) -> Result<Self, AuthTokenError> {
        let text = text.trim();
        if (1..=256).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(AuthTokenError)
        }
    }
}

impl fmt::Debug for AuthToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AuthToken(..)")
    }
}

/// In whose name text messages go out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SmsSender {
    /// A number that the account owns.
    Number(PhoneNumber),
    /// A messaging service of the account, which picks one of its numbers.
    MessagingService(String),
}

/// A text that names no sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error(
    "must be a telephone number in international form (+ and 7 to 15 digits) or the SID of a \
     messaging service (MG and 32 hexadecimal digits)"
)]
pub struct SmsSenderError;

impl FromStr for SmsSender {
    type Err = SmsSenderError;

    fn from_str(text: &str) -> Result<Self, SmsSenderError> {
        let text = text.trim();
        let Some(rest) = text.strip_prefix("MG") else {
            return text.parse().map(Self::Number).map_err(|_| SmsSenderError);
        };
        if rest.len() == 32 && rest.bytes().all(|b| b.is_ascii_hexdigit()) {
            Ok(Self::MessagingService(text.to_owned()))
        } else {
            Err(SmsSenderError)
        }
    }
}

impl fmt::Display for SmsSender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => f.pad(number.as_str()),
            Self::MessagingService(sid) => f.pad(sid),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sender_is_a_number_or_a_messaging_service() {
        let number = "+15005550006".parse().unwrap();
        assert_eq!(" +1 (500) 555-0006".parse(), Ok(SmsSender::Number(number)));
        let sid = "MG9752274e9e519418a7406176694466fa";
        assert_eq!(sid.parse(), Ok(SmsSender::MessagingService(sid.to_owned())));
        assert_eq!(sid.parse::<SmsSender>().unwrap().to_string(), sid);
    }

    #[test]
    fn what_names_no_sender_is_refused() {
        for text in
            ["", "ENGAGE", "15005550006", "MG", "MG9752", "mg9752274e9e519418a7406176694466fa"]
        {
            assert_eq!(text.parse::<SmsSender>(), Err(SmsSenderError), "{text:?}");
        }
    }

    #[test]
    fn a_base_url_keeps_its_path_and_loses_the_slash_at_its_end() {
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
    fn a_base_url_is_of_the_web_and_carries_nothing_else() {
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
    fn an_account_sid_fits_into_a_path() {
        assert!("AC5ef8732a3c49700934481addd5ce1659".parse::<AccountSid>().is_ok());
        for text in ["", "AC1/../AC2", "AC 1", "AC?", "AC%2e", &"A".repeat(65)] {
            assert_eq!(text.parse::<AccountSid>(), Err(AccountSidError), "{text:?}");
        }
    }

    #[test]
    fn a_token_is_shown_by_nothing() {
        let secret = "f00dfeedf00dfeedf00dfeedf00dfeed";
        let settings = TwilioSettings {
            url: DEFAULT_URL.parse().unwrap(),
            account_sid: "AC5ef8732a3c49700934481addd5ce1659".parse().unwrap(),
            auth_token: secret.parse().unwrap(),
            sender: "+15005550006".parse().unwrap(),
            public_url: None,
        };
        let shown = format!("{settings:?} {settings:#?}");
        assert!(!shown.contains("f00d") && shown.contains("AuthToken(..)"), "{shown}");
        let refused = format!("{secret} {secret}").parse::<AuthToken>().unwrap_err();
        assert!(!format!("{refused} {refused:?}").contains("f00d"));
    }

    #[test]
    fn a_token_has_no_white_space_and_is_not_empty() {
        for text in ["", " ", "a b", "a\nb", "\u{e9}", &"a".repeat(257)] {
            assert_eq!(text.parse::<AuthToken>(), Err(AuthTokenError), "{text:?}");
        }
    }
}
