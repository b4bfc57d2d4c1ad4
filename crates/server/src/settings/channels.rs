//! Settings of delivery: channels, brand and the notification matrix.

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;

use engage_domain::notify::Recipient;
use engage_domain::{EmailAddress, EventType, PhoneNumber, Urgency};
use engage_sms::{AccountSid, AuthToken, BaseUrl, SmsSender};
use engage_smtp::{Sender, SmtpUrl};
use engage_templates::{BrandName, Colour};
use engage_webhook::ProxyUrl;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::values::{TimeZoneName, list, parsed, parsed_option, some_parsed};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DispatchSettings {
    #[serde(deserialize_with = "parsed_option")]
    pub(crate) bind: Option<SocketAddr>,
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
    #[serde(deserialize_with = "recipients_by_sms")]
    pub(crate) sms: Vec<Recipient>,
    /// Only the section of opened cases has it.
    #[serde(default, deserialize_with = "some_parsed")]
    pub(crate) sms_from: Option<Urgency>,
    pub(crate) webhook: bool,
}

/// Deserializes the recipients of text messages, which participants are not.
fn recipients_by_sms<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<Recipient>, D::Error> {
    let recipients: Vec<Recipient> = list(deserializer)?;
    if recipients.contains(&Recipient::Participants) {
        let refusal = "must not name participants, who are notified by e-mail only";
        return Err(D::Error::custom(refusal));
    }
    Ok(recipients)
}

/// Sections under `notify`.
#[derive(Debug, Default)]
pub(crate) struct NotifySettings {
    /// Sections of event types.
    pub(crate) rules: BTreeMap<EventType, NotifyRule>,
    /// Section about text messages of all types.
    pub(crate) sms: NotifyBySms,
}

/// Section `notify.sms`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NotifyBySms {
    pub(crate) require_entitlement: bool,
}

/// Name of the section that is not about an event type. The others are named like these without
/// `case.`.
const BY_SMS: &str = "sms";

impl<'de> Deserialize<'de> for NotifySettings {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(NotifySections)
    }
}

/// Reads each section as what it is. Buffering them would lose the texts of environment variables.
struct NotifySections;

impl<'de> Visitor<'de> for NotifySections {
    type Value = NotifySettings;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("sections of event types")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut sections: A) -> Result<Self::Value, A::Error> {
        let mut settings = NotifySettings::default();
        while let Some(name) = sections.next_key::<String>()? {
            if name == BY_SMS {
                settings.sms = sections.next_value()?;
            } else {
                let event_type = format!("case.{name}").parse().map_err(A::Error::custom)?;
                settings.rules.insert(event_type, sections.next_value()?);
            }
        }
        Ok(settings)
    }
}
