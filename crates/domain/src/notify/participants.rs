//! Notifications to the participants of a case.

use super::{Address, Plan, PlannedMessage, Template};
use crate::case::{Participant, ParticipantState};
use crate::event::{Change, Event};

impl Participant {
    /// Checks whether a notification that was planned earlier may be delivered to the person now.
    /// One who left gets nothing but a code, with which they can come back.
    ///
    /// ```
    /// use engage_domain::{Actor, Participant, ParticipantState, PersonId, Template};
    ///
    /// let ann = Participant {
    ///     id: PersonId::from_u128(8),
    ///     name: None,
    ///     email: "ann@example.com".parse()?,
    ///     state: ParticipantState::Left,
    ///     added_by: Actor::Customer,
    ///     reads_from: "2025-01-27T12:00:00Z".parse()?,
    ///     proven: false,
    /// };
    /// assert!(!ann.may_receive(Template::CaseUpdatedParticipant));
    /// assert!(ann.may_receive(Template::CaseCodeParticipant));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn may_receive(&self, template: Template) -> bool {
        let comes_back = template.delivers_code() && self.state == ParticipantState::Left;
        self.is_present() || comes_back
    }
}

impl Plan<'_> {
    /// Plans an e-mail to each participant whom the event concerns, except for the one who caused
    /// it. Those whom it made participants are invited, although the event is internal.
    pub(super) fn mail_participants(&mut self) {
        let (event, case) = (self.event, self.case);
        let others = case
            .notified_participants()
            .filter(|participant| event.person() != Some(participant.id));
        for participant in others {
            let template = if is_invited(event, participant) {
                Template::CaseInvitedParticipant
            } else if event.may_be_read_by(participant) {
                Template::CaseUpdatedParticipant
            } else {
                continue;
            };
            self.add_once(PlannedMessage {
                template,
                address: Address::Email(participant.email.clone()),
                person: Some(participant.id),
            });
        }
    }
}

/// Checks whether the event added the participant, accepted them or brought them back. One whose
/// address bounced has taken part all the time.
fn is_invited(event: &Event, participant: &Participant) -> bool {
    let took_part = |before: &Participant| before.may_act();
    event.changes.iter().any(|change| match change {
        Change::Participant { from, to } => {
            to.id == participant.id && !from.as_deref().is_some_and(took_part)
        }
        _ => false,
    })
}
