//! Settings of the rules of cases: numbers, service targets, priority and escalation.

use std::time::Duration;

use engage_domain::case::CaseNumberPrefix;
use engage_domain::priority::PriorityWeights;
use engage_domain::sla::WorkingHours;
use serde::Deserialize;

use super::values::{Holiday, TimeZoneName, duration, duration_option, list, parsed};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CaseNumberSettings {
    #[serde(deserialize_with = "parsed")]
    pub(crate) prefix: CaseNumberPrefix,
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
