//! Text messages. They show on locked screens: they name the case and repeat nothing of it.

use engage_domain::Template;
use engage_notifier::RenderError;

use crate::segments::fit;
use crate::view::View;

/// Words the text message in at most two segments. A name of the desk that is too long is cut, not
/// what the message says.
pub(crate) fn render(template: Template, view: &View<'_>) -> Result<String, RenderError> {
    let mut words = words(template, view)?;
    if let Some(others) = view.others() {
        words = format!("{words}. Also: {others}");
    }
    Ok(fit(view.brand().name.as_str(), &format!(", {}: {words}", view.number())))
}

/// What goes on after the case's number.
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
        Template::CaseUpdatedCustomer => "there is an update on your case".to_owned(),
        Template::CaseEscalatedCustomer => "your case has been escalated".to_owned(),
        Template::CaseAssignedCustomer => "your case has been assigned".to_owned(),
        Template::CaseCancelledCustomer => "your case has been cancelled".to_owned(),
        Template::CaseAccessCustomer | Template::EndpointDisabledStaff | Template::CaseEvent => {
            return Err(RenderError::WrongChannel(template));
        }
    };
    Ok(words)
}
