//! Text messages. They appear on lock screens, so they give the case number and repeat none of the
//! case's contents.

use engage_domain::Template;
use engage_notifier::RenderError;

use crate::segments::fit;
use crate::view::View;

/// Renders a text message in at most two segments. If it is too long, the brand name is cut rather
/// than the message.
pub(crate) fn render(template: Template, view: &View<'_>) -> Result<String, RenderError> {
    let mut words = words(template, view)?;
    if let Some(others) = view.others() {
        words = format!("{words}. Also: {others}");
    }
    Ok(fit(view.brand().name.as_str(), &format!(", {}: {words}", view.number())))
}

/// Returns the text that follows the case number.
fn words(template: Template, view: &View<'_>) -> Result<String, RenderError> {
    let (urgency, level) = (view.urgency(), view.level());
    let words = match template {
        Template::CaseUrgentStaff => {
            let plan = view.plan_with_article();
            format!("new {urgency}-urgency case from a customer on {plan} plan")
        }
        Template::CaseEscalatedStaff | Template::CaseEscalatedManagement => {
            format!("escalated to level {level}, urgency {urgency}")
        }
        Template::CaseAssignedStaff if view.is_new() => format!("new {urgency}-urgency case"),
        Template::CaseAssignedStaff => format!("assigned to you, urgency {urgency}"),
        Template::CaseReassignedStaff => "no longer assigned to you".to_owned(),
        Template::CaseUpdatedStaff => "the case has been updated".to_owned(),
        Template::CaseCancelledStaff => "the case has been cancelled".to_owned(),
        Template::CaseOverdueStaff => format!("{}, urgency {urgency}", view.target()),
        Template::CaseReceivedCustomer => {
            "we've received your request. Please keep this number.".to_owned()
        }
        Template::CaseOpenedCustomer => {
            "we've opened a case for you. Please keep this number.".to_owned()
        }
        Template::CaseUpdatedCustomer => "there is an update on your case".to_owned(),
        Template::CaseEscalatedCustomer => "your case has been escalated".to_owned(),
        Template::CaseAssignedCustomer => "your case has been assigned".to_owned(),
        Template::CaseCancelledCustomer => "your case has been cancelled".to_owned(),
        Template::CaseAccessCustomer
        | Template::CaseInvitedParticipant
        | Template::CaseUpdatedParticipant
        | Template::CaseCodeParticipant
        | Template::EndpointDisabledStaff
        | Template::CaseEvent => {
            return Err(RenderError::WrongChannel(template));
        }
    };
    Ok(words)
}
