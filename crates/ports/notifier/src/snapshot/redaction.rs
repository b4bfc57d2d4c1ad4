//! Redaction of parts of a snapshot.

use engage_domain::event::{Change, RedactableField, RedactedPart, RedactionMark};
use engage_domain::{AttachmentId, Message, Subject, UpdateId};

use super::Snapshot;

impl Snapshot {
    /// Replaces a redacted part by the mark. Returns whether the snapshot had that part.
    ///
    /// An update that loses a file has the mark below its text. The subject is replaced in the
    /// corrections of it as well.
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
        let mut updates = self.data.event.updates.iter_mut();
        let Some(update) = updates.find(|update| update.id == id) else { return false };
        update.message = Message::redacted(mark);
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
        Actor, Case, CaseId, CorrectRequest, Customer, Decision, OpenRequest, Policies, Stamp,
        UpdateRequest,
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
}
