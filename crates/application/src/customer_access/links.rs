use engage_domain::{Address, Template};
use engage_notifier::{CustomerAccess, Snapshot};
use engage_repository::ClaimedMessage;

use super::AccessTokens;

/// Makes the links by which customers come from e-mails to their cases.
#[derive(Clone)]
pub struct CustomerLinks {
    tokens: AccessTokens,
    page: String,
}

impl CustomerLinks {
    /// Links to the page at this URL, which has no fragment.
    ///
    /// The number and the token are in the fragment, which programs keep from servers, and so from
    /// their logs.
    pub fn new(tokens: AccessTokens, page: String) -> Self {
        Self { tokens, page }
    }

    /// What a message may carry: nothing where it is not an e-mail to the customer.
    ///
    /// The same on every attempt, unless the proofs of ownership were made void meanwhile.
    pub(crate) fn access(&self, message: &ClaimedMessage) -> CustomerAccess {
        let is_email = matches!(message.address, Address::Email(_));
        if !(is_email && message.template.is_for_customer()) {
            return CustomerAccess::default();
        }
        if message.template == Template::CaseAccessCustomer {
            // A link would end with the code.
            let code = self.tokens.code(message.id).to_string();
            let code_expires_at = message.expires_at;
            return CustomerAccess { link: None, code: Some(code), code_expires_at };
        }
        // Whoever delivers it refuses a snapshot that cannot be read.
        let Ok(snapshot) = serde_json::from_str::<Snapshot>(&message.snapshot) else {
            return CustomerAccess::default();
        };
        let (id, generation) = (message.case_id, message.access_generation);
        let token = self.tokens.issue(id, generation, snapshot.timestamp);
        let link = format!("{}#{}/{}", self.page, message.case_number, token.expose());
        CustomerAccess { link: Some(link), ..CustomerAccess::default() }
    }
}
