//! Redaction of parts of a snapshot.

use engage_domain::event::{Change, RedactableField, RedactedPart, RedactionMark};
use engage_domain::{AttachmentId, Message, Reason, Subject, UpdateId};

use super::Snapshot;

impl Snapshot {
    /// Replaces a redacted part by the mark. Returns whether the snapshot had that part.
    ///
    /// An update that loses a file has the mark below its text. The subject is replaced in the
    /// corrections of it as well. The text of an update is replaced in its escalation, too.
    pub fn redact(&mut self, part: RedactedPart, mark: &RedactionMark) -> bool {
        match part {
            RedactedPart::UpdateId(id) => self.redact_update(id, mark),
            RedactedPart::AttachmentId(id) => self.redact_attachment(id, mark),
            RedactedPart::Field(RedactableField::Message) => {
                self.data.case.case_details.message = Message::redacted(mark);
                true
            }
            RedactedPart::Field(RedactableField::Subject) => {
                self.redact_subject(&Subject::redacted(mark));
                true
            }
        }
    }

    fn redact_update(&mut self, id: UpdateId, mark: &RedactionMark) -> bool {
        let event = &mut self.data.event;
        let mut updates = event.updates.iter_mut();
        let Some(update) = updates.find(|update| update.id == id) else { return false };
        let text = std::mem::replace(&mut update.message, Message::redacted(mark));
        let escalation = event.escalation.as_mut();
        if let Some(escalation) = escalation.filter(|it| it.reason.as_str() == text.as_str()) {
            escalation.reason = Reason::redacted(mark);
        }
        true
    }

    fn redact_attachment(&mut self, id: AttachmentId, mark: &RedactionMark) -> bool {
        for update in &mut self.data.event.updates {
            let count = update.attachments.len();
            update.attachments.retain(|file| file.id != id);
            if update.attachments.len() < count {
                update.message = update.message.clone().marked(mark);
                return true;
            }
        }
        false
    }

    fn redact_subject(&mut self, redacted: &Subject) {
        redacted.clone_into(&mut self.data.case.case_details.subject);
        for change in &mut self.data.event.changes {
            if let Change::Subject { from, to } = change {
                redacted.clone_into(from);
                redacted.clone_into(to);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use engage_domain::{
        Actor, Case, CaseId, CorrectRequest, Customer, Decision, EscalateRequest, OpenRequest,
        Policies, Stamp, UpdateRequest,
    };

    use super::*;

    fn stamp(actor: Actor) -> Stamp {
        let mut ids = 7..;
        Stamp::new("2025-01-27T10:00:00Z".parse().unwrap(), actor, || ids.next().unwrap())
    }

    fn opened() -> Case {
        let email = "john@example.com".parse().unwrap();
        let customer = Customer::new("John Doe".parse().unwrap(), email);
        let (subject, message) = ("My PIN is 1234".parse().unwrap(), "Help.".parse().unwrap());
        let request = OpenRequest::new(customer, subject, message);
        let (id, number) = (CaseId::from_u128(1), "CW-2025-001".parse().unwrap());
        Case::open(id, number, request, &Policies::default(), stamp(Actor::Customer)).case
    }

    fn of(Decision { case, event }: &Decision) -> Snapshot {
        Snapshot::new(event, case.facts(), None)
    }

    fn mark() -> RedactionMark {
        RedactionMark::new(&Actor::System, "2025-01-27T10:00:00Z".parse().unwrap())
    }

    #[test]
    fn a_redacted_subject_is_gone_from_its_corrections_too() {
        let request = CorrectRequest::default().with_subject("No access".parse().unwrap());
        let corrected = opened().correct(request, &Policies::default(), stamp(Actor::System));
        let mut snapshot = of(&corrected.unwrap().unwrap());
        assert!(snapshot.to_json().unwrap().contains("1234"));
        assert!(snapshot.redact(RedactedPart::Field(RedactableField::Subject), &mark()));
        let json = snapshot.into_stored_json().unwrap();
        assert!(!json.contains("1234") && !json.contains("No access"), "{json}");
    }

    #[test]
    fn only_the_redacted_update_loses_its_text() {
        let request = UpdateRequest::note("The PIN is 1234.".parse().unwrap());
        let noted = opened().update(request, &Policies::default(), stamp(Actor::System));
        let noted = noted.unwrap().unwrap();
        let (mut snapshot, id) = (of(&noted), noted.event.updates[0].id);
        assert!(!snapshot.redact(RedactedPart::UpdateId(UpdateId::from_u128(99)), &mark()));
        assert_eq!(snapshot, of(&noted));
        assert!(snapshot.redact(RedactedPart::UpdateId(id), &mark()));
        assert_eq!(snapshot.data.event.updates[0].message.as_str(), mark().as_str());
        assert_eq!(snapshot.data.case.case_details.subject.as_str(), "My PIN is 1234");
    }

    #[test]
    fn a_redacted_reason_is_gone_from_its_escalation_too() {
        let request = EscalateRequest::new("Nobody reads my PIN 5678.".parse().unwrap());
        let escalated = opened().escalate(request, &Policies::default(), stamp(Actor::Customer));
        let escalated = escalated.unwrap();
        let (mut snapshot, id) = (of(&escalated), escalated.event.updates[0].id);
        assert!(snapshot.redact(RedactedPart::UpdateId(id), &mark()));
        let event = &snapshot.data.event;
        assert_eq!(event.escalation.as_ref().unwrap().reason.as_str(), mark().as_str());
        assert_eq!(event.updates[0].message.as_str(), mark().as_str());
        assert!(!snapshot.to_json().unwrap().contains("5678"));
    }
}
