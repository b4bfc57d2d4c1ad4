//! Words Engage's messages from askama templates, which are compiled in.
//!
//! Every e-mail has an HTML part, in which askama escapes every value, and a plain text that says
//! the same. Text messages take at most two segments.
//!
//! The confirmation of a new case repeats neither its subject nor its message: opening a case needs
//! no login, so anything said there could be sent to strangers in the desk's name. For the same
//! reason no e-mail to a customer repeats what came in the customer's name, before staff have had a
//! hand in it; and none ever says anything internal. The link by which customers come to their case is
//! in what is for them alone.
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

/// Words messages in the name of a brand.
#[derive(Debug, Clone, Default)]
pub struct Templates {
    brand: Brand,
}

impl Templates {
    /// Words messages in this name.
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
