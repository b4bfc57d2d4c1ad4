//! Settings of delivery: channels, brand and the notification matrix.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;

use engage_domain::notify::Recipient;
use engage_domain::{EmailAddress, EventType, PhoneNumber, Urgency};
use engage_sms::{AccountSid, AuthToken, BaseUrl, SmsSender};
use engage_smtp::{Sender, SmtpUrl};
use engage_templates::{BrandName, Colour};
use engage_webhook::ProxyUrl;
use serde::de::Error;
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

/// Deserializes the sections under `notify`, which are named like the event types without `case.`.
pub(super) fn by_event_type<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<EventType, NotifyRule>, D::Error> {
    let sections = BTreeMap::<String, NotifyRule>::deserialize(deserializer)?;
    let typed = |(name, rule): (String, NotifyRule)| {
        let event_type = format!("case.{name}").parse::<EventType>();
        event_type.map(|event_type| (event_type, rule)).map_err(D::Error::custom)
    };
    sections.into_iter().map(typed).collect()
}
