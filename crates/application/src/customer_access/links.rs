use engage_domain::{Address, Template};
use engage_notifier::{CustomerAccess, Snapshot};
use engage_repository::ClaimedMessage;

use super::AccessTokens;

/// Builds the links to cases in emails to customers.
#[derive(Clone)]
pub struct CustomerLinks {
    tokens: AccessTokens,
    page: String,
}

impl CustomerLinks {
    /// Creates links to the page at this URL, which must not have a fragment.
    ///
    /// Case number and token are in the fragment, which clients do not send to servers. Thus they
    /// do not appear in server logs.
    pub fn new(tokens: AccessTokens, page: String) -> Self {
        Self { tokens, page }
    }

    /// Returns the link or code for a notification, or neither unless it is an email to a customer.
    ///
    /// Every attempt yields the same result unless the proofs of ownership are revoked in between.
    pub(crate) fn access(&self, message: &ClaimedMessage) -> CustomerAccess {
        let is_email = matches!(message.address, Address::Email(_));
        if !(is_email && message.template.is_for_customer()) {
            return CustomerAccess::default();
        }
        if message.template == Template::CaseAccessCustomer {
            // No link: its token would be revoked when the code is redeemed.
            let code = self.tokens.code(message.id).to_string();
            let code_expires_at = message.expires_at;
            return CustomerAccess { link: None, code: Some(code), code_expires_at };
        }
        // The channel reports an unreadable snapshot when it delivers the notification.
        let Ok(snapshot) = serde_json::from_str::<Snapshot>(&message.snapshot) else {
            return CustomerAccess::default();
        };
        let (id, generation) = (message.case_id, message.access_generation);
        let token = self.tokens.issue(id, generation, snapshot.timestamp);
        let link = format!("{}#{}/{}", self.page, message.case_number, token.expose());
        CustomerAccess { link: Some(link), ..CustomerAccess::default() }
    }
}
