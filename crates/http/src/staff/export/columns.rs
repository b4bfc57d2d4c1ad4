use engage_domain::Timestamp;
use engage_repository::CaseSummary;
use serde::Serialize;

use crate::staff::list::CaseSummaryBody;

/// A case in an export: the fields of the list, followed by those that the list omits.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ExportedCaseBody {
    #[serde(flatten)]
    pub(super) summary: CaseSummaryBody,
    /// Organization of the customer.
    pub(super) organization: Option<String>,
    /// Telephone number of the customer.
    pub(super) phone: Option<String>,
    /// Client or project that the case concerns.
    pub(super) client_or_project_name: Option<String>,
    /// Number of escalations, from 0 to 3.
    pub(super) escalation_level: u8,
    /// State of its service targets: the worse one of the two.
    pub(super) sla_state: &'static str,
    /// Time of the first response by staff.
    pub(super) first_response: Option<Timestamp>,
    /// Time by which the first response is or was due.
    pub(super) first_response_due: Timestamp,
    /// Time of its resolution, if it is still resolved or has been closed since.
    pub(super) resolved_at: Option<Timestamp>,
    /// Time at which it was closed or cancelled.
    pub(super) closed_at: Option<Timestamp>,
    /// Time of the last change that the customer can see.
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
