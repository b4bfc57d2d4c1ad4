//! Renders Engage's notifications from askama templates, which are compiled into the binary.
//!
//! Each e-mail has an HTML part, in which askama escapes every value, and a plain text part with
//! the same content. Text messages take at most two segments.
//!
//! The confirmation of a new case repeats neither the subject nor the message of the case. Opening
//! a case requires no login, so anything repeated there could be used to send a stranger mail in
//! the support team's name. For the same reason, an e-mail to a customer does not repeat
//! text submitted in the customer's name unless staff acted on the case. Internal updates never
//! appear in it. Only e-mails to the customer and to participants contain a link to the case, each
//! their own. Those to participants repeat what staff wrote, and neither what the customer nor what
//! other participants wrote.
#![warn(missing_docs)]

mod brand;
mod email;
mod facts;
mod filters;
mod links;
mod preview;
mod samples;
mod segments;
mod sms;
mod view;
mod words;

pub use brand::{Brand, BrandName, Colour, ColourError, PublicUrl, PublicUrlError};
pub use preview::{Preview, PreviewFile};

use engage_domain::Template;
use engage_notifier::{CustomerAccess, EmailContent, MessageRenderer, RenderError, Snapshot};

use crate::view::View;

/// Renders e-mails and text messages for one brand.
///
/// ```
/// use engage_domain::Template;
/// use engage_notifier::{CustomerAccess, MessageRenderer, Snapshot};
/// use engage_templates::{Brand, Templates};
/// # use engage_testkit::builders::an_opened;
///
/// let brand = Brand { name: "Acme Help Desk".parse()?, ..Brand::default() };
/// let templates = Templates::new(brand);
/// templates.check()?;
///
/// let opened = an_opened(1);
/// let snapshot = Snapshot::new(&opened.event, opened.case.facts(), None);
/// let template = Template::CaseReceivedCustomer;
/// let email = templates.render_email(template, &snapshot, &CustomerAccess::default())?;
/// assert!(email.subject.contains("CW-2025-001"), "{}", email.subject);
/// assert!(email.text.contains("Acme Help Desk"), "{}", email.text);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Templates {
    brand: Brand,
}

impl Templates {
    /// Creates a renderer for the given brand.
    pub fn new(brand: Brand) -> Self {
        Self { brand }
    }
}

impl MessageRenderer for Templates {
    fn render_email(
        &self,
        template: Template,
        snapshot: &Snapshot,
        access: &CustomerAccess,
    ) -> Result<EmailContent, RenderError> {
        email::render(template, &View::new(&self.brand, snapshot, access))
    }

    fn render_sms(&self, template: Template, snapshot: &Snapshot) -> Result<String, RenderError> {
        let nothing = CustomerAccess::default();
        sms::render(template, &View::new(&self.brand, snapshot, &nothing))
    }

    fn check(&self) -> Result<(), RenderError> {
        self.previews().map(drop)
    }
}

#[cfg(test)]
mod tests;
