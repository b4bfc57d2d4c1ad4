//! Settings: the defaults, overridden by a file, overridden by the environment.

mod service_links;
mod sources;
mod values;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use engage_application::{
    AccessMode, LARGEST_REQUEST, SendingLimits, ServerSecret, SpaceFloor, TokenLives,
};
use engage_attachments::{Location, S3Settings};
use engage_domain::{
    CaseNumberPrefix, EmailAddress, EventType, PhoneNumber, PriorityWeights, Recipient, Urgency,
    WorkingHours,
};
use engage_http::AllowedOrigins;
use engage_jwt::KeySource;
use engage_sms::{AccountSid, AuthToken, BaseUrl, SmsSender};
use engage_smtp::{Sender, SmtpUrl};
use engage_templates::{BrandName, Colour};
use engage_webhook::ProxyUrl;
use serde::de::Error;
use serde::{Deserialize, Deserializer};

pub(crate) use sources::{Problem, Sources};
pub(crate) use values::{
    ByteSize, DatabaseUrl, Holiday, MetricsSecret, PostgresUrl, ProxyNetwork, Secret, TimeZoneName,
};
use values::{duration, duration_option, list, parsed, parsed_option, some_parsed};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settings {
    pub(crate) server: ServerSettings,
    pub(crate) auth: AuthSettings,
    pub(crate) tokens: TokenSettings,
    pub(crate) dispatch: DispatchSettings,
    pub(crate) rate_limit: RateLimitSettings,
    pub(crate) limits: LimitSettings,
    pub(crate) metrics: MetricsSettings,
    pub(crate) brand: BrandSettings,
    pub(crate) database: DatabaseSettings,
    pub(crate) attachments: AttachmentSettings,
    pub(crate) retention: RetentionSettings,
    pub(crate) case_number: CaseNumberSettings,
    pub(crate) customers: CustomerSettings,
    pub(crate) email: EmailSettings,
    pub(crate) sms: SmsSettings,
    pub(crate) webhooks: WebhookSettings,
    #[serde(deserialize_with = "by_event_type")]
    pub(crate) notify: BTreeMap<EventType, NotifyRule>,
    pub(crate) sla: SlaSettings,
    pub(crate) priority: PrioritySettings,
    pub(crate) escalation: EscalationSettings,
    pub(crate) log: LogSettings,
}

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
    fn check(&self) -> anyhow::Result<()> {
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
pub(crate) struct AuthSettings {
    pub(crate) jwt: JwtSettings,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct JwtSettings {
    #[serde(deserialize_with = "parsed_option")]
    pub(crate) issuer: Option<String>,
    #[serde(deserialize_with = "list")]
    pub(crate) audience: Vec<String>,
    #[serde(deserialize_with = "parsed_option")]
    pub(crate) jwks: Option<KeySource>,
    #[serde(deserialize_with = "parsed_option")]
    pub(crate) staff_claim: Option<String>,
    pub(crate) trusts_addresses: bool,
    #[serde(deserialize_with = "parsed_option")]
    pub(crate) role_claim: Option<String>,
    #[serde(deserialize_with = "parsed_option")]
    pub(crate) token_type: Option<String>,
    #[serde(deserialize_with = "duration_option")]
    pub(crate) max_life: Option<Duration>,
}

/// Lifetimes of tokens that members create through the API.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TokenSettings {
    #[serde(deserialize_with = "duration_option")]
    default_life: Option<Duration>,
    #[serde(deserialize_with = "duration_option")]
    max_life: Option<Duration>,
}

impl TokenSettings {
    pub(crate) fn lives(&self) -> TokenLives {
        TokenLives { default: self.default_life, longest: self.max_life }
    }

    /// Rejects lifetimes under which tokens would be invalid immediately or could not be requested.
    fn check(&self) -> anyhow::Result<()> {
        let least = Duration::from_mins(1);
        for (name, set) in [("default_life", self.default_life), ("max_life", self.max_life)] {
            let is_sound = set.is_none_or(|life| life >= least);
            anyhow::ensure!(is_sound, "tokens.{name} must be at least 1m or empty");
        }
        if let (Some(default), Some(longest)) = (self.default_life, self.max_life) {
            let is_sound = default <= longest;
            anyhow::ensure!(
                is_sound,
                "tokens.default_life must not be longer than tokens.max_life"
            );
        }
        Ok(())
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DispatchSettings {
    #[serde(deserialize_with = "parsed_option")]
    pub(crate) bind: Option<SocketAddr>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MetricsSettings {
    #[serde(deserialize_with = "parsed_option")]
    pub(crate) token: Option<MetricsSecret>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BrandSettings {
    #[serde(deserialize_with = "parsed")]
    pub(crate) name: BrandName,
    #[serde(deserialize_with = "parsed")]
    pub(crate) colour: Colour,
    #[serde(deserialize_with = "parsed_option")]
    pub(crate) support_email: Option<EmailAddress>,
    #[serde(deserialize_with = "parsed")]
    pub(crate) time_zone: TimeZoneName,
}

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
    /// Returns the settings for accessing a bucket.
    pub(crate) fn s3(&self) -> S3Settings {
        S3Settings {
            region: self.region.clone(),
            endpoint: self.endpoint.clone(),
            access_key_id: self.access_key_id.clone(),
            secret_access_key: self.secret_access_key.as_ref().map(|s| s.expose().into()),
            allow_http: self.allow_http,
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

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CaseNumberSettings {
    #[serde(deserialize_with = "parsed")]
    pub(crate) prefix: CaseNumberPrefix,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CustomerSettings {
    #[serde(deserialize_with = "parsed")]
    pub(crate) access: AccessMode,
    #[serde(deserialize_with = "duration")]
    pub(crate) token_lifetime: Duration,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EmailSettings {
    #[serde(deserialize_with = "parsed_option")]
    pub(crate) url: Option<SmtpUrl>,
    #[serde(deserialize_with = "parsed_option")]
    pub(crate) root_certificates: Option<PathBuf>,
    pub(crate) folder: PathBuf,
    #[serde(deserialize_with = "parsed")]
    pub(crate) from: Sender,
    #[serde(deserialize_with = "parsed")]
    pub(crate) team_inbox: EmailAddress,
    #[serde(deserialize_with = "parsed")]
    pub(crate) management: EmailAddress,
    #[serde(deserialize_with = "parsed")]
    pub(crate) operations: EmailAddress,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SmsSettings {
    #[serde(deserialize_with = "parsed")]
    pub(crate) url: BaseUrl,
    #[serde(deserialize_with = "parsed_option")]
    pub(crate) account_sid: Option<AccountSid>,
    #[serde(deserialize_with = "parsed_option")]
    pub(crate) auth_token: Option<AuthToken>,
    #[serde(deserialize_with = "parsed_option")]
    pub(crate) from: Option<SmsSender>,
    #[serde(deserialize_with = "list")]
    pub(crate) on_call: Vec<PhoneNumber>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WebhookSettings {
    pub(crate) allow_private_networks: bool,
    #[serde(deserialize_with = "parsed_option")]
    pub(crate) proxy: Option<ProxyUrl>,
    pub(crate) log_only: bool,
}

/// Section of an event type under `notify`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NotifyRule {
    #[serde(deserialize_with = "list")]
    pub(crate) email: Vec<Recipient>,
    #[serde(deserialize_with = "list")]
    pub(crate) sms: Vec<Recipient>,
    /// Only the section of opened cases has it.
    #[serde(default, deserialize_with = "some_parsed")]
    pub(crate) sms_from: Option<Urgency>,
    pub(crate) webhook: bool,
}

/// Deserializes the sections under `notify`, which are named like the event types without `case.`.
fn by_event_type<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<EventType, NotifyRule>, D::Error> {
    let sections = BTreeMap::<String, NotifyRule>::deserialize(deserializer)?;
    let typed = |(name, rule): (String, NotifyRule)| {
        let event_type = format!("case.{name}").parse::<EventType>();
        event_type.map(|event_type| (event_type, rule)).map_err(D::Error::custom)
    };
    sections.into_iter().map(typed).collect()
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SlaSettings {
    pub(crate) free: SlaRow,
    pub(crate) business: SlaRow,
    pub(crate) enterprise: SlaRow,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SlaRow {
    pub(crate) low: SlaCell,
    pub(crate) medium: SlaCell,
    pub(crate) high: SlaCell,
    pub(crate) critical: SlaCell,
    pub(crate) calendar: CalendarSettings,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CalendarSettings {
    #[serde(deserialize_with = "parsed")]
    pub(crate) time_zone: TimeZoneName,
    #[serde(deserialize_with = "list")]
    pub(crate) monday: Vec<WorkingHours>,
    #[serde(deserialize_with = "list")]
    pub(crate) tuesday: Vec<WorkingHours>,
    #[serde(deserialize_with = "list")]
    pub(crate) wednesday: Vec<WorkingHours>,
    #[serde(deserialize_with = "list")]
    pub(crate) thursday: Vec<WorkingHours>,
    #[serde(deserialize_with = "list")]
    pub(crate) friday: Vec<WorkingHours>,
    #[serde(deserialize_with = "list")]
    pub(crate) saturday: Vec<WorkingHours>,
    #[serde(deserialize_with = "list")]
    pub(crate) sunday: Vec<WorkingHours>,
    #[serde(deserialize_with = "list")]
    pub(crate) holidays: Vec<Holiday>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SlaCell {
    #[serde(deserialize_with = "duration")]
    pub(crate) first_response: Duration,
    #[serde(deserialize_with = "duration")]
    pub(crate) resolution: Duration,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PrioritySettings {
    urgency: UrgencyPoints,
    customer_type: CustomerTypePoints,
    issue_type: IssueTypePoints,
    escalation: EscalationPoints,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct UrgencyPoints {
    low: u8,
    medium: u8,
    high: u8,
    critical: u8,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CustomerTypePoints {
    free: u8,
    business: u8,
    enterprise: u8,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct IssueTypePoints {
    general: u8,
    billing: u8,
    technical: u8,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct EscalationPoints {
    level: u8,
}

impl PrioritySettings {
    pub(crate) fn weights(&self) -> PriorityWeights {
        let Self { urgency, customer_type, issue_type, escalation } = self;
        PriorityWeights {
            urgency: [urgency.low, urgency.medium, urgency.high, urgency.critical],
            customer_type: [customer_type.free, customer_type.business, customer_type.enterprise],
            technical: issue_type.technical,
            billing: issue_type.billing,
            general: issue_type.general,
            escalation_level: escalation.level,
        }
    }
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EscalationSettings {
    #[serde(deserialize_with = "duration")]
    pub(crate) customer_cool_down: Duration,
    #[serde(deserialize_with = "duration")]
    pub(crate) reopen_window: Duration,
    #[serde(deserialize_with = "duration_option")]
    pub(crate) close_after: Option<Duration>,
    pub(crate) raise_on_breach: bool,
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

/// Minimum retention. Files take minutes to arrive before an update attaches them, and the
/// notifications sent to an address per hour are counted from the stored ones.
const LEAST_RETENTION: Duration = Duration::from_hours(1);

impl ServerSettings {
    /// Rejects settings that would admit every origin.
    fn check(&self) -> anyhow::Result<()> {
        anyhow::ensure!(
            !self.staff_origins.iter().any(AllowedOrigins::include_all),
            "server.staff_origins: list each origin, such as https://desk.example.com, instead of *"
        );
        Ok(())
    }
}

impl RetentionSettings {
    /// Rejects retentions under which data would be deleted while it is still needed.
    fn check(&self) -> anyhow::Result<()> {
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

impl Settings {
    /// Returns the public URL of the server.
    pub(crate) fn public_url(&self) -> String {
        let here = || format!("http://{}", self.server.bind);
        self.server.public_url.clone().unwrap_or_else(here)
    }

    /// Loads the settings in force. Fails if a file is given but does not exist.
    pub(crate) fn load(file: Option<&Path>) -> anyhow::Result<Self> {
        let Examined { settings, problems, .. } = Self::examine(file)?;
        refuse(&problems)?;
        Ok(settings)
    }

    /// Reads the settings and collects all problems with them.
    pub(crate) fn examine(file: Option<&Path>) -> anyhow::Result<Examined> {
        let text = |(name, value): (OsString, OsString)| {
            Some((name.into_string().ok()?, value.to_string_lossy().into_owned()))
        };
        Examined::of(file, std::env::vars_os().filter_map(text).collect())
    }
}

/// The result of reading the settings.
pub(crate) struct Examined {
    /// Settings in force. An invalid one has its default.
    pub(crate) settings: Settings,
    pub(crate) problems: Vec<Problem>,
    pub(crate) sources: Sources,
}

impl Examined {
    fn of(file: Option<&Path>, environment: BTreeMap<String, String>) -> anyhow::Result<Self> {
        let mut sources = Sources::read(file, environment)?;
        let settings: Settings = sources.resolve()?;
        let mut problems = sources.problems().to_vec();
        let checks = [
            settings.retention.check(),
            settings.server.check(),
            settings.tokens.check(),
            settings.limits.check(),
        ];
        for checked in checks {
            problems.extend(checked.err().as_ref().map(Problem::of_several));
        }
        Ok(Self { settings, problems, sources })
    }
}

/// Fails with all problems if there are any.
pub(crate) fn refuse(problems: &[Problem]) -> anyhow::Result<()> {
    match problems {
        [] => Ok(()),
        [one] => anyhow::bail!("the settings cannot be used: {}", one.told),
        many => {
            let lines: Vec<_> =
                many.iter().map(|problem| format!("\n- {}", problem.told)).collect();
            anyhow::bail!("the settings cannot be used:{}", lines.concat())
        }
    }
}

#[cfg(test)]
mod tests;
