//! URL of the proxy through which endpoints are called.

use std::fmt;
use std::str::FromStr;

use secrecy::{ExposeSecret, SecretString};
use thiserror::Error;
use url::Url;

/// URL of an HTTP proxy: `http://` or `https://`, a host, and optionally a user and a password,
/// which are never displayed.
#[derive(Debug, Clone)]
pub struct ProxyUrl {
    full: SecretString,
    shown: String,
}

/// Error returned when a text is not the URL of a proxy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("must be the URL of an HTTP proxy such as http://proxy.example.com:3128")]
pub struct ProxyUrlError;

impl ProxyUrl {
    /// Returns the full URL, including the credentials.
    pub(crate) fn expose(&self) -> &str {
        self.full.expose_secret()
    }
}

impl FromStr for ProxyUrl {
    type Err = ProxyUrlError;

    fn from_str(text: &str) -> Result<Self, ProxyUrlError> {
        let url = Url::parse(text).map_err(|_| ProxyUrlError)?;
        let is_proxy = matches!(url.scheme(), "http" | "https")
            && url.has_host()
            && matches!(url.path(), "" | "/")
            && url.query().is_none()
            && url.fragment().is_none();
        if !is_proxy {
            return Err(ProxyUrlError);
        }
        let host = url.host_str().unwrap_or_default();
        let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
        let shown = format!("{}://{host}{port}", url.scheme());
        Ok(Self { full: String::from(url).into(), shown })
    }
}

impl fmt::Display for ProxyUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.shown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_is_shown_without_its_credentials() {
        for (text, shown) in [
            ("http://proxy:3128", "http://proxy:3128"),
            ("http://10.0.0.1/", "http://10.0.0.1"),
            ("https://user:geheim@proxy.example.com:8443", "https://proxy.example.com:8443"),
            ("http://[fd00::1]:3128", "http://[fd00::1]:3128"),
        ] {
            let url: ProxyUrl = text.parse().unwrap();
            assert_eq!(url.to_string(), shown);
            assert!(!format!("{url:?}").contains("geheim"), "{url:?}");
        }
    }

    #[test]
    fn other_urls_are_rejected() {
        for text in [
            "",
            "proxy:3128",
            "socks5://proxy:1080",
            "http://",
            "http://proxy/path",
            "http://proxy?x",
            "http://proxy:99999",
            "ftp://proxy",
        ] {
            assert!(text.parse::<ProxyUrl>().is_err(), "{text}");
        }
    }
}
