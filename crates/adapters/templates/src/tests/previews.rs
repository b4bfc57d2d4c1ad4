use std::collections::BTreeSet;

use engage_domain::EventType;

use super::page::Page;
use super::*;

#[test]
fn every_sample_is_an_event_that_matches_its_template() {
    for &template in Template::ALL {
        let name = template.as_str();
        let expected = match template {
            Template::CaseReceivedCustomer
            | Template::CaseOpenedCustomer
            | Template::CaseUrgentStaff
            | Template::EndpointDisabledStaff
            | Template::CaseAccessCustomer
            | Template::CaseCodeParticipant
            | Template::CaseEvent => EventType::Created,
            Template::CaseReassignedStaff => EventType::Assigned,
            Template::CaseInvitedParticipant => EventType::Updated,
            _ if name.contains("-assigned-") => EventType::Assigned,
            _ if name.contains("-updated-") => EventType::Updated,
            _ if name.contains("-escalated-") => EventType::Escalated,
            Template::CaseOverdueStaff => EventType::Overdue,
            _ => EventType::Cancelled,
        };
        assert_eq!(sample(template).event_type, expected, "{template}");
    }
}

#[test]
fn the_preview_has_a_file_per_message_and_an_index_linking_them() {
    let templates = Templates::new(northwind());
    templates.check().unwrap();
    let files = templates.preview_files().unwrap();
    let mut names: Vec<_> = files.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(names.remove(0), "index.html");
    assert_eq!(Page::parse(&files[0].contents).links, names);
    assert_eq!(names.len(), 18 * 2 + 14);
    assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
    let is_plain = |name: &str| name.bytes().all(|b| matches!(b, b'a'..=b'z' | b'-' | b'.'));
    assert!(names.iter().all(|name| is_plain(name)), "{names:?}");
    let text = files.iter().find(|file| file.name == "case-cancelled-customer.txt").unwrap();
    assert!(text.contents.starts_with("Subject: [CW-2025-001] Your case\n\n"));
}
