//! URL of the proxy through which endpoints are called.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;
use url::Url;

/// URL of an HTTP proxy: `http://` or `https://`, a host, and optionally a user and a password,
/// which are never displayed.
#[derive(Clone, PartialEq, Eq)]
pub struct ProxyUrl(Url);

/// Error returned when a text is not the URL of a proxy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("must be the URL of an HTTP proxy such as http://proxy.example.com:3128")]
pub struct ProxyUrlError;

impl ProxyUrl {
    /// Returns the full URL, including the credentials.
    pub(crate) fn expose(&self) -> &str {
        self.0.as_str()
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
        if is_proxy { Ok(Self(url)) } else { Err(ProxyUrlError) }
    }
}

impl fmt::Display for ProxyUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (scheme, host) = (self.0.scheme(), self.0.host_str().unwrap_or_default());
        write!(f, "{scheme}://{host}")?;
        self.0.port().map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

impl fmt::Debug for ProxyUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
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
            assert_eq!((url.to_string(), format!("{url:?}")), (shown.to_owned(), shown.to_owned()));
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
            assert_eq!(text.parse::<ProxyUrl>(), Err(ProxyUrlError), "{text}");
        }
    }
}
