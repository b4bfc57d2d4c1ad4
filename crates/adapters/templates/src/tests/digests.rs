use super::page::{Page, words};
use super::*;

#[test]
fn an_email_that_a_customer_can_cause_lists_the_cases_held_back_by_a_limit() {
    // An e-mail to a participant covers only what was held back for the same person and case.
    let never = [
        Template::CaseInvitedParticipant,
        Template::CaseUpdatedParticipant,
        Template::CaseCodeParticipant,
        Template::CaseAccessCustomer,
        Template::CaseReassignedStaff,
        Template::CaseOverdueStaff,
        Template::EndpointDisabledStaff,
    ];
    for template in for_email().filter(|template| !never.contains(template)) {
        let numbers = |count| (2..2 + count).map(|n| format!("CW-2025-00{n}").parse().unwrap());
        for (count, told) in [
            (1, "There is also an update on CW-2025-002."),
            (2, "There is also an update on CW-2025-002 and CW-2025-003."),
            (5, "There is also an update on CW-2025-002, CW-2025-003, CW-2025-004 and 2 more."),
        ] {
            let gathered = numbers(count).collect();
            let content = email(template, &Snapshot { gathered, ..sample(template) });
            let html = words(&Page::parse(&content.html).body).join(" ");
            let text = words(&content.text).join(" ");
            assert!(html.contains(told), "{template}: {html}");
            assert!(text.contains(told), "{template}: {text}");
        }
        let alone = email(template, &sample(template));
        for body in [alone.text, alone.html] {
            assert!(!body.contains("also an update"), "{template}: {body}");
        }
    }
}
