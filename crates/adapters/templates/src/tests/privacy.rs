use super::page::Page;
use super::*;

/// Returns everything that an e-mail contains, including its subject.
fn whole(template: Template, snapshot: &Snapshot) -> String {
    let EmailContent { subject, text, html, .. } = email(template, snapshot);
    format!("{subject}\n{text}\n{}\n{html}", Page::parse(&html).text)
}

/// Replaces everything that a customer wrote by markers.
fn marked(template: Template) -> Snapshot {
    let mut snapshot = sample(template);
    let case = &mut snapshot.data.case;
    case.case_details.subject = "SUBJECT".parse().unwrap();
    case.case_details.message = "MESSAGE".parse().unwrap();
    case.case_details.client_or_project_name = Some("PROJECT".parse().unwrap());
    case.customer_info.organization = Some("ORGANIZATION".parse().unwrap());
    snapshot
}

#[test]
fn a_confirmation_repeats_nothing_of_the_case() {
    let content = whole(Template::CaseReceivedCustomer, &marked(Template::CaseReceivedCustomer));
    assert!(content.contains("John Doe"), "{content}");
    for mark in ["SUBJECT", "MESSAGE", "PROJECT", "ORGANIZATION"] {
        assert!(!content.contains(mark), "{mark}: {content}");
    }
}

#[test]
fn an_action_by_the_customer_mails_no_text_submitted_in_their_name() {
    for template in for_people() {
        let mut snapshot = marked(template);
        for kind in ["CUSTOMER", "SYSTEM"] {
            snapshot.data.event.actor.kind = kind.to_owned();
            for update in &mut snapshot.data.event.updates {
                update.author.kind = "CUSTOMER".to_owned();
                update.message = "WRITTEN".parse().unwrap();
            }
            let content = whole(template, &snapshot);
            for mark in ["SUBJECT", "MESSAGE", "PROJECT", "ORGANIZATION", "WRITTEN"] {
                assert!(!content.contains(mark), "{template} by {kind}, {mark}: {content}");
            }
        }
    }
}

#[test]
fn an_email_with_a_code_does_not_name_the_customer_of_the_first_event() {
    for template in for_people().filter(|template| template.delivers_code()) {
        let content = whole(template, &sample(template));
        assert!(!content.contains("John"), "{template}: {content}");
    }
}

#[test]
fn a_name_that_advertises_is_not_greeted() {
    let mut snapshot = sample(Template::CaseReceivedCustomer);
    snapshot.data.case.customer_info.name = "Win at evil.example today".parse().unwrap();
    for template in TO_CUSTOMERS {
        let content = whole(template, &snapshot);
        assert!(content.contains("Hello,") && !content.contains("evil"), "{template}: {content}");
    }
}

#[test]
fn nothing_internal_reaches_a_customer_or_participant() {
    for template in for_people() {
        for &of in Template::ALL {
            let mut snapshot = sample(of);
            let mut note = sample(Template::CaseUpdatedCustomer).data.event.updates.remove(0);
            note.message = "INTERNAL".parse().unwrap();
            note.is_internal = true;
            note.attachments[0].filename = "INTERNAL.pdf".parse().unwrap();
            snapshot.data.event.updates.insert(0, note);
            let content = whole(template, &snapshot);
            assert!(!content.contains("INTERNAL"), "{template} of {of}: {content}");
            assert!(!content.contains("roles that were changed"), "{template} of {of}: {content}");
            if template.is_for_customer() && !template.delivers_code() {
                let text = Templates::default().render_sms(template, &snapshot).unwrap();
                assert!(!text.contains("INTERNAL"), "{template} of {of}: {text}");
            }
            // Ensures that this test would notice a leak.
            let to_staff = whole(Template::CaseUpdatedStaff, &snapshot);
            assert!(to_staff.contains("INTERNAL.pdf"), "{to_staff}");
        }
    }
}
