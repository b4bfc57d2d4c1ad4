//! The opening of a case, and its first message.

use engage_domain::{FirstMessageBy, Source};

use super::{Entry, STAFF, View};

impl<'a> View<'a> {
    /// Checks whether a member of staff opened the case with this event.
    fn is_opened_by_staff(&self) -> bool {
        self.is_new() && self.event().actor.kind == STAFF
    }

    /// Checks whether staff wrote the message that the case begins with.
    pub(crate) fn staff_wrote_first(&self) -> bool {
        self.case().case_details.first_message_by == FirstMessageBy::Staff
    }

    /// Says who opened the case, and to whom they assigned it.
    pub(crate) fn opening(&self) -> String {
        let customer = self.customer();
        if !self.is_opened_by_staff() {
            return format!("{customer} opened a case.");
        }
        let (actor, assignment) = (&self.event().actor, &self.case().assignment);
        match self.assignee() {
            None => format!("{} opened a case for {customer}.", actor.name),
            Some(_) if actor.id == assignment.assigned_to => {
                format!("{} opened a case for {customer} and is working on it.", actor.name)
            }
            Some(assignee) => {
                format!(
                    "{} opened a case for {customer} and assigned it to {assignee}.",
                    actor.name
                )
            }
        }
    }

    /// Returns the message that the case begins with, for the customer, if staff opened the case
    /// with this event. Otherwise anyone may have submitted it in the customer's name.
    pub(crate) fn opening_for_customer(&self) -> Option<Entry<'a>> {
        let staff_wrote = self.staff_wrote_first();
        self.is_opened_by_staff().then(|| Entry {
            heading: if staff_wrote { "Our message to you" } else { "What we noted" }.to_owned(),
            message: self.case().case_details.message.as_str(),
            files: String::new(),
            has_links: staff_wrote,
        })
    }

    /// Returns the message that the case begins with, for staff.
    pub(crate) fn request(&self) -> Entry<'a> {
        let customer = self.customer();
        let details = &self.case().case_details;
        let heading = match (details.first_message_by, details.source) {
            (FirstMessageBy::Staff, _) => format!("We wrote to {customer}"),
            (FirstMessageBy::Customer, Source::Staff) => format!("{customer} told us"),
            (FirstMessageBy::Customer, _) => format!("{customer} wrote"),
        };
        Entry {
            heading,
            message: self.case().case_details.message.as_str(),
            files: String::new(),
            has_links: false,
        }
    }
}
