//! Redacting parts of a case.

use super::draft::Draft;
use super::{Case, Decision, Policies, Stamp};
use crate::actor::WrongActor;
use crate::event::{Change, EventKind};
use crate::redaction::{RedactableField, RedactedPart, Redaction, RedactionMark};
use crate::visibility::Visibility;
use crate::{Message, Subject};

impl Case {
    /// Redacts a part of the case, in every status. The customer is not notified.
    ///
    /// The subject and the message are replaced by the [`RedactionMark`]. Entries of the conversation
    /// and files are not part of the case: the store must redact them, and what earlier events say,
    /// in the commit of this change. The caller has checked that the part exists.
    ///
    /// ```
    /// # use engage_domain::*;
    /// # use engage_domain::event::{RedactableField, RedactedPart, Redaction};
    /// # let (mut ids, policies) = (1.., Policies::default());
    /// # let mut by = |actor, at: &str| Stamp::new(at.parse().unwrap(), actor, || ids.next().unwrap());
    /// # let customer = Customer::new("John Doe".parse()?, "john@example.com".parse()?);
    /// # let request = OpenRequest::new(customer, "My PIN is 1234".parse()?, "Help.".parse()?);
    /// # let (id, number) = (CaseId::from_u128(1), "CW-2025-001".parse()?);
    /// # let stamp = by(Actor::Customer, "2025-01-27T10:00:00Z");
    /// # let case = Case::open(id, number, request, &policies, stamp).case;
    /// # let jane = StaffRef { id: "jane".parse()?, name: "Jane Smith".parse()? };
    /// let part = RedactedPart::Field(RedactableField::Subject);
    /// let stamp = by(Actor::Staff(jane), "2025-01-27T11:00:00Z");
    /// let redacted = case.redact(Redaction { part, quotes: Vec::new() }, &policies, stamp)?.case;
    /// let subject = redacted.facts().subject.as_str();
    /// assert_eq!(subject, "Redacted by Jane Smith at 2025-01-27T11:00:00.000Z");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// Fails if the actor is the customer or a participant.
    pub fn redact(
        &self,
        redaction: Redaction,
        policies: &Policies,
        stamp: Stamp,
    ) -> Result<Decision, WrongActor> {
        stamp.actor.require_staff()?;
        let mut draft = Draft::new(self, policies, stamp);
        let mark = RedactionMark::new(&draft.actor, draft.now);
        match redaction.part {
            RedactedPart::Field(RedactableField::Message) => {
                draft.after.message = Message::redacted(&mark);
            }
            RedactedPart::Field(RedactableField::Subject) => {
                draft.after.subject = Subject::redacted(&mark);
            }
            RedactedPart::UpdateId(_) | RedactedPart::AttachmentId(_) => {}
        }
        let mut decision = draft.finish(EventKind::Updated, Visibility::Internal);
        // The change of the subject would say what was redacted.
        decision.event.changes.retain(|change| !change.is_personal());
        decision.event.changes.push(Change::Redaction { from: (), to: Box::new(redaction) });
        Ok(decision)
    }
}
