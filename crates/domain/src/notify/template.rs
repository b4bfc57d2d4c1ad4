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
        /// To a participant: they now take part in the case.
        CaseInvitedParticipant = "case-invited-participant",
        /// To a participant: the case was updated, escalated or cancelled.
        CaseUpdatedParticipant = "case-updated-participant",
        /// To a participant: a code that gives them access to the case.
        CaseCodeParticipant = "case-code-participant",
        /// To administrators: a webhook endpoint was disabled.
        EndpointDisabledStaff = "endpoint-disabled-staff",
        /// To a webhook endpoint: the event.
        CaseEvent = "case-event",
    }
}

/// Those whom a template is written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TemplateAudience {
    /// The customer of the case.
    Customer,
    /// One participant of the case.
    Participant,
    /// The support organization.
    Staff,
    /// A webhook endpoint.
    Endpoint,
}

impl Template {
    /// Returns those whom the template is written for. What it says about the access of one person
    /// must not be sent to another.
    pub const fn audience(self) -> TemplateAudience {
        match self {
            Self::CaseReceivedCustomer
            | Self::CaseOpenedCustomer
            | Self::CaseUpdatedCustomer
            | Self::CaseEscalatedCustomer
            | Self::CaseAssignedCustomer
            | Self::CaseCancelledCustomer
            | Self::CaseAccessCustomer => TemplateAudience::Customer,
            Self::CaseInvitedParticipant
            | Self::CaseUpdatedParticipant
            | Self::CaseCodeParticipant => TemplateAudience::Participant,
            Self::CaseAssignedStaff
            | Self::CaseUrgentStaff
            | Self::CaseUpdatedStaff
            | Self::CaseEscalatedStaff
            | Self::CaseEscalatedManagement
            | Self::CaseReassignedStaff
            | Self::CaseCancelledStaff
            | Self::CaseOverdueStaff
            | Self::EndpointDisabledStaff => TemplateAudience::Staff,
            Self::CaseEvent => TemplateAudience::Endpoint,
        }
    }

    /// Checks whether the template is for the customer of the case. What it says about their access
    /// must not be sent to others, not even to participants.
    pub const fn is_for_customer(self) -> bool {
        matches!(self.audience(), TemplateAudience::Customer)
    }

    /// Checks whether the template is for the customer or a participant of the case, whose addresses
    /// strangers may have chosen.
    pub const fn is_for_people_of_case(self) -> bool {
        matches!(self.audience(), TemplateAudience::Customer | TemplateAudience::Participant)
    }

    /// Checks whether the template delivers an access code.
    pub const fn delivers_code(self) -> bool {
        matches!(self, Self::CaseAccessCustomer | Self::CaseCodeParticipant)
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
        if reader == Reader::Participant {
            return find(reader);
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
    Participant,
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
            Recipient::Participants => Self::Participant,
            Recipient::PreviousAssignee => Self::PreviousAssignee,
            Recipient::Management => Self::Management,
            Recipient::Assignee | Recipient::Team | Recipient::Operations | Recipient::OnCall => {
                Self::Staff
            }
        }
    }
}

/// Template for each type of event and reader. The support organization gets the template for staff
/// unless there is a more specific one.
const TEMPLATES: &[(EventType, Reader, Template)] = &[
    (EventType::Created, Reader::Customer, Template::CaseReceivedCustomer),
    (EventType::Created, Reader::CustomerOfStaff, Template::CaseOpenedCustomer),
    (EventType::Created, Reader::Staff, Template::CaseAssignedStaff),
    (EventType::Created, Reader::StaffPhone, Template::CaseUrgentStaff),
    (EventType::Updated, Reader::Customer, Template::CaseUpdatedCustomer),
    (EventType::Updated, Reader::Participant, Template::CaseUpdatedParticipant),
    (EventType::Updated, Reader::Staff, Template::CaseUpdatedStaff),
    (EventType::Escalated, Reader::Customer, Template::CaseEscalatedCustomer),
    (EventType::Escalated, Reader::Participant, Template::CaseUpdatedParticipant),
    (EventType::Escalated, Reader::Staff, Template::CaseEscalatedStaff),
    (EventType::Escalated, Reader::Management, Template::CaseEscalatedManagement),
    (EventType::Assigned, Reader::Customer, Template::CaseAssignedCustomer),
    (EventType::Assigned, Reader::Staff, Template::CaseAssignedStaff),
    (EventType::Assigned, Reader::PreviousAssignee, Template::CaseReassignedStaff),
    (EventType::Cancelled, Reader::Customer, Template::CaseCancelledCustomer),
    (EventType::Cancelled, Reader::Participant, Template::CaseUpdatedParticipant),
    (EventType::Cancelled, Reader::Staff, Template::CaseCancelledStaff),
    (EventType::Overdue, Reader::Staff, Template::CaseOverdueStaff),
    (EventType::Erased, Reader::Staff, Template::CaseUpdatedStaff),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_support_organization_has_a_template_for_each_event() {
        let is_of_case =
            |one: &Recipient| [Recipient::Customer, Recipient::Participants].contains(one);
        for &event in EventType::ALL {
            for &recipient in Recipient::ALL.iter().filter(|one| !is_of_case(one)) {
                for &channel in Channel::ALL {
                    let template = Template::of(event, channel, recipient, true);
                    let template = template.unwrap_or_else(|| panic!("{event} {recipient}"));
                    let audience = template.audience();
                    assert_eq!(audience, TemplateAudience::Staff, "{event} {recipient} {template}");
                }
            }
        }
    }

    #[test]
    fn each_reader_gets_the_templates_that_are_written_for_them() {
        for &(event, reader, template) in TEMPLATES {
            let expected = match reader {
                Reader::Customer | Reader::CustomerOfStaff => TemplateAudience::Customer,
                Reader::Participant => TemplateAudience::Participant,
                _ => TemplateAudience::Staff,
            };
            assert_eq!(template.audience(), expected, "{event} {template}");
        }
    }

    #[test]
    fn the_end_of_a_name_says_whom_the_template_is_for() {
        for template in Template::ALL {
            let expected = match template.as_str().rsplit('-').next() {
                Some("customer") => TemplateAudience::Customer,
                Some("participant") => TemplateAudience::Participant,
                Some("event") => TemplateAudience::Endpoint,
                _ => TemplateAudience::Staff,
            };
            assert_eq!(template.audience(), expected, "{template}");
        }
    }
}
