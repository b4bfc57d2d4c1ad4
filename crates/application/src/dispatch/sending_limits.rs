//! Limits on notifications that anyone can cause without logging in.

use std::time::Duration;

use engage_domain::{Actor, Address, Channel, EmailAddress, Urgency};
use engage_notifier::Snapshot;
use engage_repository::{Budget, ClaimedMessage, RepositoryError, Share};

use crate::budget_keys::{budget_key as key, without_tag};
use crate::client_network;

const HOUR: Duration = Duration::from_hours(1);

/// Interval between digests of held-back notifications to a telephone or an address of staff.
const DIGEST_EVERY: Duration = Duration::from_mins(10);

/// Maximum numbers per hour of notifications that customers and participants cause, which takes no
/// login.
///
/// Notifications above a limit are delayed, never lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SendingLimits {
    /// E-mails to one address. A `+tag` is ignored, so that variants count as one address.
    pub emails_per_address: u32,
    /// E-mails to the addresses of one domain.
    pub emails_per_domain: u32,
    /// E-mails in total.
    pub emails: u32,
    /// Access codes to one address. They count towards no other limit.
    pub codes_per_address: u32,
    /// E-mails to one address of staff: the team, the management or a member.
    pub emails_per_staff_address: u32,
    /// Text messages to one number. The last quarter is reserved for critical cases.
    pub texts_per_number: u32,
}

impl Default for SendingLimits {
    fn default() -> Self {
        Self {
            emails_per_address: 5,
            emails_per_domain: 60,
            emails: 600,
            codes_per_address: 10,
            emails_per_staff_address: 600,
            texts_per_number: 20,
        }
    }
}

impl SendingLimits {
    /// Returns the budgets that a notification counts against; none if an authenticated member
    /// caused it.
    pub(super) fn budgets(&self, message: &ClaimedMessage) -> Result<Vec<Budget>, RepositoryError> {
        let budgets = match &message.address {
            Address::Email(to) if message.template.delivers_code() => {
                vec![budget("codes", &without_tag(to), self.codes_per_address, HOUR)]
            }
            Address::Email(to)
                if message.is_caused_by_customer && message.template.is_for_people_of_case() =>
            {
                let snapshot = snapshot(message)?;
                if is_to_proven_address(message, &snapshot) {
                    Vec::new()
                } else {
                    self.for_people_of_case(message, to, namer(message, &snapshot))
                }
            }
            Address::Email(to) if message.is_caused_by_customer => {
                let (to, most) = (without_tag(to), self.emails_per_staff_address);
                vec![budget("emails to staff address", &to, most, HOUR)]
            }
            Address::Phone(to) if message.is_caused_by_customer => {
                let most = match snapshot(message)?.data.case.case_details.urgency {
                    Urgency::Critical => self.texts_per_number,
                    _ => self.texts_per_number - self.texts_per_number / 4,
                };
                vec![budget("texts to number", to.as_str(), most, HOUR)]
            }
            Address::Email(_) | Address::Phone(_) | Address::Webhook(_) => Vec::new(),
        };
        Ok(budgets)
    }

    /// Returns the budgets of an e-mail to an address that nobody has proven. One to a participant also
    /// counts as one to the customer who named them.
    fn for_people_of_case(
        &self,
        message: &ClaimedMessage,
        to: &EmailAddress,
        namer: Option<&EmailAddress>,
    ) -> Vec<Budget> {
        let (client, address) = (client(message), without_tag(to));
        let domain = address.rsplit('@').next().unwrap_or_default();
        let counted = [Some(to), namer].into_iter().flatten().map(without_tag);
        let to_address =
            |one: String| shared("emails to address", &one, self.emails_per_address, &client);
        let mut budgets: Vec<_> = counted.map(to_address).collect();
        budgets.push(shared("emails to domain", domain, self.emails_per_domain, &client));
        budgets.push(shared("emails", "", self.emails, &client));
        budgets
    }
}

/// Checks whether the recipient has proven their address.
fn is_to_proven_address(message: &ClaimedMessage, snapshot: &Snapshot) -> bool {
    match message.person {
        Some(_) => message.participant().is_some_and(|participant| participant.proven),
        None => snapshot.data.case.customer_info.customer_proven,
    }
}

/// Returns the address of the customer who named the participant for whom the e-mail is.
fn namer<'a>(message: &ClaimedMessage, snapshot: &'a Snapshot) -> Option<&'a EmailAddress> {
    let participant = message.participant()?;
    let customer = snapshot.data.case.customer_info.email.as_ref();
    customer.filter(|_| participant.added_by == Actor::Customer)
}

/// Returns the budget of digests for telephones and addresses of staff. Customers and participants
/// have none: their digest is the next notification that is sent.
pub(super) fn digest_budget(message: &ClaimedMessage) -> Option<Budget> {
    match &message.address {
        Address::Phone(to) => Some(budget("digests to number", to.as_str(), 1, DIGEST_EVERY)),
        Address::Email(to) if !message.template.is_for_people_of_case() => {
            Some(budget("digests to address", &without_tag(to), 1, DIGEST_EVERY))
        }
        Address::Email(_) | Address::Webhook(_) => None,
    }
}

/// Returns the reason for a delay, for staff.
pub(super) fn reason(channel: Channel) -> String {
    let what =
        if channel == Channel::Sms { "number" } else { "address, its domain or all of them" };
    format!("held back: the hourly limit of the {what} is reached for what customers cause")
}

fn budget(name: &str, of: &str, most: u32, within: Duration) -> Budget {
    Budget { key: key([name, of, "", ""]), most, within, share: None }
}

/// Returns a budget that is shared out among client networks, so that a client that exhausts it
/// only delays itself.
fn shared(name: &str, of: &str, most: u32, client: &str) -> Budget {
    let share = Share {
        had: key([name, of, "had", client]),
        refused: key([name, of, "refused", client]),
        refused_in_all: key([name, of, "refused", ""]),
    };
    Budget { share: Some(share), ..budget(name, of, most, HOUR) }
}

/// Returns the network of the client that caused a notification. Unknown clients share one.
fn client(message: &ClaimedMessage) -> String {
    message
        .client
        .map_or_else(|| "unknown".to_owned(), |address| client_network(address).to_string())
}

fn snapshot(message: &ClaimedMessage) -> Result<Snapshot, RepositoryError> {
    serde_json::from_str(&message.snapshot).map_err(RepositoryError::internal)
}
