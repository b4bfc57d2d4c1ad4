//! Webhook endpoints of other systems.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::event::{EventSubtype, EventType};
use crate::id::WebhookId;
use crate::notify::WebhookTarget;
use crate::text::Line;
use crate::time::Timestamp;
pub use crate::webhook_header::{
    HeaderName, HeaderNameError, HeaderValue, HeaderValueError, TooManyHeaders, WebhookHeaders,
};

/// Maximum length of a URL, in bytes.
const LONGEST_URL: usize = 2_000;

/// URL of a webhook endpoint: absolute, with the scheme `http` or `https`, at most 2,000 bytes.
///
/// A valid URL is not necessarily one that may be called. That depends on its host and its address.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct WebhookUrl(String);

/// Error returned when a text is not a valid webhook URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum WebhookUrlError {
    /// The URL is longer than 2,000 bytes.
    #[error("must be at most 2000 bytes long")]
    TooLong,
    /// The URL has an unsupported scheme or no host, or contains white space or control characters.
    #[error("must be a URL such as https://example.com/hooks")]
    Malformed,
}

impl WebhookUrl {
    /// Returns a form that is the same for all spellings of the URL. Scheme and host are in lower
    /// case, the scheme's default port is left out, and there is always a path.
    pub fn normalized(&self) -> String {
        let (scheme, rest) = self.0.split_once("://").unwrap_or_default();
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        let (scheme, authority) = (scheme.to_ascii_lowercase(), authority.to_ascii_lowercase());
        let port = if scheme == "https" { ":443" } else { ":80" };
        let authority = authority.strip_suffix(port).unwrap_or(&authority);
        let slash = if path.starts_with('/') { "" } else { "/" };
        format!("{scheme}://{authority}{slash}{path}")
    }

    /// Returns the URL as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for WebhookUrl {
    type Err = WebhookUrlError;

    fn from_str(text: &str) -> Result<Self, WebhookUrlError> {
        if text.len() > LONGEST_URL {
            return Err(WebhookUrlError::TooLong);
        }
        let rest = ["https://", "http://"].iter().find_map(|scheme| {
            let (given, rest) = text.split_at_checked(scheme.len())?;
            given.eq_ignore_ascii_case(scheme).then_some(rest)
        });
        let has_host = rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with(['/', '?']));
        let is_plain = text.chars().all(|c| !c.is_whitespace() && !c.is_control());
        if has_host && is_plain {
            Ok(Self(text.to_owned()))
        } else {
            Err(WebhookUrlError::Malformed)
        }
    }
}

impl fmt::Display for WebhookUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

crate::wire::try_from_text!(WebhookUrl);
crate::wire::serde_as_text!(WebhookUrl);

/// Secret that signs the notifications of an endpoint: 256 bits.
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookSecret([u8; 32]);

impl WebhookSecret {
    /// Creates a secret from its bytes.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Returns the bytes of the secret.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebhookSecret(..)")
    }
}

/// State of an endpoint, which decides whether it receives notifications.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(tag = "state", rename_all = "SCREAMING_SNAKE_CASE"))]
pub enum EndpointState {
    /// The endpoint receives the events it subscribes to.
    Enabled,
    /// The endpoint receives nothing.
    Disabled {
        /// Reason for disabling it, shown to staff.
        #[cfg_attr(feature = "serde", serde(rename = "disabledReason"))]
        reason: String,
        /// Time at which it was disabled.
        #[cfg_attr(feature = "serde", serde(rename = "disabledSince"))]
        since: Timestamp,
    },
}

/// A webhook endpoint of another system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookEndpoint {
    /// Identifier of the endpoint.
    pub id: WebhookId,
    /// URL to call.
    pub url: WebhookUrl,
    /// Purpose of the endpoint.
    pub description: Option<Line<200>>,
    /// Subscribed event types. Without any types and subtypes, the endpoint receives all events.
    pub event_types: Vec<EventType>,
    /// Subscribed event subtypes, in addition to the types.
    pub event_subtypes: Vec<EventSubtype>,
    /// If set, the endpoint also receives events that only staff may see.
    pub includes_internal: bool,
    /// Headers added to every notification, besides the standard ones.
    pub headers: WebhookHeaders,
    /// Secret that signs the notifications.
    pub secret: WebhookSecret,
    /// Previous secrets and when they expire, newest first. Until then they sign notifications as
    /// well, so receivers have time to switch over however often the secret is rotated.
    pub previous_secrets: Vec<(WebhookSecret, Timestamp)>,
    /// State of the endpoint.
    pub state: EndpointState,
    /// Time of registration.
    pub created_at: Timestamp,
}

impl WebhookEndpoint {
    /// Checks whether the endpoint receives notifications.
    pub fn is_enabled(&self) -> bool {
        self.state == EndpointState::Enabled
    }

    /// Returns the secrets that sign notifications at this time, newest first.
    pub fn secrets_at(&self, now: Timestamp) -> Vec<WebhookSecret> {
        let previous = self.previous_secrets.iter().filter(|(_, until)| now < *until);
        let previous = previous.map(|(secret, _)| secret);
        std::iter::once(&self.secret).chain(previous).cloned().collect()
    }

    /// Replaces the secret. The replaced one keeps signing until `until`. Older secrets that have
    /// expired at `now` are dropped.
    pub fn rotate_secret(&mut self, secret: WebhookSecret, now: Timestamp, until: Timestamp) {
        self.previous_secrets.retain(|(_, until)| now < *until);
        let previous = std::mem::replace(&mut self.secret, secret);
        self.previous_secrets.insert(0, (previous, until));
    }

    /// Returns the properties of the endpoint that routing needs.
    pub fn target(&self) -> WebhookTarget {
        WebhookTarget {
            id: self.id,
            event_types: self.event_types.clone(),
            event_subtypes: self.event_subtypes.clone(),
            includes_internal: self.includes_internal,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_webhook_url_is_an_absolute_http_url() {
        let parse = |text: &str| text.parse::<WebhookUrl>();
        for url in ["https://example.com/hooks?a=b", "http://127.0.0.1:8080", "HTTP://Example.com"]
        {
            assert_eq!(parse(url).unwrap().as_str(), url);
        }
        for url in ["", "example.com", "ftp://example.com", "https://", "https:///a", "https://a b"]
        {
            assert_eq!(parse(url), Err(WebhookUrlError::Malformed), "{url}");
        }
        let long = format!("https://example.com/{}", "a".repeat(2_000));
        assert_eq!(parse(&long), Err(WebhookUrlError::TooLong));
    }

    #[test]
    fn spellings_of_the_same_url_have_one_normalized_form() {
        let normalized = |text: &str| text.parse::<WebhookUrl>().unwrap().normalized();
        for text in ["HTTPS://Example.COM", "https://example.com:443/", "https://EXAMPLE.com/"] {
            assert_eq!(normalized(text), "https://example.com/", "{text}");
        }
        assert_eq!(normalized("http://example.com:80?a=B"), "http://example.com/?a=B");
        for other in
            ["https://example.com/A", "https://example.com/a", "https://example.com:8443/a"]
        {
            assert_eq!(normalized(other), other);
        }
    }

    #[test]
    fn a_replaced_secret_signs_until_it_expires() {
        let (old, new) = (WebhookSecret::from_bytes([1; 32]), WebhookSecret::from_bytes([2; 32]));
        let until = Timestamp::from_millis(1_000);
        let endpoint = WebhookEndpoint {
            id: WebhookId::from_u128(1),
            url: "https://example.com".parse().unwrap(),
            description: None,
            event_types: Vec::new(),
            event_subtypes: Vec::new(),
            includes_internal: true,
            headers: WebhookHeaders::default(),
            secret: new.clone(),
            previous_secrets: vec![(old.clone(), until)],
            state: EndpointState::Enabled,
            created_at: Timestamp::from_millis(0),
        };
        assert_eq!(endpoint.secrets_at(Timestamp::from_millis(999)), [new.clone(), old]);
        assert_eq!(endpoint.secrets_at(until), [new]);
        assert!(!format!("{endpoint:?}").contains("[1, 1"));
    }

    #[test]
    fn every_replaced_secret_signs_until_it_expires() {
        let secret = |n| WebhookSecret::from_bytes([n; 32]);
        let at = Timestamp::from_millis;
        let mut endpoint = WebhookEndpoint {
            id: WebhookId::from_u128(1),
            url: "https://example.com".parse().unwrap(),
            description: None,
            event_types: Vec::new(),
            event_subtypes: Vec::new(),
            includes_internal: true,
            headers: WebhookHeaders::default(),
            secret: secret(0),
            previous_secrets: Vec::new(),
            state: EndpointState::Enabled,
            created_at: at(0),
        };
        for n in 1_u8..=3 {
            let now = i64::from(n) * 100;
            endpoint.rotate_secret(secret(n), at(now), at(now + 1_000));
        }
        let signing = |now| endpoint.secrets_at(at(now));
        assert_eq!(signing(1_099), [secret(3), secret(2), secret(1), secret(0)]);
        assert_eq!(signing(1_100), [secret(3), secret(2), secret(1)]);
        assert_eq!(signing(1_299), [secret(3), secret(2)]);
        assert_eq!(signing(1_300), [secret(3)]);
        endpoint.rotate_secret(secret(4), at(1_200), at(2_200));
        let kept: Vec<_> = endpoint.previous_secrets.iter().map(|(kept, _)| kept.clone()).collect();
        assert_eq!(kept, [secret(3), secret(2)]);
    }
}
