//! Erasing people who are not the customer from a case.

use super::draft::{Draft, announcement};
use super::{Case, Decision, Participant, ParticipantState, Policies, Stamp};
use crate::Message;
use crate::actor::WrongActor;
use crate::event::{Change, EventKind, Redaction};
use crate::id::PersonId;
use crate::visibility::Visibility;

/// People who are erased from a case of somebody else.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct ErasePeopleRequest {
    /// Participants to erase, whatever their state.
    pub people: Vec<PersonId>,
    /// Redactions of what they wrote, with the later entries that quote it. Those are not changed.
    #[cfg_attr(feature = "serde", serde(default))]
    pub redactions: Vec<Redaction>,
}

impl Case {
    /// Erases people from a case that belongs to somebody else, in every status. They stay in the
    /// list of participants as removed ones without a name and with a placeholder for the address.
    /// The customer is not notified.
    ///
    /// Their entries and the earlier events are not part of the case. The store must erase both in the
    /// commit of this change.
    ///
    /// ```
    /// # use engage_domain::*;
    /// # use engage_domain::case::{AddParticipantRequest, ErasePeopleRequest};
    /// # let (mut ids, policies) = (1.., Policies::default());
    /// # let mut by = |actor, at: &str| Stamp::new(at.parse().unwrap(), actor, || ids.next().unwrap());
    /// # let customer = Customer::new("John Doe".parse()?, "john@example.com".parse()?);
    /// # let request = OpenRequest::new(customer, "No access".parse()?, "Help.".parse()?);
    /// # let (id, number) = (CaseId::from_u128(1), "CW-2025-001".parse()?);
    /// # let stamp = by(Actor::Customer, "2025-01-27T10:00:00Z");
    /// # let case = Case::open(id, number, request, &policies, stamp).case;
    /// # let (id, ann) = (PersonId::from_u128(7), AddParticipantRequest::new("ann@x.example".parse()?));
    /// # let stamp = by(Actor::Customer, "2025-01-27T10:30:00Z");
    /// # let case = case.add_participant(id, ann, &policies, stamp)?.expect("Ann is new").case;
    /// let people = vec![case.facts().participants[0].id];
    /// let request = ErasePeopleRequest { people, ..ErasePeopleRequest::default() };
    /// let stamp = by(Actor::System, "2025-01-27T11:00:00Z");
    /// let erased = case.erase_people(request, &policies, stamp)?.case;
    /// let ann = &erased.facts().participants[0];
    /// assert_eq!((ann.state, &ann.name), (ParticipantState::Removed, &None));
    /// assert!(ann.email.as_str().ends_with("@erased.invalid"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// Fails if the actor is the customer or a participant.
    pub fn erase_people(
        &self,
        request: ErasePeopleRequest,
        policies: &Policies,
        stamp: Stamp,
    ) -> Result<Decision, WrongActor> {
        stamp.actor.require_staff()?;
        let mut draft = Draft::new(self, policies, stamp);
        for one in &mut draft.after.participants {
            if request.people.contains(&one.id) {
                *one = Participant { state: ParticipantState::Removed, ..one.erased() };
            }
        }
        draft.announce(Visibility::Internal, note());
        let mut decision = draft.finish(EventKind::Updated, Visibility::Internal);
        let changes = &mut decision.event.changes;
        // They would say who was erased.
        for change in changes.iter_mut() {
            if let Change::Participant { from: Some(from), .. } = change {
                **from = from.erased();
            }
        }
        changes.retain(
            |change| !matches!(change, Change::Participant { from: Some(from), to } if from == to),
        );
        let redacted = |to| Change::Redaction { from: (), to: Box::new(to) };
        changes.extend(request.redactions.into_iter().map(redacted));
        Ok(decision)
    }
}

fn note() -> Message {
    announcement("The personal data of somebody was erased from this case")
}
