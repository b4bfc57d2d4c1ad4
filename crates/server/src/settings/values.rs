//! Types of single values, and their text forms in files and the environment.

use std::collections::HashSet;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use jiff::SignedDuration;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use secrecy::{ExposeSecret, SecretString};
use serde::de::{Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use thiserror::Error;

/// Location of the database.
#[derive(Debug, Clone)]
pub(crate) enum DatabaseUrl {
    /// An embedded database in this file.
    Sqlite(PathBuf),
    /// A database on a PostgreSQL server.
    Postgres(PostgresUrl),
}

/// URL of a PostgreSQL database. It may contain a password and is therefore never displayed as is.
#[derive(Debug, Clone)]
pub(crate) struct PostgresUrl(SecretString);

impl PostgresUrl {
    pub(crate) fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

/// A text that is never displayed.
#[derive(Debug, Clone)]
pub(crate) struct Secret(SecretString);

impl Secret {
    pub(crate) fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl FromStr for Secret {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.into()))
    }
}

/// Token that Prometheus presents, which others may try to guess.
#[derive(Debug, Clone)]
pub(crate) struct MetricsSecret(Secret);

#[derive(Debug, Error)]
#[error(
    "must have at least {LEAST_TOKEN} characters, including {LEAST_DIFFERENT} different ones; \
     `openssl rand -hex 16` generates one"
)]
pub(crate) struct MetricsSecretError;

const LEAST_TOKEN: usize = 16;
const LEAST_DIFFERENT: usize = 6;

impl MetricsSecret {
    pub(crate) fn expose(&self) -> &str {
        self.0.expose()
    }
}

impl FromStr for MetricsSecret {
    type Err = MetricsSecretError;

    fn from_str(text: &str) -> Result<Self, MetricsSecretError> {
        let different: HashSet<char> = text.chars().collect();
        if text.chars().count() < LEAST_TOKEN || different.len() < LEAST_DIFFERENT {
            return Err(MetricsSecretError);
        }
        Ok(Self(Secret(text.into())))
    }
}

#[derive(Debug, Error)]
#[error("must be postgres://user:password@host/database")]
pub(crate) struct PostgresUrlError;

impl FromStr for PostgresUrl {
    type Err = PostgresUrlError;

    fn from_str(text: &str) -> Result<Self, PostgresUrlError> {
        let is_one = ["postgres://", "postgresql://"].iter().any(|s| text.starts_with(s));
        if is_one { Ok(Self(text.into())) } else { Err(PostgresUrlError) }
    }
}

impl fmt::Display for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The part before the last @ of the authority is the user and the password. Parameters may
        // contain a password, too.
        let shown = self.expose().split('?').next().unwrap_or_default();
        match shown.split_once("://") {
            Some((scheme, rest)) => {
                let place = rest.rsplit_once('@').map_or(rest, |(_, place)| place);
                write!(f, "{scheme}://{place}")
            }
            None => f.write_str("postgres://"),
        }
    }
}

#[derive(Debug, Error)]
#[error("must be sqlite:// and the path of a file, or postgres://user:password@host/database")]
pub(crate) struct DatabaseUrlError;

impl FromStr for DatabaseUrl {
    type Err = DatabaseUrlError;

    fn from_str(text: &str) -> Result<Self, DatabaseUrlError> {
        match text.strip_prefix("sqlite://") {
            Some(path) if !path.is_empty() => Ok(Self::Sqlite(path.into())),
            Some(_) => Err(DatabaseUrlError),
            None => text.parse().map(Self::Postgres).map_err(|_| DatabaseUrlError),
        }
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite://{}", path.display()),
            Self::Postgres(url) => url.fmt(f),
        }
    }
}

/// A size in bytes, such as `100MiB`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ByteSize(pub(crate) u64);

#[derive(Debug, Error)]
#[error("must be a number of bytes such as 100MiB, with one of B, KiB, MiB, GiB, TiB")]
pub(crate) struct ByteSizeError;

impl ByteSize {
    pub(crate) const fn mebibytes(count: u64) -> Self {
        Self(count * 1024 * 1024)
    }
}

impl FromStr for ByteSize {
    type Err = ByteSizeError;

    fn from_str(text: &str) -> Result<Self, ByteSizeError> {
        let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (count, unit) = text.split_at(digits);
        let factor: u64 = match unit.trim_start() {
            "B" => 1,
            "KiB" => 1 << 10,
            "MiB" => 1 << 20,
            "GiB" => 1 << 30,
            "TiB" => 1 << 40,
            // A bare number would be ambiguous, except for zero.
            "" if count == "0" => 1,
            _ => return Err(ByteSizeError),
        };
        let count: u64 = count.parse().map_err(|_| ByteSizeError)?;
        count.checked_mul(factor).map(Self).ok_or(ByteSizeError)
    }
}

/// A time zone, identified by its name.
#[derive(Debug, Clone)]
pub(crate) struct TimeZoneName(pub(crate) TimeZone);

#[derive(Debug, Error)]
#[error("must be the name of a time zone such as Europe/Berlin or UTC")]
pub(crate) struct TimeZoneError;

impl FromStr for TimeZoneName {
    type Err = TimeZoneError;

    fn from_str(text: &str) -> Result<Self, TimeZoneError> {
        TimeZone::get(text).map(Self).map_err(|_| TimeZoneError)
    }
}

/// A day without working hours.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Holiday(pub(crate) Date);

#[derive(Debug, Error)]
#[error("must be a day such as 2026-12-25")]
pub(crate) struct HolidayError;

impl FromStr for Holiday {
    type Err = HolidayError;

    fn from_str(text: &str) -> Result<Self, HolidayError> {
        Date::strptime("%Y-%m-%d", text).map(Self).map_err(|_| HolidayError)
    }
}

/// Deserializes a value from a string.
pub(crate) fn parsed<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr,
    T::Err: fmt::Display,
{
    String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
}

/// Deserializes a value from a string, for a setting that not every section has.
pub(crate) fn some_parsed<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr,
    T::Err: fmt::Display,
{
    parsed(deserializer).map(Some)
}

/// Deserializes an optional value from a string. An empty string means none.
pub(crate) fn parsed_option<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr,
    T::Err: fmt::Display,
{
    let text = String::deserialize(deserializer)?;
    if text.is_empty() { Ok(None) } else { text.parse().map(Some).map_err(D::Error::custom) }
}

/// Deserializes a duration such as `90s`, `15m`, `4h` or `1h30m`.
pub(crate) fn duration<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    read_duration(&String::deserialize(deserializer)?)
}

/// Deserializes an optional duration. An empty string means none.
pub(crate) fn duration_option<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Duration>, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text.is_empty() { Ok(None) } else { read_duration(&text).map(Some) }
}

fn read_duration<E: Error>(text: &str) -> Result<Duration, E> {
    let parsed = text.parse::<SignedDuration>().ok();
    parsed
        .and_then(|duration| Duration::try_from(duration).ok())
        .ok_or_else(|| E::custom("must be a duration such as 90s, 15m, 4h or 1h30m"))
}

/// Deserializes a list, or a comma-separated string as in the environment.
pub(crate) fn list<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr,
    T::Err: fmt::Display,
{
    deserializer
        .deserialize_any(Texts)?
        .iter()
        .map(|t| t.parse().map_err(D::Error::custom))
        .collect()
}

struct Texts;

impl<'de> Visitor<'de> for Texts {
    type Value = Vec<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of strings")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        Ok(parts.map(str::to_owned).collect())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<Self::Value, A::Error> {
        let mut list = Vec::new();
        while let Some(part) = parts.next_element()? {
            list.push(part);
        }
        Ok(list)
    }
}
