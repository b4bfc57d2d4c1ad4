//! URL of the mail server.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use percent_encoding::percent_decode_str;
use rustls::pki_types::ServerName;
use secrecy::SecretString;
use thiserror::Error;
use url::{Host, Url};

/// URL of the mail server that accepts our e-mail.
///
/// `smtp://user:password@mail.example.com:587?tls=required` has these parts:
///
/// - `smtps` uses TLS from the first octet (port 465). `smtp` does not (port 587 with
///   `tls=required` or `opportunistic`, otherwise 25).
/// - `tls=required` fails if the server does not offer STARTTLS. `tls=opportunistic` continues
///   without TLS in that case. `tls=none`, or no parameter, never uses STARTTLS. A certificate is
///   always verified.
/// - `user:password`, percent-encoded, are used for AUTH. They are only sent without TLS if
///   `tls=none` allows it.
/// - A path is the host name to use in EHLO. The default is this machine's address.
///
/// This is lettre's format, except that `none` is added and unencrypted passwords are refused.
/// Neither `Display` nor `Debug` shows the user or the password.
#[derive(Debug, Clone)]
pub struct SmtpUrl {
    pub(crate) host: ServerName<'static>,
    pub(crate) port: u16,
    pub(crate) protection: Protection,
    pub(crate) credentials: Option<Credentials>,
    pub(crate) client_name: Option<String>,
}

/// Encryption of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protection {
    /// Never encrypted.
    None,
    /// Encrypted if the server offers STARTTLS.
    Opportunistic,
    /// Encrypted by STARTTLS.
    Required,
    /// Encrypted from the first octet.
    Implicit,
}

/// Credentials for AUTH.
#[derive(Debug, Clone)]
pub(crate) struct Credentials {
    pub(crate) user: SecretString,
    pub(crate) password: SecretString,
}

/// Error returned when a text is not the URL of a mail server. It repeats nothing of the text, any
/// part of which may be a password that was not encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SmtpUrlError {
    /// The text is not a valid URL.
    #[error(
        "must be a URL such as smtp://user:password@mail.example.com:587?tls=required, in which \
         special characters of the user and the password are percent-encoded"
    )]
    Malformed,
    /// The URL has a different scheme.
    #[error("must begin with smtp:// or smtps://")]
    Scheme,
    /// The host is neither a name nor an address.
    #[error("must name the host of the mail server, such as smtp://mail.example.com")]
    Host,
    /// There is a parameter other than `tls`, or `tls` has an unknown value.
    #[error(
        "the only parameter is tls, which must be required, opportunistic or none; it cannot be \
         used with smtps://"
    )]
    Parameters,
    /// The user or the password is missing or cannot be sent.
    #[error("the user and the password must both be given, as percent-encoded UTF-8 without NUL")]
    Credentials,
    /// The password would be sent unencrypted without explicit permission.
    #[error(
        "the password would be sent without encryption: add tls=required or use smtps://, or allow \
         it with tls=none"
    )]
    PasswordInTheClear,
    /// The path is not a host name.
    #[error("the path must be empty or the host name to send in EHLO")]
    ClientName,
}

impl SmtpUrl {
    /// Returns the host: a name, or an address without brackets.
    pub fn host(&self) -> Cow<'_, str> {
        self.host.to_str()
    }

    /// Checks whether a certificate may have to be verified.
    pub(crate) fn may_use_tls(&self) -> bool {
        self.protection != Protection::None
    }
}

impl FromStr for SmtpUrl {
    type Err = SmtpUrlError;

    fn from_str(text: &str) -> Result<Self, SmtpUrlError> {
        let url = Url::parse(text).map_err(|_| SmtpUrlError::Malformed)?;
        let is_implicit = match url.scheme() {
            "smtp" => false,
            "smtps" => true,
            _ => return Err(SmtpUrlError::Scheme),
        };
        if url.fragment().is_some() {
            return Err(SmtpUrlError::Malformed);
        }
        let tls = tls_parameter(&url)?;
        let (protection, port) = match (is_implicit, tls.as_deref()) {
            (true, None) => (Protection::Implicit, 465),
            (false, None | Some("none")) => (Protection::None, 25),
            (false, Some("opportunistic")) => (Protection::Opportunistic, 587),
            (false, Some("required")) => (Protection::Required, 587),
            (_, Some(_)) => return Err(SmtpUrlError::Parameters),
        };
        let credentials = credentials(&url)?;
        if credentials.is_some() && protection == Protection::None && tls.is_none() {
            return Err(SmtpUrlError::PasswordInTheClear);
        }
        let port = url.port().unwrap_or(port);
        let client_name = client_name(&url)?;
        Ok(Self { host: host(&url)?, port, protection, credentials, client_name })
    }
}

fn tls_parameter(url: &Url) -> Result<Option<String>, SmtpUrlError> {
    let mut tls = None;
    for (name, value) in url.query_pairs() {
        if name != "tls" || tls.replace(value.into_owned()).is_some() {
            return Err(SmtpUrlError::Parameters);
        }
    }
    Ok(tls)
}

fn host(url: &Url) -> Result<ServerName<'static>, SmtpUrlError> {
    let host = match url.host().ok_or(SmtpUrlError::Host)? {
        Host::Domain(name) => name.to_owned(),
        Host::Ipv4(address) => address.to_string(),
        Host::Ipv6(address) => address.to_string(),
    };
    host.try_into().map_err(|_| SmtpUrlError::Host)
}

fn credentials(url: &Url) -> Result<Option<Credentials>, SmtpUrlError> {
    let decoded = |text: &str| {
        let text = percent_decode_str(text).decode_utf8().map_err(|_| SmtpUrlError::Credentials)?;
        // AUTH PLAIN separates the two by NUL.
        let is_sendable = !text.is_empty() && !text.contains('\0');
        is_sendable.then(|| text.into_owned().into()).ok_or(SmtpUrlError::Credentials)
    };
    match (url.username(), url.password()) {
        ("", None) => Ok(None),
        (user, password) => {
            let (user, password) = (decoded(user)?, decoded(password.unwrap_or_default())?);
            Ok(Some(Credentials { user, password }))
        }
    }
}

fn client_name(url: &Url) -> Result<Option<String>, SmtpUrlError> {
    let name = url.path().trim_matches('/');
    let is_host_name = name.split('.').all(|label| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    });
    match name {
        "" => Ok(None),
        _ if is_host_name && name.len() <= 255 => Ok(Some(name.to_owned())),
        _ => Err(SmtpUrlError::ClientName),
    }
}

impl fmt::Display for SmtpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (scheme, parameters) = match self.protection {
            Protection::None => ("smtp", "?tls=none"),
            Protection::Opportunistic => ("smtp", "?tls=opportunistic"),
            Protection::Required => ("smtp", "?tls=required"),
            Protection::Implicit => ("smtps", ""),
        };
        let login = if self.credentials.is_some() { "***:***@" } else { "" };
        write!(f, "{scheme}://{login}")?;
        match &self.host {
            ServerName::IpAddress(rustls::pki_types::IpAddr::V6(_)) => {
                write!(f, "[{}]", self.host.to_str())?;
            }
            host => f.write_str(&host.to_str())?,
        }
        write!(f, ":{}", self.port)?;
        if let Some(name) = &self.client_name {
            write!(f, "/{name}")?;
        }
        f.write_str(parameters)
    }
}

#[cfg(test)]
mod tests;
