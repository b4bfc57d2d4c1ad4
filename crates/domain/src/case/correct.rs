//! Correcting the customer's details, the subject and the classification of a case.

use thiserror::Error;

use super::draft::{Draft, announcement};
use super::{
    Action, Case, CaseFacts, CorrectRequest, Decision, InvalidTransition, Participant, Policies,
    Stamp,
};
use crate::Message;
use crate::actor::WrongActor;
use crate::event::EventKind;
use crate::time::Timestamp;
use crate::visibility::Visibility;

/// Error returned when a correction is rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum CorrectError {
    /// The case is finished.
    #[error(transparent)]
    InvalidTransition(#[from] InvalidTransition),
    /// The actor may not make the change.
    #[error(transparent)]
    WrongActor(#[from] WrongActor),
    /// The customer would have neither an e-mail address nor a telephone number.
    #[error("must not be removed unless there is a phone")]
    NoContact,
    /// The new address is that of a participant.
    #[error("must not be the address of a participant: remove the participant first")]
    IsParticipant,
}

impl Case {
    /// Corrects the customer's details, the subject and the classification of a case that is not
    /// finished. Returns `None` if nothing changes.
    ///
    /// If the urgency or the customer type changes, the due times are recalculated from the
    /// creation of the case, plus the time for which the resolution timer was paused. An alert that
    /// no longer holds is cleared and raised again when it does.
    ///
    /// A new e-mail address is unproven, so the contract that applied to the former one does not apply
    /// any more. A customer with a new address is notified by a generated update. Other corrections are
    /// internal. The caller has to end the access of the old address.
    ///
    /// ```
    /// # use engage_domain::*;
    /// # let (mut ids, policies) = (1.., Policies::default());
    /// # let mut by = |actor, at: &str| Stamp::new(at.parse().unwrap(), actor, || ids.next().unwrap());
    /// # let customer = Customer::new("John Doe".parse()?, "jon@example.com".parse()?);
    /// # let request = OpenRequest::new(customer, "No access".parse()?, "It says 403.".parse()?);
    /// # let (id, number) = (CaseId::from_u128(1), "CW-2025-001".parse()?);
    /// # let stamp = by(Actor::Customer, "2025-01-27T10:00:00Z");
    /// # let case = Case::open(id, number, request, &policies, stamp).case;
    /// # let jane = StaffRef { id: "jane".parse()?, name: "Jane Smith".parse()? };
    /// let email: EmailAddress = "john@example.com".parse()?;
    /// let request = CorrectRequest::default().with_email(email.clone());
    /// let stamp = by(Actor::Staff(jane), "2025-01-27T11:00:00Z");
    /// let corrected = case.correct(request, &policies, stamp)?.ok_or("nothing to correct")?;
    /// assert_eq!(corrected.case.facts().customer.email, Some(email));
    /// assert_eq!(corrected.event.visibility, Visibility::Public);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// Fails if the actor is the customer or a participant, if the case is finished, if the customer
    /// would have neither an e-mail address nor a telephone number, or if the new address is that of
    /// a participant.
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
        request.apply(case);
        if *case == self.facts {
            return Ok(None);
        }
        require_contact(&self.facts, case)?;
        let has_new_address = case.customer.email != self.facts.customer.email;
        if has_new_address {
            let given_type = case.customer.customer_type;
            case.forget_proof(policies);
            if given_type != self.facts.customer.customer_type {
                case.set_applying_type(given_type);
            }
        }
        if targets_of(case) != targets_of(&self.facts) {
            recalculate_targets(case, policies, draft.now);
        }
        let visibility = if has_new_address && case.customer.email.is_some() {
            draft.announce(Visibility::Public, new_address());
            Visibility::Public
        } else {
            Visibility::Internal
        };
        Ok(Some(draft.finish(EventKind::Updated, visibility)))
    }
}

/// Rejects a customer who cannot be reached, and one who takes part in the case twice.
fn require_contact(before: &CaseFacts, after: &CaseFacts) -> Result<(), CorrectError> {
    let customer = &after.customer;
    let Some(email) = &customer.email else {
        let is_reached = customer.phone.is_some();
        return if is_reached { Ok(()) } else { Err(CorrectError::NoContact) };
    };
    let is_new = before.customer.email.as_ref() != Some(email);
    let mut present = after.participants.iter().filter(|one| Participant::is_present(one));
    if is_new && present.any(|participant| participant.email == *email) {
        return Err(CorrectError::IsParticipant);
    }
    Ok(())
}

/// Returns the facts on which the service targets of a case rest.
fn targets_of(case: &CaseFacts) -> impl PartialEq + use<'_> {
    (case.urgency, case.customer.customer_type, &case.sla_targets)
}

fn recalculate_targets(case: &mut CaseFacts, policies: &Policies, now: Timestamp) {
    let target = case.service_target(&policies.sla);
    let calendar = policies.sla.calendar(case.customer.customer_type);
    let working_time = target.resolution.saturating_add(case.paused);
    case.estimated_resolution = calendar.add(case.created_at, working_time);
    if case.awaits_first_response() {
        case.first_response_due = calendar.add(case.created_at, target.first_response);
    }
    case.recheck_alerts(&policies.sla, now);
}

fn new_address() -> Message {
    announcement("The e-mail address for this case was changed")
}
