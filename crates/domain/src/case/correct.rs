//! Correcting the classification of a case.

use thiserror::Error;

use super::draft::Draft;
use super::{Action, Case, Decision, InvalidTransition, Policies, Stamp};
use crate::actor::WrongActor;
use crate::classification::{CustomerType, IssueType, Urgency};
use crate::event::EventKind;
use crate::sla::{SlaTimer, SlaTimerKind};
use crate::visibility::Visibility;

/// Properties that staff correct. The others stay the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase", default))]
pub struct CorrectRequest {
    /// Corrected urgency.
    pub urgency: Option<Urgency>,
    /// Corrected issue type.
    pub issue_type: Option<IssueType>,
    /// Corrected customer type.
    pub customer_type: Option<CustomerType>,
}

impl CorrectRequest {
    /// Corrects the urgency as well.
    #[must_use]
    pub fn with_urgency(self, urgency: Urgency) -> Self {
        Self { urgency: Some(urgency), ..self }
    }

    /// Corrects the issue type as well.
    #[must_use]
    pub fn with_issue_type(self, issue_type: IssueType) -> Self {
        Self { issue_type: Some(issue_type), ..self }
    }

    /// Corrects the customer type as well.
    #[must_use]
    pub fn with_customer_type(self, customer_type: CustomerType) -> Self {
        Self { customer_type: Some(customer_type), ..self }
    }
}

/// Error returned when a correction is rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum CorrectError {
    /// The case is finished.
    #[error(transparent)]
    InvalidTransition(#[from] InvalidTransition),
    /// The actor may not make the change.
    #[error(transparent)]
    WrongActor(#[from] WrongActor),
}

impl Case {
    /// Corrects the classification of a case that is not finished. Returns `None` if nothing
    /// changes.
    ///
    /// If the urgency or the customer type changes, the due times are recalculated from the
    /// creation of the case, plus the time for which the resolution timer was paused. An alert that
    /// no longer holds is cleared and raised again when it does. The customer is not notified.
    ///
    /// Fails if the actor is the customer or the case is finished.
    pub fn correct(
        &self,
        request: CorrectRequest,
        policies: &Policies,
        stamp: Stamp,
    ) -> Result<Option<Decision>, CorrectError> {
        stamp.actor.require_staff()?;
        self.status().require_unfinished(Action::Correct)?;
        let mut draft = Draft::new(self, policies, stamp);
        let case = &mut draft.after;
        case.urgency = request.urgency.unwrap_or(case.urgency);
        case.issue_type = request.issue_type.unwrap_or(case.issue_type);
        case.customer.customer_type = request.customer_type.unwrap_or(case.customer.customer_type);
        if *case == self.facts {
            return Ok(None);
        }

        let customer_type = case.customer.customer_type;
        let before = (self.facts.urgency, self.facts.customer.customer_type);
        if (case.urgency, customer_type) != before {
            let target = policies.sla.target(customer_type, case.urgency);
            let calendar = policies.sla.calendar(customer_type);
            let working_time = target.resolution.saturating_add(case.paused);
            case.estimated_resolution = calendar.add(case.created_at, working_time);
            if case.awaits_first_response() {
                case.first_response_due = calendar.add(case.created_at, target.first_response);
            }
            let now = draft.now;
            let [first_response, resolution] =
                [SlaTimerKind::FirstResponse, SlaTimerKind::Resolution]
                    .map(|clock| SlaTimer::new(clock, case, &policies.sla).reached(now));
            if case.awaits_first_response() {
                case.first_response_alert = case.first_response_alert.min(first_response);
            }
            case.resolution_alert = case.resolution_alert.min(resolution);
        }
        Ok(Some(draft.finish(EventKind::Updated, Visibility::Internal)))
    }
}
