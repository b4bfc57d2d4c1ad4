use engage_domain::Template;
use thiserror::Error;

use crate::Snapshot;

/// An e-mail, worded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmailContent {
    /// The subject, in one line.
    pub subject: String,
    /// The body as plain text.
    pub text: String,
    /// The same as HTML, every value escaped.
    pub html: String,
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
    /// MUST escape every value, so that none can add markup, a header or a recipient.
    fn render_email(
        &self,
        template: Template,
        snapshot: &Snapshot,
    ) -> Result<EmailContent, RenderError>;

    /// Words a text message.
    fn render_sms(&self, template: Template, snapshot: &Snapshot) -> Result<String, RenderError>;

    /// Words every template from sample data.
    fn check(&self) -> Result<(), RenderError>;
}
