//! Erasing personal data from a case.

use super::draft::{Draft, announcement};
use super::{Case, Customer, Decision, Policies, Stamp, Status};
use crate::contact::EmailAddress;
use crate::event::EventKind;
use crate::visibility::Visibility;
use crate::{Message, PersonName, Subject};

impl Case {
    /// Erases the personal data of the customer and of the participants, and the request. An active case
    /// is cancelled and a resolved case is closed, because there is no customer left to help.
    ///
    /// Earlier updates and notifications are not part of the case. The store must erase them as
    /// well.
    pub fn erase(&self, policies: &Policies, stamp: Stamp) -> Decision {
        let mut draft = Draft::new(self, policies, stamp);
        if self.status().is_active() {
            draft.enter(Status::Cancelled);
        } else if self.status() == Status::Resolved {
            draft.enter(Status::Closed);
        }
        let case = &mut draft.after;
        case.customer = Customer {
            name: PersonName::erased(),
            email: Some(EmailAddress::erased()),
            organization: None,
            phone: None,
            customer_type: case.customer.customer_type,
        };
        case.project = None;
        case.participants.clear();
        case.subject = Subject::erased();
        case.message = Message::erased();
        draft.write(Visibility::Internal, note(), Vec::new());
        let mut decision = draft.finish(EventKind::Erased, Visibility::Internal);
        // They would say what was erased.
        decision.event.changes.retain(|change| !change.is_personal());
        decision
    }
}

fn note() -> Message {
    announcement("The personal data of this case was erased")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contact::{ERASED_EMAIL, ERASED_PHONE, PhoneNumber};
    use crate::stored::FromStored;
    use crate::text::ERASED;

    #[test]
    fn the_placeholders_are_valid_values() {
        assert_eq!(ERASED.parse(), Ok(PersonName::erased()));
        assert_eq!(ERASED.parse(), Ok(Subject::erased()));
        assert_eq!(ERASED.parse(), Ok(Message::erased()));
        assert_eq!(ERASED_EMAIL.parse(), Ok(EmailAddress::erased()));
        assert_eq!(PhoneNumber::from_stored(ERASED_PHONE).unwrap().as_str(), ERASED_PHONE);
    }
}
