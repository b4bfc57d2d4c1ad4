mod digests;
mod emails;
mod escaping;
mod layout;
mod page;
mod participants;
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

/// Templates of e-mails to a participant.
const TO_PARTICIPANTS: [Template; 3] = [
    Template::CaseInvitedParticipant,
    Template::CaseUpdatedParticipant,
    Template::CaseCodeParticipant,
];

/// Returns the templates of e-mails to the customer and to participants.
fn for_people() -> impl Iterator<Item = Template> {
    TO_CUSTOMERS.into_iter().chain(TO_PARTICIPANTS)
}

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

/// Returns the link that the reader of a template gets.
fn link_of(template: Template) -> String {
    samples::access(template, None).link.unwrap_or_else(link)
}

fn link() -> String {
    samples::access(Template::CaseReceivedCustomer, None).link.unwrap()
}

/// E-mails with access codes have no link, since using the code creates a new one.
fn has_link(template: Template) -> bool {
    template.is_for_people_of_case() && !template.delivers_code()
}
