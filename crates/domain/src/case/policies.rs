use super::facts::CaseFacts;
use super::lifecycle::LifecyclePolicy;
use super::reply_policy::ReplyPolicy;
use crate::escalation::EscalationPolicy;
use crate::priority::{PriorityBreakdown, PriorityPolicy};
use crate::sla::SlaPolicy;

/// The rules by which cases change.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Policies {
    /// When responses and resolutions are due.
    pub sla: SlaPolicy,
    /// How much a case matters.
    pub priority: PriorityPolicy,
    /// How long a resolved case may be reopened, and when it closes.
    pub lifecycle: LifecyclePolicy,
    /// How freely cases escalate.
    pub escalation: EscalationPolicy,
    /// How much customers may write to a case.
    pub replies: ReplyPolicy,
}

impl Policies {
    /// The points for each fact that a case's priority score rests on.
    pub fn explain_priority(&self, case: &CaseFacts) -> PriorityBreakdown {
        self.priority.explain_case(case)
    }
}
