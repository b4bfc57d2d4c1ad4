//! Messages: by which channel, from which template, to which address.

use std::fmt;

use super::Recipient;
use crate::contact::{EmailAddress, PhoneNumber};
use crate::event::EventType;
use crate::id::WebhookId;
use crate::stored::FromStored;
use crate::wire::wire_enum;

wire_enum! {
    /// A way to deliver messages.
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
    /// What a message says.
    pub enum Template {
        /// To the customer: we have your case.
        CaseReceivedCustomer = "case-received-customer",
        /// To staff: here is a case for you.
        CaseAssignedStaff = "case-assigned-staff",
        /// To staff: an urgent case was opened.
        CaseUrgentStaff = "case-urgent-staff",
        /// To the customer: there is news.
        CaseUpdatedCustomer = "case-updated-customer",
        /// To staff: there is news.
        CaseUpdatedStaff = "case-updated-staff",
        /// To the customer: your case gets more attention.
        CaseEscalatedCustomer = "case-escalated-customer",
        /// To staff: the case needs more attention.
        CaseEscalatedStaff = "case-escalated-staff",
        /// To management: a case was escalated.
        CaseEscalatedManagement = "case-escalated-management",
        /// To the customer: somebody else works on your case.
        CaseAssignedCustomer = "case-assigned-customer",
        /// To staff: a case is no longer yours.
        CaseReassignedStaff = "case-reassigned-staff",
        /// To the customer: your case is cancelled.
        CaseCancelledCustomer = "case-cancelled-customer",
        /// To staff: a case is cancelled.
        CaseCancelledStaff = "case-cancelled-staff",
        /// To staff: a service target is in danger or missed.
        CaseOverdueStaff = "case-overdue-staff",
        /// To the customer: a code by which they show that the case is theirs.
        CaseAccessCustomer = "case-access-customer",
        /// To administrators: an endpoint of another system gets no events any more.
        EndpointDisabledStaff = "endpoint-disabled-staff",
        /// To another system: the event itself.
        CaseEvent = "case-event",
    }
}

impl Template {
    /// Whether it is for the case's customer, who alone may have what it says of their access.
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

/// Where a message goes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Address {
    /// By e-mail.
    Email(EmailAddress),
    /// By text message.
    Phone(PhoneNumber),
    /// To another system's endpoint.
    Webhook(WebhookId),
}

impl Address {
    /// The channel that reaches it.
    pub fn channel(&self) -> Channel {
        match self {
            Self::Email(_) => Channel::Email,
            Self::Phone(_) => Channel::Sms,
            Self::Webhook(_) => Channel::Webhook,
        }
    }

    /// Whether both lead to the same person, however they are written.
    pub fn is_same_as(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Email(one), Self::Email(other)) => one.normalized() == other.normalized(),
            (one, other) => one == other,
        }
    }

    /// The address on that channel, as [`fmt::Display`] writes it, read back.
    pub fn parse(channel: Channel, text: &str) -> Option<Self> {
        match channel {
            Channel::Email => EmailAddress::from_stored(text).ok().map(Self::Email),
            Channel::Sms => PhoneNumber::from_stored(text).ok().map(Self::Phone),
            Channel::Webhook => WebhookId::from_stored(text).ok().map(Self::Webhook),
        }
    }
}

/// As the channel takes it: of an e-mail address with an internationalised domain, the ASCII form.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Email(address) => address.ascii().fmt(f),
            Self::Phone(number) => number.fmt(f),
            Self::Webhook(id) => id.fmt(f),
        }
    }
}

/// A message that an event calls for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PlannedMessage {
    /// What it says.
    pub template: Template,
    /// Where it goes.
    pub address: Address,
}
