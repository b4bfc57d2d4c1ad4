//! Settings of traces.

use std::str::FromStr;

use serde::Deserialize;

use super::values::{Secret, list, parsed_option};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TracingSettings {
    #[serde(deserialize_with = "parsed_option")]
    pub(crate) endpoint: Option<CollectorUrl>,
    #[serde(deserialize_with = "list")]
    pub(crate) headers: Vec<CollectorHeader>,
    pub(crate) sample_ratio: f64,
    pub(crate) service_name: String,
}

impl TracingSettings {
    /// Rejects a share that is none, and an endpoint that this program cannot send to.
    pub(super) fn check(&self) -> anyhow::Result<()> {
        let is_share = (0.0..=1.0).contains(&self.sample_ratio);
        anyhow::ensure!(is_share, "tracing.sample_ratio must be from 0 to 1");
        let can_send = cfg!(feature = "otlp") || self.endpoint.is_none();
        anyhow::ensure!(can_send, "tracing.endpoint needs a program built with the feature otlp");
        Ok(())
    }
}

/// URL of a collector, with its path. It may contain a password.
#[derive(Debug, Clone)]
#[cfg_attr(not(feature = "otlp"), allow(dead_code))]
pub(crate) struct CollectorUrl(Secret);

#[derive(Debug, thiserror::Error)]
#[error("must be the URL of a collector such as http://127.0.0.1:4318")]
pub(crate) struct CollectorUrlError;

impl CollectorUrl {
    #[cfg_attr(not(feature = "otlp"), allow(dead_code))]
    pub(crate) fn expose(&self) -> &str {
        self.0.expose()
    }
}

impl FromStr for CollectorUrl {
    type Err = CollectorUrlError;

    fn from_str(text: &str) -> Result<Self, CollectorUrlError> {
        let rest = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://"));
        let (host, path) = rest.map(|rest| rest.split_once('/').unwrap_or((rest, ""))).unzip();
        let is_visible = text.bytes().all(|b| b.is_ascii_graphic() && b != b'#');
        if host.is_none_or(str::is_empty) || !is_visible {
            return Err(CollectorUrlError);
        }
        let has_path = path.is_some_and(|path| !path.is_empty());
        let path = if has_path { "" } else { "/v1/traces" };
        let base = if has_path { text } else { text.trim_end_matches('/') };
        let Ok(url) = format!("{base}{path}").parse();
        Ok(Self(url))
    }
}

/// Header of the requests to a collector. Its value may be a secret.
#[derive(Debug, Clone)]
#[cfg_attr(not(feature = "otlp"), allow(dead_code))]
pub(crate) struct CollectorHeader {
    pub(crate) name: String,
    pub(crate) value: Secret,
}

#[derive(Debug, thiserror::Error)]
#[error("must be headers such as authorization=Bearer 5dGfA2")]
pub(crate) struct CollectorHeaderError;

impl FromStr for CollectorHeader {
    type Err = CollectorHeaderError;

    fn from_str(text: &str) -> Result<Self, CollectorHeaderError> {
        let (name, value) = text.split_once('=').ok_or(CollectorHeaderError)?;
        let (name, value) = (name.trim(), value.trim());
        let is_name = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
        let is_visible = |b: u8| b.is_ascii_graphic() || b == b' ';
        let is_fine = !name.is_empty()
            && name.bytes().all(is_name)
            && !value.is_empty()
            && value.bytes().all(is_visible);
        if !is_fine {
            return Err(CollectorHeaderError);
        }
        let Ok(value) = value.parse();
        Ok(Self { name: name.to_owned(), value })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_without_a_path_gets_that_of_traces() {
        for (given, expected) in [
            ("http://127.0.0.1:4318", "http://127.0.0.1:4318/v1/traces"),
            ("https://collector.example/", "https://collector.example/v1/traces"),
            (
                "https://u:p@collector.example/otlp/traces?x=1",
                "https://u:p@collector.example/otlp/traces?x=1",
            ),
        ] {
            assert_eq!(given.parse::<CollectorUrl>().unwrap().0.expose(), expected);
        }
        for wrong in
            ["", "127.0.0.1:4318", "grpc://collector:4317", "http://", "http://a b", "http://a/#b"]
        {
            assert!(wrong.parse::<CollectorUrl>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_header_is_a_name_and_a_value() {
        let header: CollectorHeader = " authorization = Bearer a=b ".parse().unwrap();
        assert_eq!((header.name.as_str(), header.value.expose()), ("authorization", "Bearer a=b"));
        for wrong in ["", "a", "=b", "a=", "a b=c", "a=\u{e9}"] {
            assert!(wrong.parse::<CollectorHeader>().is_err(), "{wrong}");
        }
    }
}
