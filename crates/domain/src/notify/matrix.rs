//! The notification matrix, as data.

use crate::classification::Urgency;
use crate::event::EventType;
use crate::wire::wire_enum;

wire_enum! {
    /// A recipient of notifications.
    pub enum Recipient {
        /// The customer. Never notified of internal events.
        Customer = "customer",
        /// The assignee. E-mail goes to the team inbox if there is no assignee or the assignee
        /// acted.
        Assignee = "assignee",
        /// The assignee before the event.
        PreviousAssignee = "previous_assignee",
        /// The team inbox.
        Team = "team",
        /// The address of management.
        Management = "management",
        /// The address of those who operate the service.
        Operations = "operations",
        /// The telephones on call.
        OnCall = "on_call",
    }
}

/// Recipients for a type of event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotificationRule {
    /// Recipients notified by e-mail.
    pub email: Vec<Recipient>,
    /// Recipients notified by text message.
    pub sms: Vec<Recipient>,
    /// If set, webhooks are called.
    pub webhook: bool,
}

/// Recipients for every type of event. The default is the documented matrix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotificationMatrix {
    /// Rule for opened cases.
    pub created: NotificationRule,
    /// Rule for updates and changed properties.
    pub updated: NotificationRule,
    /// Rule for escalations.
    pub escalated: NotificationRule,
    /// Rule for assignments.
    pub assigned: NotificationRule,
    /// Rule for cancellations.
    pub cancelled: NotificationRule,
    /// Rule for service targets that are at risk or missed. The customer is never notified,
    /// even if the rule says so.
    pub overdue: NotificationRule,
    /// Lowest urgency at which an opened case sends text messages.
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
    /// Returns the rule for a type of event.
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
