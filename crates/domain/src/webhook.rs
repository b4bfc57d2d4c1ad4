//! Endpoints of other systems that hear of events.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::event::{EventSubtype, EventType};
use crate::id::WebhookId;
use crate::notify::WebhookTarget;
use crate::text::Line;
use crate::time::Timestamp;
use crate::webhook_header::WebhookHeaders;

/// The longest URL, in bytes.
const LONGEST_URL: usize = 2_000;

/// Where an endpoint is: an absolute `http` or `https` URL of at most 2,000 bytes.
///
/// Whether it may be called is another question, which its host and its address decide.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct WebhookUrl(String);

/// Why a text is no URL of an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum WebhookUrlError {
    /// It is longer than 2,000 bytes.
    #[error("must have at most 2000 bytes")]
    TooLong,
    /// It does not begin with a scheme that is known, or has no host.
    #[error("must be a URL such as https://example.com/hooks")]
    Malformed,
}

impl WebhookUrl {
    /// The same for all spellings of the URL that lead to one place: scheme and host in lower case,
    /// without the port that the scheme has anyway, a path in any case.
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

    /// The URL as text.
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

crate::wire::serde_as_text!(WebhookUrl);

/// What an endpoint's messages are signed with: 256 bits that nobody else knows.
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookSecret([u8; 32]);

impl WebhookSecret {
    /// The secret of these bits.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its bits.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebhookSecret(..)")
    }
}

/// Whether an endpoint gets messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EndpointState {
    /// It gets what it wants to hear of.
    Enabled,
    /// It gets nothing.
    Disabled {
        /// Why: for staff to read.
        reason: String,
        /// Since when.
        since: Timestamp,
    },
}

/// An endpoint of another system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookEndpoint {
    /// Names the endpoint.
    pub id: WebhookId,
    /// Where it is.
    pub url: WebhookUrl,
    /// What it is for.
    pub description: Option<Line<200>>,
    /// The events it wants; all where neither these nor subtypes are named.
    pub event_types: Vec<EventType>,
    /// The finer kinds of events that it wants beside those.
    pub event_subtypes: Vec<EventSubtype>,
    /// Whether it hears of what is for staff only.
    pub includes_internal: bool,
    /// What its messages have beside the headers of every message.
    pub headers: WebhookHeaders,
    /// What its messages are signed with.
    pub secret: WebhookSecret,
    /// The secrets before, the newest first, with each of which messages are signed as well until
    /// its time, so that the other side can change over however often the secret is replaced.
    pub previous_secrets: Vec<(WebhookSecret, Timestamp)>,
    /// Whether it gets messages.
    pub state: EndpointState,
    /// When it was registered.
    pub created_at: Timestamp,
}

impl WebhookEndpoint {
    /// Whether it gets messages.
    pub fn is_enabled(&self) -> bool {
        self.state == EndpointState::Enabled
    }

    /// What messages are signed with at a time, the newest first.
    pub fn secrets_at(&self, now: Timestamp) -> Vec<WebhookSecret> {
        let previous = self.previous_secrets.iter().filter(|(_, until)| now < *until);
        let previous = previous.map(|(secret, _)| secret);
        std::iter::once(&self.secret).chain(previous).cloned().collect()
    }

    /// Replaces the secret. The one before signs until `until`; of those before it, what signs no
    /// more at `now` is dropped.
    pub fn rotate_secret(&mut self, secret: WebhookSecret, now: Timestamp, until: Timestamp) {
        self.previous_secrets.retain(|(_, until)| now < *until);
        let previous = std::mem::replace(&mut self.secret, secret);
        self.previous_secrets.insert(0, (previous, until));
    }

    /// The endpoint as routing sees it.
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
    fn an_endpoint_has_an_absolute_web_address() {
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
    fn spellings_of_one_place_are_one() {
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
    fn a_secret_that_was_replaced_signs_until_its_time_is_over() {
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
    fn every_secret_signs_until_its_own_time_is_over_however_often_it_is_replaced() {
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
