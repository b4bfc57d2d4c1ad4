//! Settings that are secrets: which they are, how they are displayed, and the files that they may be
//! read from.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use thiserror::Error;
use toml::Value;

/// URLs that may contain a password.
const URLS: [&str; 4] = ["database.listen_url", "database.url", "email.url", "webhooks.proxy"];

/// Maximum size of a file with a secret, in bytes.
const LARGEST: u64 = 64 * 1024;

/// Error returned when a file has no usable secret. It contains nothing of the file.
#[derive(Debug, Error)]
pub(super) enum SecretFileError {
    #[error("cannot read {}: {error}", .path.display())]
    Unreadable { path: PathBuf, error: io::Error },
    #[error("{} must not be larger than {} KiB", .0.display(), LARGEST / 1024)]
    TooLarge(PathBuf),
    #[error("{} must be UTF-8 text", .0.display())]
    NotText(PathBuf),
    #[error("{} must not be empty", .0.display())]
    Empty(PathBuf),
    #[error("{} must have a single line", .0.display())]
    SeveralLines(PathBuf),
}

impl SecretFileError {
    /// Checks whether there is no such file.
    pub(super) fn is_missing(&self) -> bool {
        matches!(self, Self::Unreadable { error, .. } if error.kind() == io::ErrorKind::NotFound)
    }
}

/// Reads a secret from a file, without the line break at its end.
pub(super) fn read(path: &Path) -> Result<String, SecretFileError> {
    let unreadable = |error| SecretFileError::Unreadable { path: path.to_owned(), error };
    let mut bytes = Vec::new();
    // One byte more, to notice that there are more.
    let file = File::open(path).map_err(unreadable)?;
    file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > LARGEST {
        return Err(SecretFileError::TooLarge(path.to_owned()));
    }
    let Ok(text) = String::from_utf8(bytes) else {
        return Err(SecretFileError::NotText(path.to_owned()));
    };
    let line = text.strip_suffix('\n').unwrap_or(&text);
    let line = line.strip_suffix('\r').unwrap_or(line);
    if line.is_empty() {
        return Err(SecretFileError::Empty(path.to_owned()));
    }
    if line.contains(['\n', '\r']) {
        return Err(SecretFileError::SeveralLines(path.to_owned()));
    }
    Ok(line.to_owned())
}

/// Returns the setting with the path of the file from which a secret may be read, such as
/// `email.url_file` for `email.url`. Returns `None` if the setting is not a secret text.
pub(super) fn file_setting(name: &str, default: &Value) -> Option<String> {
    let is_secret = is_credential(name) || URLS.contains(&name);
    (is_secret && default.is_str()).then(|| format!("{name}_file"))
}

fn is_credential(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or_default();
    let ends =
        ["secret", "secrets", "token", "tokens", "password", "passwords", "access_key", "headers"];
    ends.iter().any(|end| last.ends_with(end))
}

/// Checks whether the value of a setting is never displayed. This applies to secrets and to
/// personal telephone numbers.
pub(super) fn is_secret(name: &str) -> bool {
    is_credential(name) || name.rsplit('.').next() == Some("on_call")
}

/// Formats a value without secrets.
pub(super) fn shown(name: &str, value: &Value) -> String {
    match value {
        Value::String(text) if text.is_empty() => String::new(),
        Value::Array(values) if is_secret(name) && !values.is_empty() => {
            format!("({} hidden)", values.len())
        }
        Value::Array(values) => {
            let values: Vec<_> = values.iter().map(|value| shown(name, value)).collect();
            values.join(", ")
        }
        _ if is_secret(name) => "(hidden)".to_owned(),
        Value::String(text) => without_password(text),
        Value::Integer(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        Value::Boolean(truth) => truth.to_string(),
        Value::Datetime(time) => time.to_string(),
        Value::Table(_) => String::new(),
    }
}

/// Returns a URL without its user, its password and parameters that may contain one.
fn without_password(text: &str) -> String {
    let Some((scheme, rest)) = text.split_once("://") else { return text.to_owned() };
    // A password that was not encoded may contain any character.
    let rest = rest.rsplit_once('@').map_or(rest, |(_, place)| place);
    let (place, parameters) = rest.split_once('?').unwrap_or((rest, ""));
    let is_harmless = |parameter: &&str| {
        let name = parameter.split('=').next().unwrap_or_default().to_lowercase();
        !["pass", "secret", "token", "key", "user"].iter().any(|word| name.contains(word))
    };
    let parameters: Vec<_> =
        parameters.split('&').filter(|one| !one.is_empty()).filter(is_harmless).collect();
    let mark = if parameters.is_empty() { "" } else { "?" };
    format!("{scheme}://{place}{mark}{}", parameters.join("&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_shown_without_its_password_in_any_form() {
        for (given, expected) in [
            ("sqlite://var/engage.db", "sqlite://var/engage.db"),
            (
                "postgres://u:geheim@db:5432/engage?sslmode=verify-full",
                "postgres://db:5432/engage?sslmode=verify-full",
            ),
            ("postgresql://db/engage?user=u&password=geheim", "postgresql://db/engage"),
            (
                "smtp://u:ge@h/e?im@mail.example:587?tls=required",
                "smtp://mail.example:587?tls=required",
            ),
            ("Support <support@localhost>", "Support <support@localhost>"),
        ] {
            assert_eq!(without_password(given), expected);
        }
    }

    #[test]
    fn secret_settings_are_recognized_by_name() {
        for name in [
            "server.secret",
            "sms.auth_token",
            "attachments.secret_access_key",
            "metrics.token",
            "sms.on_call",
            "email.password",
            "tracing.headers",
        ] {
            assert!(is_secret(name), "{name}");
        }
        for name in [
            "server.secret_file",
            "metrics.token_file",
            "customers.token_lifetime",
            "attachments.access_key_id",
            "auth.jwt.jwks",
        ] {
            assert!(!is_secret(name), "{name}");
        }
    }

    #[test]
    fn a_secret_is_the_line_of_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        for content in ["Geheim", "Geheim\n", "Geheim\r\n"] {
            std::fs::write(&path, content).unwrap();
            assert_eq!(read(&path).unwrap(), "Geheim");
        }
        std::fs::write(&path, " Ge heim \n").unwrap();
        assert_eq!(read(&path).unwrap(), " Ge heim ");
        let largest = usize::try_from(LARGEST).unwrap();
        std::fs::write(&path, "x".repeat(largest)).unwrap();
        assert_eq!(read(&path).unwrap().len(), largest);
    }

    #[test]
    fn a_file_without_a_usable_secret_is_refused_by_its_path() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        let too_large = "x".repeat(usize::try_from(LARGEST).unwrap() + 1);
        for (content, told) in [
            (&b""[..], "must not be empty"),
            (b"\n", "must not be empty"),
            (b"Geheim\nGeheim\n", "must have a single line"),
            (b"Geheim\n\n", "must have a single line"),
            (b"Geheim\xff", "must be UTF-8 text"),
            (too_large.as_bytes(), "must not be larger than 64 KiB"),
        ] {
            std::fs::write(&path, content).unwrap();
            let refusal = read(&path).unwrap_err().to_string();
            assert_eq!(refusal, format!("{} {told}", path.display()));
        }
        for (path, is_missing) in
            [(folder.path().join("none"), true), (folder.path().to_owned(), false)]
        {
            let error = read(&path).unwrap_err();
            assert_eq!(error.is_missing(), is_missing);
            assert!(error.to_string().starts_with(&format!("cannot read {}: ", path.display())));
        }
    }
}
