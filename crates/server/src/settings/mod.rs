//! Settings: the defaults, overridden by a file, overridden by the environment.

mod access;
mod cases;
mod channels;
mod contacts;
mod network;
mod proxy_network;
mod secrets;
mod server;
mod service_links;
mod sources;
mod storage;
mod tags;
mod traces;
mod values;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use serde::Deserialize;

pub(crate) use access::{AuthSettings, CustomerSettings, TokenSettings};
pub(crate) use cases::{
    CalendarSettings, CaseNumberSettings, EscalationSettings, PrioritySettings, SlaSettings,
};
pub(crate) use channels::{
    BrandSettings, DispatchSettings, EmailSettings, NotifySettings, SmsSettings, WebhookSettings,
};
pub(crate) use contacts::ContactSettings;
use network::NetworkSettings;
pub(crate) use server::{
    LimitSettings, LogFormat, LogSettings, MetricsSettings, RateLimitSettings, RateLimiting,
    ServerSettings,
};
pub(crate) use sources::{FILE, Problem, Sources};
pub(crate) use storage::{AttachmentSettings, DatabaseSettings, RetentionSettings};
pub(crate) use tags::TagSettings;
pub(crate) use traces::TracingSettings;
pub(crate) use values::DatabaseUrl;

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
    pub(crate) network: NetworkSettings,
    pub(crate) brand: BrandSettings,
    pub(crate) database: DatabaseSettings,
    pub(crate) attachments: AttachmentSettings,
    pub(crate) retention: RetentionSettings,
    pub(crate) case_number: CaseNumberSettings,
    pub(crate) customers: CustomerSettings,
    pub(crate) contacts: ContactSettings,
    pub(crate) tags: TagSettings,
    pub(crate) email: EmailSettings,
    pub(crate) sms: SmsSettings,
    pub(crate) webhooks: WebhookSettings,
    pub(crate) notify: NotifySettings,
    pub(crate) sla: SlaSettings,
    pub(crate) priority: PrioritySettings,
    pub(crate) escalation: EscalationSettings,
    pub(crate) tracing: TracingSettings,
    pub(crate) log: LogSettings,
    /// Files from which secrets were read.
    #[serde(skip)]
    pub(crate) secret_files: Vec<PathBuf>,
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
        let settings = Settings { secret_files: sources.secret_files(), ..settings };
        let mut problems = sources.problems().to_vec();
        let checks = [
            settings.retention.check(),
            settings.server.check(),
            settings.tokens.check(),
            settings.limits.check(),
            settings.tracing.check(),
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
