use super::facts::CaseFacts;
use super::reopening::LifecyclePolicy;
use super::reply_limits::ReplyPolicy;
use super::unknown_type::UnknownType;
use crate::escalation::EscalationPolicy;
use crate::priority::{PriorityBreakdown, PriorityPolicy};
use crate::sla::SlaPolicy;

/// Rules for changes to cases.
///
/// ```
/// # use engage_domain::*;
/// # let (mut ids, policies) = (1.., Policies::default());
/// # let mut by = |actor, at: &str| Stamp::new(at.parse().unwrap(), actor, || ids.next().unwrap());
/// # let customer = Customer::new("John Doe".parse()?, "john@example.com".parse()?);
/// # let request = OpenRequest::new(customer, "No access".parse()?, "It says 403.".parse()?);
/// # let (id, number) = (CaseId::from_u128(1), "CW-2025-001".parse()?);
/// # let stamp = by(Actor::Customer, "2025-01-27T10:00:00Z");
/// # let opened = Case::open(id, number, request, &policies, stamp);
/// # use engage_domain::sla::ServiceAlert;
/// # let case = opened.case;
/// // A service remembers this time, and looks at the case again.
/// let due = policies.next_action_at(case.facts()).ok_or("nothing is going to happen")?;
/// assert_eq!(case.facts().next_action_at, Some(due));
///
/// let early = by(Actor::System, "2025-01-27T10:00:01Z");
/// assert_eq!(case.apply_due_action(&policies, early), None);
/// let stamp = by(Actor::System, &due.to_string());
/// let acted = case.apply_due_action(&policies, stamp).ok_or("nothing was due")?;
/// assert_eq!(acted.case.facts().first_response_alert, Some(ServiceAlert::Warning));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
    /// Customer type of cases whose customer is not entitled to a contract.
    pub unknown_type: UnknownType,
}

impl Policies {
    /// Returns the points that make up the priority score of a case.
    pub fn explain_priority(&self, case: &CaseFacts) -> PriorityBreakdown {
        self.priority.explain_case(case)
    }
}
