use engage_domain::Timestamp;
use engage_repository::CaseSummary;
use serde::Serialize;

use crate::staff::list::CaseSummaryBody;

/// A case in a file: as in a list, and what lists leave out.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ExportedCaseBody {
    #[serde(flatten)]
    pub(super) summary: CaseSummaryBody,
    /// For whom the customer works.
    pub(super) organization: Option<String>,
    /// How to call them.
    pub(super) phone: Option<String>,
    /// Their client or project that it is about.
    pub(super) client_or_project_name: Option<String>,
    /// How often it has been escalated, up to three times.
    pub(super) escalation_level: u8,
    /// How it stands to its service targets: the worse of both states.
    pub(super) sla_state: &'static str,
    /// When staff first answered.
    pub(super) first_response: Option<Timestamp>,
    /// When the first answer is or was due.
    pub(super) first_response_due: Timestamp,
    /// When it was resolved, where it still is or was closed after that.
    pub(super) resolved_at: Option<Timestamp>,
    /// When it was closed or cancelled.
    pub(super) closed_at: Option<Timestamp>,
    /// When it last changed in a way that the customer sees.
    pub(super) last_updated: Timestamp,
}

impl From<CaseSummary> for ExportedCaseBody {
    fn from(case: CaseSummary) -> Self {
        let sla_state = case.sla_state().as_str();
        let more = case.more.clone();
        Self {
            summary: case.into(),
            organization: more.organization.map(Into::into),
            phone: more.phone.map(|phone| phone.to_string()),
            client_or_project_name: more.project.map(Into::into),
            escalation_level: more.escalation_level.get(),
            sla_state,
            first_response: more.first_response,
            first_response_due: more.first_response_due,
            resolved_at: more.resolved_at,
            closed_at: more.closed_at,
            last_updated: more.last_updated,
        }
    }
}
