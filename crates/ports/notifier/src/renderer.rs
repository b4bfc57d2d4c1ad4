use std::fmt;

use engage_domain::{EmailAddress, Template, Timestamp};
use thiserror::Error;

use crate::Snapshot;

/// Why an e-mail is sent, for programs that answer by themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EmailKind {
    /// It confirms what its recipient did.
    Confirmation,
    /// It tells of a change by which nobody wrote anything.
    Change,
    /// It brings words that staff wrote.
    Words,
}

/// An e-mail, worded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmailContent {
    /// Why it is sent.
    pub kind: EmailKind,
    /// Where answers go; to the sender, where there is none.
    pub reply_to: Option<EmailAddress>,
    /// The subject, in one line.
    pub subject: String,
    /// The body as plain text.
    pub text: String,
    /// The same as HTML, every value escaped.
    pub html: String,
}

/// What only a case's customer may have: nothing, in messages to others.
///
/// It is made when a message is delivered, and kept nowhere.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct CustomerAccess {
    /// Where the customer sees the case and acts on it, with the proof that it is theirs.
    pub link: Option<String>,
    /// A code by which the customer gets another link.
    pub code: Option<String>,
    /// Until when the code can be used.
    pub code_expires_at: Option<Timestamp>,
}

impl fmt::Debug for CustomerAccess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CustomerAccess(..)")
    }
}

/// Why a message cannot be worded: a defect, never a matter of the case's contents.
#[derive(Debug, Error)]
pub enum RenderError {
    /// The template is not for this channel.
    #[error("the template {0} is not for this channel")]
    WrongChannel(Template),
    /// The template failed.
    #[error("the template {template} failed")]
    Failed {
        /// Which template.
        template: Template,
        /// How.
        #[source]
        cause: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// Words messages.
#[cfg_attr(feature = "mock", mockall::automock)]
pub trait MessageRenderer: Send + Sync {
    /// Words an e-mail.
    ///
    /// MUST escape every value, so that none can add markup, a header or a recipient. MUST show nothing
    /// of `access` in what is not [for the customer](Template::is_for_customer).
    fn render_email(
        &self,
        template: Template,
        snapshot: &Snapshot,
        access: &CustomerAccess,
    ) -> Result<EmailContent, RenderError>;

    /// Words a text message.
    fn render_sms(&self, template: Template, snapshot: &Snapshot) -> Result<String, RenderError>;

    /// Words every template from sample data.
    fn check(&self) -> Result<(), RenderError>;
}
