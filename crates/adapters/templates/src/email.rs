//! E-mails: HTML and text for each template, and its subject line.

use askama::Template as _;
use engage_domain::Template;
use engage_notifier::{EmailContent, EmailKind, RenderError};

use crate::view::View;

/// Makes two types for each template, which is how askama checks the files at compile time.
macro_rules! emails {
    ($( $template:ident => $html:literal, $text:literal; )+) => {
        /// The HTML parts; askama escapes every value in a file that ends in `.html`.
        mod html {
            use crate::view::View;

            $(
                #[derive(askama::Template)]
                #[template(path = $html)]
                pub(super) struct $template<'a> {
                    pub(super) v: &'a View<'a>,
                }
            )+
        }

        /// The plain texts, in which values stay as they are.
        mod text {
            use crate::filters;
            use crate::view::View;

            $(
                #[derive(askama::Template)]
                #[template(path = $text)]
                pub(super) struct $template<'a> {
                    pub(super) v: &'a View<'a>,
                }
            )+
        }

        /// Both parts of the body: HTML, then text.
        fn bodies(template: Template, v: &View<'_>) -> Result<[String; 2], RenderError> {
            let rendered = match template {
                $(
                    Template::$template => {
                        let text = text::$template { v }.render();
                        html::$template { v }.render().and_then(|html| Ok([html, text?]))
                    }
                )+
                Template::CaseUrgentStaff | Template::CaseEvent => {
                    return Err(RenderError::WrongChannel(template));
                }
            };
            rendered.map_err(|cause| RenderError::Failed { template, cause: Box::new(cause) })
        }
    };
}

emails! {
    CaseReceivedCustomer => "case_received_customer.html", "case_received_customer.txt";
    CaseAssignedStaff => "case_assigned_staff.html", "case_assigned_staff.txt";
    CaseUpdatedCustomer => "case_updated_customer.html", "case_updated_customer.txt";
    CaseUpdatedStaff => "case_updated_staff.html", "case_updated_staff.txt";
    CaseEscalatedCustomer => "case_escalated_customer.html", "case_escalated_customer.txt";
    CaseEscalatedStaff => "case_escalated_staff.html", "case_escalated_staff.txt";
    CaseEscalatedManagement => "case_escalated_management.html", "case_escalated_management.txt";
    CaseAssignedCustomer => "case_assigned_customer.html", "case_assigned_customer.txt";
    CaseReassignedStaff => "case_reassigned_staff.html", "case_reassigned_staff.txt";
    CaseCancelledCustomer => "case_cancelled_customer.html", "case_cancelled_customer.txt";
    CaseCancelledStaff => "case_cancelled_staff.html", "case_cancelled_staff.txt";
    CaseOverdueStaff => "case_overdue_staff.html", "case_overdue_staff.txt";
    CaseAccessCustomer => "case_access_customer.html", "case_access_customer.txt";
    EndpointDisabledStaff => "endpoint_disabled_staff.html", "endpoint_disabled_staff.txt";
}

/// Words the whole e-mail.
pub(crate) fn render(template: Template, view: &View<'_>) -> Result<EmailContent, RenderError> {
    let [html, text] = bodies(template, view)?;
    let reply_to = template.is_for_customer().then(|| view.brand().support_email.clone()).flatten();
    Ok(EmailContent {
        kind: kind(template, view),
        reply_to,
        subject: subject(template, view),
        text,
        html,
    })
}

fn kind(template: Template, view: &View<'_>) -> EmailKind {
    match template {
        Template::CaseReceivedCustomer | Template::CaseAccessCustomer => EmailKind::Confirmation,
        _ if view.staff_wrote(template.is_for_customer()) => EmailKind::Words,
        _ => EmailKind::Change,
    }
}

/// The subject line: one for all that a case's customer gets, one for all that staff get, since some
/// mail programs show as one conversation only what has one subject. What happened is in the heading.
///
/// The parts that people wrote are single lines by their type, so nothing in them can begin another
/// header.
fn subject(template: Template, view: &View<'_>) -> String {
    let number = view.number();
    if template == Template::EndpointDisabledStaff {
        format!("[{number}] Webhook endpoint disabled: {}", view.endpoint_host())
    } else if template.is_for_customer() {
        format!("[{number}] Your case")
    } else {
        format!("[{number}] {}", view.subject())
    }
}
