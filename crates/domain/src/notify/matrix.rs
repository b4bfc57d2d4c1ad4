//! The matrix of who is told what, as data.

use crate::classification::Urgency;
use crate::event::EventType;
use crate::wire::wire_enum;

wire_enum! {
    /// Somebody who can be told of an event.
    pub enum Recipient {
        /// The customer; never of anything internal.
        Customer = "customer",
        /// Who works on the case; for e-mail the team inbox, where nobody does or they acted.
        Assignee = "assignee",
        /// Who worked on the case until this event.
        PreviousAssignee = "previous_assignee",
        /// The team inbox.
        Team = "team",
        /// The management's address.
        Management = "management",
        /// The address of those who run the service.
        Operations = "operations",
        /// The on-call telephones.
        OnCall = "on_call",
    }
}

/// Who is told of one type of event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotificationRule {
    /// By e-mail.
    pub email: Vec<Recipient>,
    /// By text message.
    pub sms: Vec<Recipient>,
    /// Whether webhooks are called.
    pub webhook: bool,
}

/// Who is told of every type of event; the default is the documented matrix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotificationMatrix {
    /// Of an opened case.
    pub created: NotificationRule,
    /// Of something written or changed.
    pub updated: NotificationRule,
    /// Of an escalation.
    pub escalated: NotificationRule,
    /// Of an assignment.
    pub assigned: NotificationRule,
    /// Of a cancellation.
    pub cancelled: NotificationRule,
    /// Of a service target that is in danger or missed; the customer is not told, whatever it says.
    pub overdue: NotificationRule,
    /// The least urgency of which an opened case is told by text message.
    pub created_sms_from: Urgency,
}

impl Default for NotificationMatrix {
    fn default() -> Self {
        use Recipient::{Assignee, Customer, Management, OnCall, PreviousAssignee, Team};
        let rule = |email: &[Recipient], sms: &[Recipient]| NotificationRule {
            email: email.to_vec(),
            sms: sms.to_vec(),
            webhook: true,
        };
        Self {
            created: rule(&[Customer, Team], &[OnCall, Assignee]),
            updated: rule(&[Customer, Assignee], &[]),
            escalated: rule(&[Customer, Assignee, Management], &[OnCall, Assignee]),
            assigned: rule(&[Assignee, PreviousAssignee], &[]),
            cancelled: rule(&[Customer, Assignee], &[]),
            overdue: rule(&[Assignee], &[]),
            created_sms_from: Urgency::High,
        }
    }
}

impl NotificationMatrix {
    /// Who is told of a type of event.
    pub fn rule(&self, event_type: EventType) -> &NotificationRule {
        match event_type {
            EventType::Created => &self.created,
            EventType::Updated => &self.updated,
            EventType::Escalated => &self.escalated,
            EventType::Assigned => &self.assigned,
            EventType::Cancelled => &self.cancelled,
            EventType::Overdue => &self.overdue,
        }
    }
}
