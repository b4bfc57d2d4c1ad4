mod digests;
mod emails;
mod escaping;
mod layout;
mod page;
mod previews;
mod privacy;
mod texts;
mod wording;

use engage_domain::Template;

use super::*;

/// Templates of e-mails to the customer.
const TO_CUSTOMERS: [Template; 7] = [
    Template::CaseAccessCustomer,
    Template::CaseReceivedCustomer,
    Template::CaseOpenedCustomer,
    Template::CaseUpdatedCustomer,
    Template::CaseEscalatedCustomer,
    Template::CaseAssignedCustomer,
    Template::CaseCancelledCustomer,
];

/// Returns the templates that can be sent by e-mail.
fn for_email() -> impl Iterator<Item = Template> {
    let not_for_email = [Template::CaseUrgentStaff, Template::CaseEvent];
    Template::ALL.iter().copied().filter(move |template| !not_for_email.contains(template))
}

/// A brand with every setting filled in.
fn northwind() -> Brand {
    Brand {
        name: "Northwind Support".parse().unwrap(),
        colour: "#0b7a5c".parse().unwrap(),
        support_email: Some("help@northwind.example".parse().unwrap()),
        public_url: Some("https://support.northwind.example/help?a=b&c=d".parse().unwrap()),
        ..Brand::default()
    }
}

fn email(template: Template, snapshot: &Snapshot) -> EmailContent {
    Templates::new(northwind())
        .render_email(template, snapshot, &samples::access(template, None))
        .unwrap()
}

fn sample(template: Template) -> Snapshot {
    samples::sample(template)
}

fn link() -> String {
    samples::access(Template::CaseReceivedCustomer, None).link.unwrap()
}

/// The access code e-mail has no link, since using the code creates a new one.
fn has_link(template: Template) -> bool {
    template.is_for_customer() && template != Template::CaseAccessCustomer
}
