//! Settings of the database, of files and of retention.

use std::num::NonZeroU32;
use std::time::Duration;

use engage_attachments::{Location, S3Settings};
use engage_outbound::DnsResolver;
use serde::Deserialize;

use super::values::{DatabaseUrl, PostgresUrl, Secret, duration, parsed, parsed_option};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DatabaseSettings {
    #[serde(deserialize_with = "parsed")]
    pub(crate) url: DatabaseUrl,
    #[serde(deserialize_with = "parsed_option")]
    pub(crate) listen_url: Option<PostgresUrl>,
    pub(crate) pool_size: NonZeroU32,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AttachmentSettings {
    #[serde(deserialize_with = "parsed")]
    pub(crate) url: Location,
    #[serde(deserialize_with = "parsed_option")]
    region: Option<String>,
    #[serde(deserialize_with = "parsed_option")]
    endpoint: Option<String>,
    #[serde(deserialize_with = "parsed_option")]
    access_key_id: Option<String>,
    #[serde(deserialize_with = "parsed_option")]
    secret_access_key: Option<Secret>,
    allow_http: bool,
}

impl AttachmentSettings {
    /// Returns the settings for accessing a bucket, whose host the resolver resolves.
    pub(crate) fn s3(&self, resolver: &DnsResolver) -> S3Settings {
        S3Settings {
            region: self.region.clone(),
            endpoint: self.endpoint.clone(),
            access_key_id: self.access_key_id.clone(),
            secret_access_key: self.secret_access_key.as_ref().map(|s| s.expose().into()),
            allow_http: self.allow_http,
            resolver: resolver.clone(),
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RetentionSettings {
    #[serde(deserialize_with = "duration")]
    pub(crate) uploads: Duration,
    #[serde(deserialize_with = "duration")]
    pub(crate) messages: Duration,
    #[serde(deserialize_with = "duration")]
    pub(crate) idempotency: Duration,
    #[serde(deserialize_with = "duration")]
    pub(crate) audit: Duration,
    #[serde(deserialize_with = "duration")]
    pub(crate) interval: Duration,
}

/// Minimum retention. Files take minutes to arrive before an update attaches them, and the
/// notifications sent to an address per hour are counted from the stored ones.
const LEAST_RETENTION: Duration = Duration::from_hours(1);

impl RetentionSettings {
    /// Rejects retentions under which data would be deleted while it is still needed.
    pub(super) fn check(&self) -> anyhow::Result<()> {
        for (name, set) in
            [("uploads", self.uploads), ("messages", self.messages), ("audit", self.audit)]
        {
            anyhow::ensure!(set >= LEAST_RETENTION, "retention.{name} must be at least 1h");
        }
        let least = Duration::from_secs(1);
        anyhow::ensure!(self.interval >= least, "retention.interval must be at least 1s");
        Ok(())
    }
}
