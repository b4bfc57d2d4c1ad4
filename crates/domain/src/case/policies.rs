use super::facts::CaseFacts;
use super::lifecycle::LifecyclePolicy;
use super::reply_policy::ReplyPolicy;
use crate::escalation::EscalationPolicy;
use crate::priority::{PriorityBreakdown, PriorityPolicy};
use crate::sla::SlaPolicy;

/// Rules for changes to cases.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase", default))]
pub struct Policies {
    /// Service targets.
    pub sla: SlaPolicy,
    /// Weights of the priority score.
    pub priority: PriorityPolicy,
    /// Reopen window and automatic closing of resolved cases.
    pub lifecycle: LifecyclePolicy,
    /// Rules for escalations.
    pub escalation: EscalationPolicy,
    /// Limits on customer replies.
    pub replies: ReplyPolicy,
}

impl Policies {
    /// Returns the points that make up the priority score of a case.
    pub fn explain_priority(&self, case: &CaseFacts) -> PriorityBreakdown {
        self.priority.explain_case(case)
    }
}
