//! URLs, parsed as libpq does where tokio-postgres differs.

use std::path::PathBuf;
use std::time::Duration;

use engage_outbound::error_chain;
use percent_encoding::percent_decode_str;
use thiserror::Error;
use tokio_postgres::Config;

/// Error returned when a URL is not valid.
#[derive(Debug, Error)]
pub enum UrlError {
    /// The URL cannot be parsed.
    #[error("the URL of PostgreSQL cannot be read: {0}")]
    Malformed(String),
    /// The `sslmode` is unknown.
    #[error(
        "sslmode in the URL of PostgreSQL must be disable, prefer, require, verify-ca or verify-full"
    )]
    SslMode,
    /// The certificates of the system are named, but the `sslmode` would not use them.
    #[error("sslrootcert=system in the URL of PostgreSQL needs sslmode=verify-full or verify-ca")]
    UnusedSystemRoots,
    /// The file with root certificates cannot be used.
    #[error(
        "sslrootcert in the URL of PostgreSQL must be a PEM file with certificates, or system: {path}: {reason}"
    )]
    RootCertificates {
        /// Path of the file.
        path: PathBuf,
        /// Reason.
        reason: String,
    },
    /// The URL names no user, and the user of the process has no name.
    #[error("the URL of PostgreSQL must name a user: the user of this process has no name")]
    NoUser,
    /// The system has no root certificates.
    #[error(
        "the system has no root certificates: name a file with sslrootcert in the URL of PostgreSQL"
    )]
    NoSystemRoots,
}

/// Protection that a connection requires.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SslMode {
    Disable,
    Prefer,
    Require,
    VerifyCa,
    VerifyFull,
}

/// Certificate authorities that may sign the certificate of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Roots {
    System,
    File(PathBuf),
}

/// A parsed URL.
#[derive(Debug)]
pub(super) struct Parsed {
    pub(super) config: Config,
    pub(super) ssl_mode: SslMode,
    pub(super) roots: Option<Roots>,
}

/// Parameters that tokio-postgres does not support, or interprets otherwise than libpq.
#[derive(Default)]
struct Own {
    ssl_mode: Option<SslMode>,
    roots: Option<Roots>,
    tcp_user_timeout: Option<Duration>,
}

impl Own {
    /// Reads a parameter. Returns whether it is one of these.
    fn take(&mut self, name: &str, value: &str) -> Result<bool, UrlError> {
        match name {
            "sslmode" => self.ssl_mode = Some(ssl_mode(value)?),
            "sslrootcert" if value == "system" => self.roots = Some(Roots::System),
            "sslrootcert" if value.is_empty() => self.roots = None,
            "sslrootcert" => self.roots = Some(Roots::File(value.into())),
            // libpq counts milliseconds, tokio-postgres seconds.
            "tcp_user_timeout" => {
                let milliseconds = value.parse().map_err(|_| {
                    UrlError::Malformed("tcp_user_timeout must be milliseconds".to_owned())
                })?;
                self.tcp_user_timeout = Some(Duration::from_millis(milliseconds));
            }
            _ => return Ok(false),
        }
        Ok(true)
    }
}

fn ssl_mode(value: &str) -> Result<SslMode, UrlError> {
    Ok(match value {
        "disable" => SslMode::Disable,
        "prefer" => SslMode::Prefer,
        "require" => SslMode::Require,
        "verify-ca" => SslMode::VerifyCa,
        "verify-full" => SslMode::VerifyFull,
        _ => return Err(UrlError::SslMode),
    })
}

pub(super) fn parse(url: &str) -> Result<Parsed, UrlError> {
    let (place, parameters) = split(url);
    let mut own = Own::default();
    let mut others = Vec::new();
    for parameter in parameters.split('&').filter(|parameter| !parameter.is_empty()) {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        if name == "host" {
            // tokio-postgres accepts one host per parameter.
            others.extend(value.split(',').map(|host| format!("host={host}")));
        } else if !own.take(name, &percent_decode_str(value).decode_utf8_lossy())? {
            others.push(parameter.to_owned());
        }
    }
    let known = format!("{place}?{}", others.join("&"));
    let mut config: Config =
        known.parse().map_err(|error| UrlError::Malformed(error_chain(&error)))?;
    if let Some(limit) = own.tcp_user_timeout.filter(|limit| !limit.is_zero()) {
        config.tcp_user_timeout(limit);
    }
    let strongest_needed = own.roots == Some(Roots::System);
    let default = if strongest_needed { SslMode::VerifyFull } else { SslMode::Prefer };
    Ok(Parsed { config, ssl_mode: own.ssl_mode.unwrap_or(default), roots: own.roots })
}

/// Splits off the parameters. A password before the `@` may contain a question mark.
fn split(url: &str) -> (&str, &str) {
    let from = url.find('@').unwrap_or(0);
    match url[from..].find('?') {
        Some(place) => (&url[..from + place], &url[from + place + 1..]),
        None => (url, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(parameters: &str) -> Parsed {
        parse(&format!("postgres://engage@db.example/engage{parameters}")).unwrap()
    }

    #[test]
    fn a_url_without_parameters_prefers_tls_and_checks_nothing() {
        let parsed = parsed("");
        assert_eq!((parsed.ssl_mode, parsed.roots), (SslMode::Prefer, None));
    }

    #[test]
    fn every_mode_of_libpq_except_allow_is_supported() {
        for (text, mode) in [
            ("disable", SslMode::Disable),
            ("prefer", SslMode::Prefer),
            ("require", SslMode::Require),
            ("verify-ca", SslMode::VerifyCa),
            ("verify-full", SslMode::VerifyFull),
        ] {
            assert_eq!(parsed(&format!("?sslmode={text}")).ssl_mode, mode);
        }
        for text in ["allow", "", "REQUIRE", "verify", "true"] {
            let refusal = parse(&format!("postgres://h/d?sslmode={text}")).unwrap_err();
            assert!(refusal.to_string().contains("verify-full"), "{refusal}");
        }
    }

    #[test]
    fn root_certificates_are_a_file_or_those_of_the_system_which_imply_the_strongest_mode() {
        let file = parsed("?sslrootcert=%2Fsrv%2Froot%20ca.pem&sslmode=verify-ca");
        assert_eq!(file.roots, Some(Roots::File("/srv/root ca.pem".into())));
        let system = parsed("?sslrootcert=system");
        assert_eq!((system.roots, system.ssl_mode), (Some(Roots::System), SslMode::VerifyFull));
        assert_eq!(parsed("?sslrootcert=system&sslmode=verify-ca").ssl_mode, SslMode::VerifyCa);
        assert_eq!(parsed("?sslrootcert=").roots, None);
    }

    #[test]
    fn other_parameters_are_left_to_tokio_postgres() {
        let parsed = parsed("?connect_timeout=7&sslmode=require&application_name=a%26b");
        assert_eq!(parsed.config.get_application_name(), Some("a&b"));
        assert_eq!(parsed.config.get_connect_timeout(), Some(&Duration::from_secs(7)));
        assert_eq!(parsed.config.get_dbname(), Some("engage"));
    }

    #[test]
    fn tcp_user_timeout_is_in_milliseconds_as_in_libpq() {
        let limit = |text| parsed(text).config.get_tcp_user_timeout().copied();
        assert_eq!(limit("?tcp_user_timeout=1500"), Some(Duration::from_millis(1500)));
        assert_eq!(limit("?tcp_user_timeout=0"), None);
        assert!(parse("postgres://h/d?tcp_user_timeout=soon").is_err());
    }

    #[test]
    fn a_password_may_contain_a_question_mark() {
        let parsed = parse("postgres://engage:a?sslmode=b@db.example/engage?sslmode=require");
        let parsed = parsed.unwrap();
        assert_eq!(parsed.ssl_mode, SslMode::Require);
        assert_eq!(parsed.config.get_password(), Some(&b"a?sslmode=b"[..]));
    }

    #[test]
    fn an_unknown_parameter_is_rejected_with_its_name() {
        let refusal = parse("postgres://h/d?sslcert=x").unwrap_err();
        assert!(refusal.to_string().contains("sslcert"), "{refusal}");
    }
}
