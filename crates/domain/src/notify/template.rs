//! Templates of notifications, and the table that chooses one by event type and reader.

use super::{Channel, Recipient};
use crate::event::EventType;
use crate::wire::wire_enum;

wire_enum! {
    /// Content of a notification.
    pub enum Template {
        /// To the customer: the case was received.
        CaseReceivedCustomer = "case-received-customer",
        /// To the customer: staff opened the case for them.
        CaseOpenedCustomer = "case-opened-customer",
        /// To staff: a case to work on.
        CaseAssignedStaff = "case-assigned-staff",
        /// To staff: an urgent case was opened.
        CaseUrgentStaff = "case-urgent-staff",
        /// To the customer: the case was updated.
        CaseUpdatedCustomer = "case-updated-customer",
        /// To staff: the case was updated.
        CaseUpdatedStaff = "case-updated-staff",
        /// To the customer: the case was escalated.
        CaseEscalatedCustomer = "case-escalated-customer",
        /// To staff: the case was escalated.
        CaseEscalatedStaff = "case-escalated-staff",
        /// To management: a case was escalated.
        CaseEscalatedManagement = "case-escalated-management",
        /// To the customer: the case was assigned to someone else.
        CaseAssignedCustomer = "case-assigned-customer",
        /// To staff: a case is no longer assigned to them.
        CaseReassignedStaff = "case-reassigned-staff",
        /// To the customer: the case was cancelled.
        CaseCancelledCustomer = "case-cancelled-customer",
        /// To staff: the case was cancelled.
        CaseCancelledStaff = "case-cancelled-staff",
        /// To staff: a service target is at risk or was missed.
        CaseOverdueStaff = "case-overdue-staff",
        /// To the customer: a code that gives access to the case.
        CaseAccessCustomer = "case-access-customer",
        /// To administrators: a webhook endpoint was disabled.
        EndpointDisabledStaff = "endpoint-disabled-staff",
        /// To a webhook endpoint: the event.
        CaseEvent = "case-event",
    }
}

impl Template {
    /// Checks whether the template is for the customer of the case. What it says about their access
    /// must not be sent to others.
    pub const fn is_for_customer(self) -> bool {
        match self {
            Self::CaseReceivedCustomer
            | Self::CaseOpenedCustomer
            | Self::CaseUpdatedCustomer
            | Self::CaseEscalatedCustomer
            | Self::CaseAssignedCustomer
            | Self::CaseCancelledCustomer
            | Self::CaseAccessCustomer => true,
            Self::CaseAssignedStaff
            | Self::CaseUrgentStaff
            | Self::CaseUpdatedStaff
            | Self::CaseEscalatedStaff
            | Self::CaseEscalatedManagement
            | Self::CaseReassignedStaff
            | Self::CaseCancelledStaff
            | Self::CaseOverdueStaff
            | Self::EndpointDisabledStaff
            | Self::CaseEvent => false,
        }
    }

    /// Returns the template for a recipient of an event, or `None` if the recipient has none.
    pub(super) fn of(
        event: EventType,
        channel: Channel,
        recipient: Recipient,
        is_by_staff: bool,
    ) -> Option<Self> {
        let find = |reader| {
            let row = TEMPLATES.iter().find(|row| (row.0, row.1) == (event, reader));
            row.map(|row| row.2)
        };
        let reader = Reader::of(recipient);
        if reader == Reader::Customer {
            let of_staff = is_by_staff.then(|| find(Reader::CustomerOfStaff)).flatten();
            return of_staff.or_else(|| find(reader));
        }
        let on_phone = (channel == Channel::Sms).then(|| find(Reader::StaffPhone)).flatten();
        on_phone.or_else(|| find(reader)).or_else(|| find(Reader::Staff))
    }
}

/// Reader of a notification, for whom its template is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reader {
    Customer,
    /// The customer, if staff caused the event.
    CustomerOfStaff,
    Staff,
    /// Staff who read a text message.
    StaffPhone,
    PreviousAssignee,
    Management,
}

impl Reader {
    fn of(recipient: Recipient) -> Self {
        match recipient {
            Recipient::Customer => Self::Customer,
            Recipient::PreviousAssignee => Self::PreviousAssignee,
            Recipient::Management => Self::Management,
            Recipient::Assignee | Recipient::Team | Recipient::Operations | Recipient::OnCall => {
                Self::Staff
            }
        }
    }
}

/// Template for each type of event and reader. Everyone but the customer gets the template for staff
/// unless there is a more specific one.
const TEMPLATES: &[(EventType, Reader, Template)] = &[
    (EventType::Created, Reader::Customer, Template::CaseReceivedCustomer),
    (EventType::Created, Reader::CustomerOfStaff, Template::CaseOpenedCustomer),
    (EventType::Created, Reader::Staff, Template::CaseAssignedStaff),
    (EventType::Created, Reader::StaffPhone, Template::CaseUrgentStaff),
    (EventType::Updated, Reader::Customer, Template::CaseUpdatedCustomer),
    (EventType::Updated, Reader::Staff, Template::CaseUpdatedStaff),
    (EventType::Escalated, Reader::Customer, Template::CaseEscalatedCustomer),
    (EventType::Escalated, Reader::Staff, Template::CaseEscalatedStaff),
    (EventType::Escalated, Reader::Management, Template::CaseEscalatedManagement),
    (EventType::Assigned, Reader::Customer, Template::CaseAssignedCustomer),
    (EventType::Assigned, Reader::Staff, Template::CaseAssignedStaff),
    (EventType::Assigned, Reader::PreviousAssignee, Template::CaseReassignedStaff),
    (EventType::Cancelled, Reader::Customer, Template::CaseCancelledCustomer),
    (EventType::Cancelled, Reader::Staff, Template::CaseCancelledStaff),
    (EventType::Overdue, Reader::Staff, Template::CaseOverdueStaff),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everyone_but_the_customer_has_a_template_for_each_event() {
        for &event in EventType::ALL {
            for &recipient in Recipient::ALL.iter().filter(|one| **one != Recipient::Customer) {
                for &channel in Channel::ALL {
                    let template = Template::of(event, channel, recipient, true);
                    let template = template.unwrap_or_else(|| panic!("{event} {recipient}"));
                    assert!(!template.is_for_customer(), "{event} {recipient} {template}");
                }
            }
        }
    }

    #[test]
    fn only_the_customer_gets_the_templates_for_the_customer() {
        for &(event, reader, template) in TEMPLATES {
            let is_for_customer = matches!(reader, Reader::Customer | Reader::CustomerOfStaff);
            assert_eq!(template.is_for_customer(), is_for_customer, "{event} {template}");
        }
    }
}
