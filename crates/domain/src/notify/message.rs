//! Planned notifications with their channel, template and address.

use std::fmt;

use super::Recipient;
use crate::contact::{EmailAddress, PhoneNumber};
use crate::event::EventType;
use crate::id::WebhookId;
use crate::stored::FromStored;
use crate::wire::wire_enum;

wire_enum! {
    /// A way to deliver notifications.
    pub enum Channel {
        /// E-mail.
        Email = "EMAIL",
        /// Text messages.
        Sms = "SMS",
        /// HTTP requests to other systems.
        Webhook = "WEBHOOK",
    }
}

wire_enum! {
    /// Content of a notification.
    pub enum Template {
        /// To the customer: the case was received.
        CaseReceivedCustomer = "case-received-customer",
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

    pub(super) fn for_email(event: EventType, recipient: Recipient) -> Self {
        use Recipient::{Customer, Management, PreviousAssignee};
        match (event, recipient) {
            (EventType::Created, Customer) => Self::CaseReceivedCustomer,
            (EventType::Updated, Customer) => Self::CaseUpdatedCustomer,
            (EventType::Updated, _) => Self::CaseUpdatedStaff,
            (EventType::Escalated, Customer) => Self::CaseEscalatedCustomer,
            (EventType::Escalated, Management) => Self::CaseEscalatedManagement,
            (EventType::Escalated, _) => Self::CaseEscalatedStaff,
            (EventType::Assigned, Customer) => Self::CaseAssignedCustomer,
            (EventType::Assigned, PreviousAssignee) => Self::CaseReassignedStaff,
            (EventType::Created | EventType::Assigned, _) => Self::CaseAssignedStaff,
            (EventType::Cancelled, Customer) => Self::CaseCancelledCustomer,
            (EventType::Cancelled, _) => Self::CaseCancelledStaff,
            (EventType::Overdue, _) => Self::CaseOverdueStaff,
        }
    }

    pub(super) fn for_sms(event: EventType, recipient: Recipient) -> Self {
        match (event, recipient) {
            (EventType::Created, recipient) if recipient != Recipient::Customer => {
                Self::CaseUrgentStaff
            }
            _ => Self::for_email(event, recipient),
        }
    }
}

/// Destination of a notification.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Address {
    /// E-mail address.
    Email(EmailAddress),
    /// Telephone number for text messages.
    Phone(PhoneNumber),
    /// Webhook endpoint.
    Webhook(WebhookId),
}

impl Address {
    /// Returns the channel that delivers to the address.
    pub fn channel(&self) -> Channel {
        match self {
            Self::Email(_) => Channel::Email,
            Self::Phone(_) => Channel::Sms,
            Self::Webhook(_) => Channel::Webhook,
        }
    }

    /// Checks whether both addresses reach the same recipient, regardless of their spelling.
    pub fn is_same_as(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Email(one), Self::Email(other)) => one.normalized() == other.normalized(),
            (one, other) => one == other,
        }
    }

    /// Parses an address of the channel from its [`fmt::Display`] form.
    pub fn parse(channel: Channel, text: &str) -> Option<Self> {
        match channel {
            Channel::Email => EmailAddress::from_stored(text).ok().map(Self::Email),
            Channel::Sms => PhoneNumber::from_stored(text).ok().map(Self::Phone),
            Channel::Webhook => WebhookId::from_stored(text).ok().map(Self::Webhook),
        }
    }
}

/// Writes the address in the form that its channel uses. An e-mail address with an
/// internationalised domain is written in ASCII.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Email(address) => address.ascii().fmt(f),
            Self::Phone(number) => number.fmt(f),
            Self::Webhook(id) => id.fmt(f),
        }
    }
}

/// A notification that an event requires.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PlannedMessage {
    /// Content of the notification.
    pub template: Template,
    /// Destination of the notification.
    pub address: Address,
}
