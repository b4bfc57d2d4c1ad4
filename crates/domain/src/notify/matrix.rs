//! The notification matrix, as data.

use std::collections::BTreeMap;

use super::Channel;
use crate::case::{CaseFacts, Entitlement};
use crate::classification::Urgency;
use crate::event::{Event, EventType};
use crate::wire::wire_enum;

wire_enum! {
    /// A recipient of notifications.
    pub enum Recipient {
        /// The customer. Never notified of internal events.
        Customer = "customer",
        /// The participants of the case who are notified, by e-mail only. Each gets an e-mail of
        /// their own. Never notified of internal events.
        Participants = "participants",
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
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct NotificationRule {
    /// Recipients by channel. Nobody is notified by a channel without an entry.
    pub recipients: BTreeMap<Channel, Vec<Recipient>>,
    /// Lowest urgency at which text messages are sent.
    pub sms_from: Urgency,
    /// If set, text messages are sent only about cases whose customer is entitled to a contract, and
    /// about what staff do.
    #[cfg_attr(feature = "serde", serde(default))]
    pub sms_requires_entitlement: bool,
    /// If set, webhooks are called.
    pub webhook: bool,
}

impl NotificationRule {
    /// Checks whether notifications about a case are sent by a channel.
    pub(super) fn permits(&self, channel: Channel, event: &Event, case: &CaseFacts) -> bool {
        let is_vouched_for = !self.sms_requires_entitlement
            || case.entitlement == Entitlement::Verified
            || event.actor.staff_id().is_some();
        channel != Channel::Sms || (case.urgency >= self.sms_from && is_vouched_for)
    }
}

/// Rules by type of event. The default is the documented matrix.
///
/// ```
/// # use engage_domain::*;
/// # let (mut ids, policies) = (1.., Policies::default());
/// # let mut by = |actor, at: &str| Stamp::new(at.parse().unwrap(), actor, || ids.next().unwrap());
/// # let customer = Customer::new("John Doe".parse()?, "john@example.com".parse()?);
/// # let request = OpenRequest::new(customer, "No access".parse()?, "It says 403.".parse()?);
/// # let (id, number) = (CaseId::from_u128(1), "CW-2025-001".parse()?);
/// # let stamp = by(Actor::Customer, "2025-01-27T10:00:00Z");
/// # let opened = Case::open(id, number, request, &policies, stamp);
/// use engage_domain::notify::Recipient;
///
/// // New cases are mailed to their customers only.
/// let mut matrix = NotificationMatrix::default();
/// if let Some(rule) = matrix.rules.get_mut(&EventType::Created) {
///     rule.recipients.insert(Channel::Email, vec![Recipient::Customer]);
/// }
/// let contacts = Contacts { team: Some("team@example.com".parse()?), ..Contacts::default() };
/// let audience = Audience::new(&contacts);
/// let planned = matrix.plan(&opened.event, opened.case.facts(), &audience);
/// let addresses: Vec<_> = planned.iter().map(|planned| planned.address.to_string()).collect();
/// assert_eq!(addresses, ["john@example.com"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(transparent))]
pub struct NotificationMatrix {
    /// Rule for each type of event. Nobody is notified of an event without one.
    pub rules: BTreeMap<EventType, NotificationRule>,
}

/// Type of event, recipients of e-mails, recipients of text messages.
type Row = (EventType, &'static [Recipient], &'static [Recipient]);

/// The documented matrix. Webhooks are called for every event.
const DOCUMENTED: [Row; 7] = {
    use Recipient::{Assignee, Customer, Management, OnCall, Participants, PreviousAssignee, Team};
    [
        (EventType::Created, &[Customer, Team], &[OnCall, Assignee]),
        (EventType::Updated, &[Customer, Participants, Assignee], &[]),
        // An escalation is between the customer and the support organization.
        (EventType::Escalated, &[Customer, Assignee, Management], &[OnCall, Assignee]),
        (EventType::Assigned, &[Assignee, PreviousAssignee], &[]),
        (EventType::Cancelled, &[Customer, Participants, Assignee], &[]),
        // The customer is never notified of a service target, even if the rule says so.
        (EventType::Overdue, &[Assignee], &[]),
        // An erasure is internal, and leaves no customer to notify.
        (EventType::Erased, &[Assignee], &[]),
    ]
};

impl Default for NotificationMatrix {
    fn default() -> Self {
        let rule = |(event_type, email, sms): Row| {
            let is_opening = event_type == EventType::Created;
            let rule = NotificationRule {
                recipients: BTreeMap::from([
                    (Channel::Email, email.to_vec()),
                    (Channel::Sms, sms.to_vec()),
                ]),
                sms_from: if is_opening { Urgency::High } else { Urgency::Low },
                sms_requires_entitlement: false,
                webhook: true,
            };
            (event_type, rule)
        };
        Self { rules: DOCUMENTED.into_iter().map(rule).collect() }
    }
}

impl NotificationMatrix {
    /// Checks whether a recipient is notified of a type of event by a channel.
    pub(super) fn includes(
        &self,
        event_type: EventType,
        channel: Channel,
        recipient: Recipient,
    ) -> bool {
        let recipients = self.rules.get(&event_type).and_then(|rule| rule.recipients.get(&channel));
        recipients.is_some_and(|recipients| recipients.contains(&recipient))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_matrix_has_a_rule_for_each_type_of_event() {
        let types: Vec<_> = NotificationMatrix::default().rules.into_keys().collect();
        assert_eq!(types, EventType::ALL);
    }
}
