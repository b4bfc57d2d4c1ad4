//! Settings of the server: address, limits, metrics and log.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::str::FromStr;

use engage_application::{LARGEST_REQUEST, SendingLimits, ServerSecret, SpaceFloor};
use engage_http::AllowedOrigins;
use serde::Deserialize;

use super::proxy_network::ProxyNetwork;
use super::values::{ByteSize, MetricsSecret, list, parsed, parsed_option};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ServerSettings {
    #[serde(deserialize_with = "parsed")]
    pub(crate) bind: SocketAddr,
    #[serde(deserialize_with = "parsed_option")]
    pub(crate) public_url: Option<String>,
    #[serde(deserialize_with = "list")]
    pub(crate) trusted_proxies: Vec<ProxyNetwork>,
    #[serde(deserialize_with = "list")]
    pub(crate) allowed_origins: Vec<AllowedOrigins>,
    #[serde(deserialize_with = "list")]
    pub(crate) staff_origins: Vec<AllowedOrigins>,
    #[serde(deserialize_with = "parsed_option")]
    pub(crate) secret: Option<ServerSecret>,
    pub(crate) secret_file: PathBuf,
    pub(crate) documentation: bool,
}

/// Mode of the rate limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RateLimiting {
    /// Depends on the address that the server listens on.
    Auto,
    On,
    Off,
}

#[derive(Debug, thiserror::Error)]
#[error("must be auto, true or false")]
pub(crate) struct RateLimitingError;

impl FromStr for RateLimiting {
    type Err = RateLimitingError;

    fn from_str(text: &str) -> Result<Self, RateLimitingError> {
        match text {
            "auto" => Ok(Self::Auto),
            "true" => Ok(Self::On),
            "false" => Ok(Self::Off),
            _ => Err(RateLimitingError),
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RateLimitSettings {
    #[serde(deserialize_with = "parsed")]
    pub(crate) enabled: RateLimiting,
    pub(crate) creations: NonZeroU32,
    pub(crate) customer_calls: NonZeroU32,
    pub(crate) staff_calls: NonZeroU32,
    pub(crate) failed_tokens: NonZeroU32,
    pub(crate) site_factor: NonZeroU32,
}

/// Resource limits of customers and members of staff.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LimitSettings {
    pub(crate) connections: NonZeroU32,
    pub(crate) streams: NonZeroU32,
    pub(crate) searches: NonZeroU32,
    pub(crate) customer_replies: NonZeroU32,
    pub(crate) new_participants: u32,
    #[serde(deserialize_with = "parsed")]
    files_per_address: ByteSize,
    #[serde(deserialize_with = "parsed")]
    files_per_case: ByteSize,
    #[serde(deserialize_with = "parsed")]
    free_space: ByteSize,
    free_space_percent: u8,
    pub(crate) emails_per_address: u32,
    pub(crate) emails_per_domain: u32,
    pub(crate) emails: u32,
    pub(crate) codes_per_address: u32,
    pub(crate) emails_per_staff_address: u32,
    pub(crate) texts_per_number: u32,
}

/// Minimum quota of files for customers: the size of one request.
const LEAST_FILES: ByteSize = ByteSize::mebibytes(LARGEST_REQUEST / (1024 * 1024));

/// Maximum quota of files.
const MOST_FILES_PER_HOUR: ByteSize = ByteSize::mebibytes(1024 * 1024);

impl LimitSettings {
    /// Returns the quota of files that customers may send from one client address, in KiB per hour.
    pub(crate) fn file_kibibytes(&self) -> NonZeroU32 {
        let kibibytes = self.files_per_address.0 / 1024;
        u32::try_from(kibibytes).ok().and_then(NonZeroU32::new).unwrap_or(NonZeroU32::MAX)
    }

    /// Returns the quota of files that customers may send to one case, in bytes.
    pub(crate) fn case_file_bytes(&self) -> u64 {
        self.files_per_case.0
    }

    /// Returns the space that must remain free in the storage of attachments.
    pub(crate) fn space_floor(&self) -> SpaceFloor {
        SpaceFloor { bytes: self.free_space.0, percent: self.free_space_percent }
    }

    /// Rejects limits under which no ordinary file would be accepted.
    pub(super) fn check(&self) -> anyhow::Result<()> {
        for (name, set) in
            [("files_per_address", self.files_per_address), ("files_per_case", self.files_per_case)]
        {
            let is_sound = (LEAST_FILES..=MOST_FILES_PER_HOUR).contains(&set);
            anyhow::ensure!(
                is_sound,
                "limits.{name} must be from 25MiB, the size of one request, to 1TiB"
            );
        }
        let is_share = self.free_space_percent < 100;
        anyhow::ensure!(is_share, "limits.free_space_percent must be from 0 to 99");
        Ok(())
    }

    /// Returns the limits on notifications caused by customers.
    pub(crate) fn sending(&self) -> SendingLimits {
        SendingLimits {
            emails_per_address: self.emails_per_address,
            emails_per_domain: self.emails_per_domain,
            emails: self.emails,
            codes_per_address: self.codes_per_address,
            emails_per_staff_address: self.emails_per_staff_address,
            texts_per_number: self.texts_per_number,
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MetricsSettings {
    #[serde(deserialize_with = "parsed_option")]
    pub(crate) token: Option<MetricsSecret>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LogFormat {
    Text,
    Json,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LogSettings {
    pub(crate) format: LogFormat,
    pub(crate) filter: String,
}

impl ServerSettings {
    /// Rejects settings that would admit every origin.
    pub(super) fn check(&self) -> anyhow::Result<()> {
        anyhow::ensure!(
            !self.staff_origins.iter().any(AllowedOrigins::include_all),
            "server.staff_origins: list each origin, such as https://desk.example.com, instead of *"
        );
        Ok(())
    }
}
