//! Text messages about a new case that waited for the customer to be entitled.

use super::{Channel, NotificationMatrix, Plan, Recipient};
use crate::case::Entitlement;
use crate::event::{Change, EventType};

impl Plan<'_> {
    /// Sends the text messages about a new case that were not sent when it was opened, because its
    /// customer was not entitled yet. A case that has been answered needs none any more.
    pub(super) fn text_once_entitled(&mut self, matrix: &NotificationMatrix) {
        let Some(rule) = matrix.rules.get(&EventType::Created) else { return };
        let Some(recipients) = rule.recipients.get(&Channel::Sms) else { return };
        let is_entitling =
            self.event.changes.iter().any(|change| {
                matches!(change, Change::Entitlement { to: Entitlement::Verified, .. })
            });
        let is_due = rule.sms_requires_entitlement && self.case.urgency >= rule.sms_from;
        let is_texted =
            self.messages.iter().any(|planned| planned.address.channel() == Channel::Sms);
        if !is_entitling || !is_due || is_texted || self.case.first_response.is_some() {
            return;
        }
        for &recipient in recipients.iter().filter(|one| **one != Recipient::Customer) {
            self.notify_as_of(EventType::Created, Channel::Sms, recipient);
        }
    }
}
