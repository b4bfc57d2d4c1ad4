use std::fmt;

use engage_domain::{EmailAddress, PersonName, Template, Timestamp};
use thiserror::Error;

use crate::Snapshot;

/// Kind of e-mail, from which auto-responders can see whether to reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EmailKind {
    /// Confirms an action of the recipient.
    Confirmation,
    /// Reports a change without any text written by a person.
    Change,
    /// Contains text that staff wrote.
    Words,
}

/// A rendered e-mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmailContent {
    /// Kind of e-mail.
    pub kind: EmailKind,
    /// Reply-to address. Replies go to the sender if absent.
    pub reply_to: Option<EmailAddress>,
    /// Subject, in a single line.
    pub subject: String,
    /// Plain-text body.
    pub text: String,
    /// HTML body, with every value escaped.
    pub html: String,
}

/// Access credentials that only the customer of the case, or the participant whom a notification is
/// for, may receive. Empty in notifications to anyone else.
///
/// They are generated when a notification is delivered, and never stored.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct CustomerAccess {
    /// Link to the recipient's page of the case. It contains the proof of who they are.
    pub link: Option<String>,
    /// One-time code that the recipient can exchange for a new link.
    pub code: Option<String>,
    /// Time at which the code expires.
    pub code_expires_at: Option<Timestamp>,
    /// The recipient, if it is a participant.
    pub participant: Option<ParticipantReader>,
    /// HTTPS URL with which the recipient's mail program ends their participation, by a single `POST`
    /// (RFC 8058).
    pub unsubscribe: Option<String>,
}

/// A participant as the reader of an e-mail.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ParticipantReader {
    /// Name of the participant, if it is known.
    pub name: Option<PersonName>,
    /// Names of the other people who are told the same, or of those who take part in the case if
    /// this one is invited to it. `None` for those whose name is not known.
    pub others: Vec<Option<PersonName>>,
}

impl fmt::Debug for CustomerAccess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CustomerAccess(..)")
    }
}

/// Error returned when a notification cannot be rendered. This is always a defect and never depends
/// on the content of the case.
#[derive(Debug, Error)]
pub enum RenderError {
    /// The template belongs to another channel.
    #[error("the template {0} belongs to another channel")]
    WrongChannel(Template),
    /// The template could not be rendered.
    #[error("failed to render the template {template}")]
    Failed {
        /// The template.
        template: Template,
        /// Error of the template engine.
        #[source]
        cause: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// Renders notifications.
///
/// ```
/// use engage_domain::Template;
/// use engage_notifier::{CustomerAccess, MessageRenderer};
/// use engage_templates::Templates;
///
/// # let opened = engage_testkit::builders::an_opened(1);
/// # let snapshot = engage_notifier::Snapshot::new(&opened.event, opened.case.facts(), None);
/// let renderer: &dyn MessageRenderer = &Templates::default();
/// renderer.check()?;
///
/// let link = Some("https://desk.example/support#CW-2025-001/cat_x".to_owned());
/// let access = CustomerAccess { link, ..CustomerAccess::default() };
/// let email = renderer.render_email(Template::CaseReceivedCustomer, &snapshot, &access)?;
/// assert!(email.subject.contains("CW-2025-001"), "{}", email.subject);
/// assert!(email.text.contains("https://desk.example/support#CW-2025-001/cat_x"));
/// // Text messages go to staff.
/// assert!(renderer.render_sms(Template::CaseUrgentStaff, &snapshot)?.contains("CW-2025-001"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[cfg_attr(feature = "mock", mockall::automock)]
pub trait MessageRenderer: Send + Sync {
    /// Renders an e-mail.
    ///
    /// MUST escape every value, so that none of them can add markup, a header or a recipient.
    /// MUST NOT use any part of `access` in a template that is neither for the customer nor for a
    /// participant ([`Template::audience`]).
    fn render_email(
        &self,
        template: Template,
        snapshot: &Snapshot,
        access: &CustomerAccess,
    ) -> Result<EmailContent, RenderError>;

    /// Renders a text message.
    fn render_sms(&self, template: Template, snapshot: &Snapshot) -> Result<String, RenderError>;

    /// Renders every template with sample data, and fails if one of them cannot be rendered.
    fn check(&self) -> Result<(), RenderError>;
}
