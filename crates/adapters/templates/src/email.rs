//! E-mails: the HTML part, the plain text part and the subject line of each template.

use askama::Template as _;
use engage_domain::Template;
use engage_domain::notify::TemplateAudience;
use engage_notifier::{EmailContent, EmailKind, RenderError};

use crate::view::View;

/// Defines two types per template, so that askama checks the template files at compile time.
macro_rules! emails {
    ($( $template:ident => $html:literal, $text:literal; )+) => {
        /// HTML parts. askama escapes every value in files that end in `.html`.
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

        /// Plain text parts, in which values are not escaped.
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

        /// Renders both parts of the body: HTML, then plain text.
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
    CaseOpenedCustomer => "case_opened_customer.html", "case_opened_customer.txt";
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
    CaseInvitedParticipant => "case_invited_participant.html", "case_invited_participant.txt";
    CaseUpdatedParticipant => "case_updated_participant.html", "case_updated_participant.txt";
    CaseCodeParticipant => "case_code_participant.html", "case_code_participant.txt";
    EndpointDisabledStaff => "endpoint_disabled_staff.html", "endpoint_disabled_staff.txt";
}

/// Renders the whole e-mail.
pub(crate) fn render(template: Template, view: &View<'_>) -> Result<EmailContent, RenderError> {
    let [html, text] = bodies(template, view)?;
    let is_for_people = template.is_for_people_of_case();
    let reply_to = is_for_people.then(|| view.brand().support_email.clone()).flatten();
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
        Template::CaseReceivedCustomer => EmailKind::Confirmation,
        _ if template.delivers_code() => EmailKind::Confirmation,
        Template::CaseOpenedCustomer => EmailKind::Words,
        _ if view.staff_wrote(template.is_for_people_of_case()) => EmailKind::Words,
        _ => EmailKind::Change,
    }
}

/// Returns the subject line. All e-mails of a case to the customer share one subject, those to
/// participants another and those to staff a third, since some mail clients group conversations by
/// subject. The heading says what happened.
///
/// The parts that people wrote are single lines by type, so they cannot start another header.
fn subject(template: Template, view: &View<'_>) -> String {
    let number = view.number();
    match template.audience() {
        _ if template == Template::EndpointDisabledStaff => {
            format!("[{number}] Webhook endpoint disabled: {}", view.endpoint_host())
        }
        TemplateAudience::Customer => format!("[{number}] Your case"),
        TemplateAudience::Participant => format!("[{number}] Support case"),
        TemplateAudience::Staff | TemplateAudience::Endpoint => {
            format!("[{number}] {}", view.subject())
        }
    }
}
