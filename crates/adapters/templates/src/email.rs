//! E-mails: one text for each template, and its subject line.

use askama::Template as _;
use engage_domain::{EventType, Template};
use engage_notifier::RenderError;

use crate::view::View;

/// Makes a type for each template file, which is how askama checks them at compile time.
macro_rules! texts {
    ($( $template:ident => $path:literal, )+) => {
        $(
            #[derive(askama::Template)]
            #[template(path = $path)]
            struct $template<'a> {
                v: &'a View<'a>,
            }
        )+

        pub(crate) fn render_text(
            template: Template,
            view: &View<'_>,
        ) -> Result<String, RenderError> {
            let rendered = match template {
                $( Template::$template => $template { v: view }.render(), )+
                Template::CaseUrgentStaff | Template::CaseEvent => {
                    return Err(RenderError::WrongChannel(template));
                }
            };
            rendered.map_err(|cause| RenderError::Failed { template, cause: Box::new(cause) })
        }
    };
}

texts! {
    CaseReceivedCustomer => "case_received_customer.txt",
    CaseAssignedStaff => "case_assigned_staff.txt",
    CaseUpdatedCustomer => "case_updated_customer.txt",
    CaseUpdatedStaff => "case_updated_staff.txt",
    CaseEscalatedCustomer => "case_escalated_customer.txt",
    CaseEscalatedStaff => "case_escalated_staff.txt",
    CaseEscalatedManagement => "case_escalated_management.txt",
    CaseAssignedCustomer => "case_assigned_customer.txt",
    CaseReassignedStaff => "case_reassigned_staff.txt",
    CaseCancelledCustomer => "case_cancelled_customer.txt",
    CaseCancelledStaff => "case_cancelled_staff.txt",
}

/// The subject line. The parts that people wrote are single lines by their type, so nothing in them
/// can begin another header.
pub(crate) fn subject(template: Template, view: &View<'_>) -> String {
    let number = view.number();
    match template {
        Template::CaseReceivedCustomer => format!("[{number}] We have received your request"),
        Template::CaseUpdatedCustomer => format!("[{number}] News on your case"),
        Template::CaseEscalatedCustomer => format!("[{number}] Your case is escalated"),
        Template::CaseAssignedCustomer => format!("[{number}] Your case was assigned"),
        Template::CaseCancelledCustomer => format!("[{number}] Your case is cancelled"),
        Template::CaseAssignedStaff
        | Template::CaseUrgentStaff
        | Template::CaseUpdatedStaff
        | Template::CaseEscalatedStaff
        | Template::CaseEscalatedManagement
        | Template::CaseReassignedStaff
        | Template::CaseCancelledStaff
        | Template::CaseEvent => {
            format!("[{number}] {}: {}", staff_word(template, view), view.subject())
        }
    }
}

fn staff_word(template: Template, view: &View<'_>) -> &'static str {
    match template {
        Template::CaseUrgentStaff => "Urgent",
        Template::CaseUpdatedStaff => "Updated",
        Template::CaseEscalatedStaff | Template::CaseEscalatedManagement => "Escalated",
        Template::CaseReassignedStaff => "Reassigned",
        Template::CaseCancelledStaff => "Cancelled",
        Template::CaseAssignedStaff if view.event_type() == EventType::Assigned => {
            "Assigned to you"
        }
        _ => "New case",
    }
}
