//! Words Engage's messages from askama templates, which are compiled in.
//!
//! The confirmation of a new case repeats neither its subject nor its message: opening a case needs
//! no login, so anything said there could be sent to strangers in the desk's name.
#![warn(missing_docs)]

mod email;
mod segments;
mod view;

use engage_domain::Template;
use engage_notifier::{EmailContent, MessageRenderer, RenderError, Snapshot};

use crate::view::View;

/// What the desk calls itself in its messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Brand {
    /// The desk's name.
    pub name: String,
}

impl Default for Brand {
    fn default() -> Self {
        Self { name: "Support".to_owned() }
    }
}

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
    ) -> Result<EmailContent, RenderError> {
        let view = View::new(&self.brand, snapshot);
        let text = email::render_text(template, &view)?;
        Ok(EmailContent { subject: email::subject(template, &view), text, html: String::new() })
    }

    fn render_sms(&self, template: Template, snapshot: &Snapshot) -> Result<String, RenderError> {
        // Text messages show on locked screens: they name the case and repeat nothing of it.
        let view = View::new(&self.brand, snapshot);
        let (number, details) = (view.number(), &view.case().case_details);
        let customer = view.case().customer_info.customer_type;
        let text = match template {
            Template::CaseUrgentStaff => {
                format!("{number}: new {} case of a {customer} customer", details.urgency)
            }
            Template::CaseEscalatedStaff => {
                let level = details.escalation_level;
                format!("{number}: escalated to {} (level {level})", details.urgency)
            }
            Template::CaseReceivedCustomer => format!("{number}: we have received your case"),
            Template::CaseUpdatedCustomer => format!("{number}: there is news on your case"),
            Template::CaseEscalatedCustomer => format!("{number}: your case is escalated"),
            Template::CaseAssignedCustomer => format!("{number}: your case was assigned"),
            Template::CaseCancelledCustomer => format!("{number}: your case is cancelled"),
            Template::CaseUpdatedStaff => format!("{number}: there is news on the case"),
            Template::CaseEscalatedManagement => {
                format!("{number}: escalated to {}", details.urgency)
            }
            Template::CaseAssignedStaff => format!("{number}: assigned to you"),
            Template::CaseReassignedStaff => format!("{number}: no longer assigned to you"),
            Template::CaseCancelledStaff => format!("{number}: cancelled"),
            Template::CaseEvent => return Err(RenderError::WrongChannel(template)),
        };
        // A long name of the desk is cut, not what the message says.
        Ok(segments::fit(view.brand(), &format!(", {text}")))
    }

    fn check(&self) -> Result<(), RenderError> {
        let sample = view::sample();
        for &template in Template::ALL {
            for rendered in [
                self.render_email(template, &sample).map(drop),
                self.render_sms(template, &sample).map(drop),
            ] {
                match rendered {
                    Ok(()) | Err(RenderError::WrongChannel(_)) => {}
                    Err(failure) => return Err(failure),
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
