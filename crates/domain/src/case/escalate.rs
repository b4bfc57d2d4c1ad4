//! Escalating a case.

use std::time::Duration;

use thiserror::Error;

use super::draft::Draft;
use super::{Action, Case, Decision, InvalidTransition, Policies, Stamp, Status};
use crate::Reason;
use crate::actor::{Actor, WrongActor};
use crate::classification::Urgency;
use crate::escalation::Escalation;
use crate::event::EventKind;
use crate::visibility::Visibility;

/// Request to escalate a case.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct EscalateRequest {
    /// Reason for the escalation.
    pub reason: Reason,
    /// New urgency. One step up if not given.
    pub new_urgency: Option<Urgency>,
}

impl EscalateRequest {
    /// Requests an escalation that raises the urgency by one step.
    pub fn new(reason: Reason) -> Self {
        Self { reason, new_urgency: None }
    }

    /// Requests this urgency instead.
    #[must_use]
    pub fn with_urgency(self, urgency: Urgency) -> Self {
        Self { new_urgency: Some(urgency), ..self }
    }
}

/// Error returned when an escalation is rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum EscalateError {
    /// The case is not active.
    #[error(transparent)]
    InvalidTransition(#[from] InvalidTransition),
    /// The actor may not make the change.
    #[error(transparent)]
    WrongActor(#[from] WrongActor),
    /// The requested urgency is lower than the current one.
    #[error("must not be lower than the current urgency of the case, {current}")]
    UrgencyLowered {
        /// Current urgency of the case.
        current: Urgency,
        /// Requested urgency.
        requested: Urgency,
    },
    /// The customer escalated this case within the cool-down.
    #[error("the case was escalated a short while ago")]
    CoolingDown {
        /// Time to wait before the next escalation.
        retry_after: Duration,
    },
}

impl Case {
    /// Raises the urgency and the escalation level of the case and brings its due times forward.
    ///
    /// The estimated resolution becomes the earlier of its current value and the new urgency's
    /// target counted from now. The same applies to the due time of a first response that is still
    /// awaited. A case that is waiting or on hold resumes. Its pause ends first and pushes the
    /// estimated resolution back.
    ///
    /// ```
    /// # use engage_domain::*;
    /// use engage_domain::case::EscalateError;
    ///
    /// # let (mut ids, policies) = (1.., Policies::default());
    /// # let mut by = |actor, at: &str| Stamp::new(at.parse().unwrap(), actor, || ids.next().unwrap());
    /// # let customer = Customer::new("John Doe".parse()?, "john@example.com".parse()?);
    /// # let request = OpenRequest::new(customer, "No access".parse()?, "It says 403.".parse()?);
    /// # let (id, number) = (CaseId::from_u128(1), "CW-2025-001".parse()?);
    /// # let stamp = by(Actor::Customer, "2025-01-27T10:00:00Z");
    /// # let opened = Case::open(id, number, request, &policies, stamp);
    /// # let case = opened.case;
    /// let request = EscalateRequest::new("Nobody can work.".parse()?).with_urgency(Urgency::High);
    /// let stamp = by(Actor::Customer, "2025-01-27T12:00:00Z");
    /// let escalated = case.escalate(request, &policies, stamp)?;
    /// assert_eq!(escalated.case.facts().urgency, Urgency::High);
    /// assert_eq!(escalated.case.facts().escalation_level.get(), 1);
    ///
    /// // Five minutes must pass before the customer can escalate the case again.
    /// let request = EscalateRequest::new("Still not.".parse()?);
    /// let stamp = by(Actor::Customer, "2025-01-27T12:01:00Z");
    /// let refusal = escalated.case.escalate(request, &policies, stamp).unwrap_err();
    /// assert!(matches!(refusal, EscalateError::CoolingDown { .. }));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// Fails if the actor is a participant, if the case is not active, if the urgency would be
    /// lowered, or if the customer escalated the case within the cool-down.
    pub fn escalate(
        &self,
        request: EscalateRequest,
        policies: &Policies,
        stamp: Stamp,
    ) -> Result<Decision, EscalateError> {
        stamp.actor.reject_participant()?;
        let EscalateRequest { reason, new_urgency } = request;
        self.status().require_active(Action::Escalate)?;
        let previous_urgency = self.facts.urgency;
        let urgency = new_urgency.unwrap_or_else(|| previous_urgency.raised());
        if urgency < previous_urgency {
            return Err(EscalateError::UrgencyLowered {
                current: previous_urgency,
                requested: urgency,
            });
        }

        let mut draft = Draft::new(self, policies, stamp);
        let now = draft.now;
        if draft.actor == Actor::Customer {
            let cool_down = policies.escalation.customer_cool_down;
            if let Some(last) = self.facts.customer_escalated_at {
                let retry_after = cool_down.saturating_sub(now.since(last));
                if !retry_after.is_zero() {
                    return Err(EscalateError::CoolingDown { retry_after });
                }
            }
            draft.after.customer_escalated_at = Some(now);
        }

        if self.status().pauses_resolution() {
            draft.enter(Status::InProgress);
        }
        let case = &mut draft.after;
        case.urgency = urgency;
        let target = case.service_target(&policies.sla);
        let calendar = policies.sla.calendar(case.customer.customer_type);
        case.escalation_level = case.escalation_level.raised();
        case.estimated_resolution =
            case.estimated_resolution.min(calendar.add(now, target.resolution));
        if case.awaits_first_response() {
            case.first_response_due =
                case.first_response_due.min(calendar.add(now, target.first_response));
        }

        let escalation = Escalation {
            timestamp: now,
            reason: reason.clone(),
            by: draft.actor.clone(),
            level: draft.after.escalation_level,
            previous_urgency,
            new_urgency: urgency,
        };
        draft.write(Visibility::Public, reason.into(), Vec::new());
        Ok(draft.finish(EventKind::Escalated(escalation), Visibility::Public))
    }
}
