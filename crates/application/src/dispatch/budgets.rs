//! How much may be sent of what anybody can cause without a login.

use std::time::Duration;

use engage_domain::{Address, Channel, EmailAddress, Template, Urgency};
use engage_notifier::Snapshot;
use engage_repository::{Budget, ClaimedMessage, RepositoryError};
use sha2::{Digest, Sha256};

const HOUR: Duration = Duration::from_hours(1);

/// How often a telephone is told, in one text, of what is held back for it.
const DIGEST_EVERY: Duration = Duration::from_mins(10);

/// Most messages an hour of those that customers cause, who need no login for it.
///
/// What is over a limit is delayed, never lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SendingLimits {
    /// E-mails to one address. `+tag` is left out, so that its variants count as one.
    pub emails_per_address: u32,
    /// E-mails to the addresses of one domain.
    pub emails_per_domain: u32,
    /// E-mails in all.
    pub emails: u32,
    /// Codes to one address; they count against nothing else.
    pub codes_per_address: u32,
    /// Texts to one number. The last quarter is for what is critical.
    pub texts_per_number: u32,
}

impl Default for SendingLimits {
    fn default() -> Self {
        Self {
            emails_per_address: 5,
            emails_per_domain: 60,
            emails: 600,
            codes_per_address: 10,
            texts_per_number: 20,
        }
    }
}

impl SendingLimits {
    /// The budgets that a message counts against; none if somebody who is known caused it.
    pub(super) fn budgets(&self, message: &ClaimedMessage) -> Result<Vec<Budget>, RepositoryError> {
        let budgets = match &message.address {
            Address::Email(to) if message.template == Template::CaseAccessCustomer => {
                vec![budget("codes", &without_tag(to), self.codes_per_address, HOUR)]
            }
            Address::Email(to)
                if message.is_caused_by_customer && message.template.is_for_customer() =>
            {
                let address = without_tag(to);
                let domain = address.rsplit('@').next().unwrap_or_default();
                vec![
                    budget("emails to address", &address, self.emails_per_address, HOUR),
                    budget("emails to domain", domain, self.emails_per_domain, HOUR),
                    budget("emails", "", self.emails, HOUR),
                ]
            }
            Address::Phone(to) if message.is_caused_by_customer => {
                let most = match urgency(message)? {
                    Urgency::Critical => self.texts_per_number,
                    _ => self.texts_per_number - self.texts_per_number / 4,
                };
                vec![budget("texts to number", to.as_str(), most, HOUR)]
            }
            Address::Email(_) | Address::Phone(_) | Address::Webhook(_) => Vec::new(),
        };
        Ok(budgets)
    }
}

/// The budget of texts that tell of those that are held back: none for e-mail, whose digest is the
/// first message that goes again.
pub(super) fn digest_budget(message: &ClaimedMessage) -> Option<Budget> {
    let Address::Phone(to) = &message.address else { return None };
    Some(budget("digests to number", to.as_str(), 1, DIGEST_EVERY))
}

/// Why a message waits, for staff.
pub(super) fn reason(channel: Channel) -> String {
    let what =
        if channel == Channel::Sms { "number" } else { "address, its domain or all of them" };
    format!("held back: the hourly limit of the {what} is reached for what customers cause")
}

fn budget(name: &str, of: &str, most: u32, within: Duration) -> Budget {
    let key = Sha256::new().chain_update(name).chain_update([0]).chain_update(of).finalize().into();
    Budget { key, most, within }
}

/// The address in lower case, without what many providers ignore after a `+`.
fn without_tag(address: &EmailAddress) -> String {
    let address = address.as_str().to_lowercase();
    match address.rsplit_once('@') {
        Some((local, domain)) => {
            let local = local.split_once('+').map_or(local, |(name, _)| name);
            format!("{local}@{domain}")
        }
        None => address,
    }
}

fn urgency(message: &ClaimedMessage) -> Result<Urgency, RepositoryError> {
    let snapshot: Snapshot =
        serde_json::from_str(&message.snapshot).map_err(RepositoryError::internal)?;
    Ok(snapshot.data.case.case_details.urgency)
}
