use engage_domain::{Channel, Template};
use engage_notifier::{MessageRenderer, RenderError};

use super::*;

#[test]
fn every_template_is_worded_for_the_channels_it_is_meant_for() {
    let templates = Templates::default();
    let sample = view::sample();
    for &template in Template::ALL {
        let email = templates.render_email(template, &sample);
        let by_email = !matches!(template, Template::CaseUrgentStaff | Template::CaseEvent);
        match email {
            Ok(content) => {
                assert!(by_email, "{template}");
                assert!(content.subject.contains("CW-2025-001"), "{template}: {}", content.subject);
                assert!(!content.subject.contains('\n'), "{template}: {}", content.subject);
                assert!(content.text.contains("CW-2025-001"), "{template}:\n{}", content.text);
            }
            Err(RenderError::WrongChannel(_)) => assert!(!by_email, "{template}"),
            Err(failure) => panic!("{failure}"),
        }
        match templates.render_sms(template, &sample) {
            Ok(text) => assert!(text.contains("CW-2025-001"), "{template}: {text}"),
            Err(_) => assert_eq!(template, Template::CaseEvent, "on {}", Channel::Sms),
        }
    }
    templates.check().unwrap();
}

#[test]
fn a_confirmation_repeats_neither_the_subject_nor_the_message() {
    let sample = view::sample();
    let content =
        Templates::default().render_email(Template::CaseReceivedCustomer, &sample).unwrap();
    let whole = format!("{}\n{}", content.subject, content.text);
    assert!(whole.contains("John Doe"), "{whole}");
    assert!(!whole.contains("dashboard") && !whole.contains("Detailed description"), "{whole}");
}

#[test]
fn values_appear_as_they_were_written() {
    let mut sample = view::sample();
    sample.data.case.case_details.subject =
        "<b>{{ 7 * 7 }}</b> \u{1f600} & \u{5e9}".parse().unwrap();
    let content = Templates::default().render_email(Template::CaseAssignedStaff, &sample).unwrap();
    assert!(content.text.contains("<b>{{ 7 * 7 }}</b> \u{1f600} & \u{5e9}"), "{}", content.text);
}

#[test]
fn a_text_message_repeats_nothing_that_a_customer_wrote() {
    let sample = view::sample();
    for &template in Template::ALL {
        if let Ok(text) = Templates::default().render_sms(template, &sample) {
            assert!(!text.contains("dashboard") && !text.contains("John"), "{template}: {text}");
            assert!(text.len() <= 160, "{template}: {text}");
        }
    }
}
