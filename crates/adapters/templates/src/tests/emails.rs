use engage_domain::notify::TemplateAudience;
use engage_notifier::EmailKind;

use super::page::{Page, words};
use super::*;

/// The subject line of each template's sample, and phrases that both parts contain.
const EXPECTED: [(Template, &str, &[&str]); 18] = [
    (
        Template::CaseReceivedCustomer,
        "[CW-2025-001] Your case",
        &[
            "We've received your request",
            "Hello John Doe,",
            "keep this number",
            "Technical",
            "29 January 2025, 10:00 UTC",
        ],
    ),
    (
        Template::CaseOpenedCustomer,
        "[CW-2025-001] Your case",
        &[
            "We've opened a case for you",
            "Hello John Doe,",
            "Thank you for talking to us",
            "What we noted",
            "another browser",
            "Unable to access dashboard",
            "29 January 2025, 10:00 UTC",
        ],
    ),
    (
        Template::CaseAssignedStaff,
        "[CW-2025-001] Unable to access dashboard",
        &[
            "Assigned to Jane Smith: Unable to access dashboard",
            "Sam Lee assigned the case to Jane Smith.",
            "John Doe (Acme Corp)",
            "Business",
            "+15550100911",
            "Customer portal",
            "High (priority 85 of 100)",
            "another browser",
            "Sam Lee added an internal note",
            "roles that were changed",
        ],
    ),
    (
        Template::CaseUpdatedCustomer,
        "[CW-2025-001] Your case",
        &[
            "An update on your case",
            "We need your reply before we can continue",
            "Waiting for your reply",
            "Could you send us a picture",
            "How to take a screenshot.pdf (49 kB)",
            "Unable to access dashboard",
        ],
    ),
    (
        Template::CaseUpdatedStaff,
        "[CW-2025-001] Unable to access dashboard",
        &[
            "Updated: Unable to access dashboard",
            "John Doe updated the case.",
            "It says 403 on every page.",
            "screenshot.png (213 kB)",
            "Waiting on customer → In progress",
            "Jane Smith",
        ],
    ),
    (
        Template::CaseEscalatedCustomer,
        "[CW-2025-001] Your case",
        &[
            "Your case has been escalated",
            "Hello John Doe,",
            "the urgency is now critical",
            "27 January 2025, 19:00 UTC",
        ],
    ),
    (
        Template::CaseEscalatedStaff,
        "[CW-2025-001] Unable to access dashboard",
        &[
            "Escalated: Unable to access dashboard",
            "John Doe escalated the case to level 1.",
            "We cannot work.",
            "High → Critical",
        ],
    ),
    (
        Template::CaseEscalatedManagement,
        "[CW-2025-001] Unable to access dashboard",
        &[
            "Escalated: Unable to access dashboard",
            "John Doe (Acme Corp), who is on a business plan",
            "We cannot work.",
        ],
    ),
    (
        Template::CaseAssignedCustomer,
        "[CW-2025-001] Your case",
        &["Your case has been assigned", "handled by Technical Support"],
    ),
    (
        Template::CaseReassignedStaff,
        "[CW-2025-001] Unable to access dashboard",
        &[
            "Reassigned: Unable to access dashboard",
            "Sam Lee reassigned the case. It is no longer assigned to you",
            "is now with Ali Demir",
        ],
    ),
    (
        Template::CaseCancelledCustomer,
        "[CW-2025-001] Your case",
        &["Your case has been cancelled", "please open a new case", "As agreed on the telephone"],
    ),
    (
        Template::CaseCancelledStaff,
        "[CW-2025-001] Unable to access dashboard",
        &[
            "Cancelled: Unable to access dashboard",
            "Jane Smith cancelled the case.",
            "As agreed on the telephone",
            "Cancelled",
        ],
    ),
    (
        Template::CaseOverdueStaff,
        "[CW-2025-001] Unable to access dashboard",
        &[
            "First response overdue: Unable to access dashboard",
            "The first response is overdue. It was due by 27 January 2025, 14:00 UTC.",
            "As a result, the case has been escalated to level 1.",
            "High (priority 87 of 100)",
            "Jane Smith",
        ],
    ),
    (
        Template::CaseAccessCustomer,
        "[CW-2025-001] Your case",
        &[
            "Your access code",
            "Hello,",
            "K7QM-4XPD",
            "once, until 27 January 2025, 10:15 UTC",
            "didn't request a code",
        ],
    ),
    (
        Template::CaseInvitedParticipant,
        "[CW-2025-001] Support case",
        &[
            "You've been added to John Doe's support case",
            "Hello Ann Lee,",
            "John Doe has added you to their support case CW-2025-001.",
            "Also in this case",
            "John Doe, Ben Ray and 1 other",
            "you can leave the case on that page at any time",
        ],
    ),
    (
        Template::CaseUpdatedParticipant,
        "[CW-2025-001] Support case",
        &[
            "An update on John Doe's support case",
            "Hello Ann Lee,",
            "We're waiting for a reply before we can continue",
            "Waiting for a reply",
            "Our message",
            "Could you send us a picture",
            "How to take a screenshot.pdf (49 kB)",
            "Unable to access dashboard",
            "Also to",
            "John Doe, Ben Ray and 1 other",
            "you can leave the case on that page at any time",
        ],
    ),
    (
        Template::CaseCodeParticipant,
        "[CW-2025-001] Support case",
        &[
            "Your access code",
            "Hello Ann Lee,",
            "for a customer's support case",
            "K7QM-4XPD",
            "once, until 27 January 2025, 10:15 UTC",
            "didn't request a code",
        ],
    ),
    (
        Template::EndpointDisabledStaff,
        "[CW-2025-001] Webhook endpoint disabled: crm.example.com",
        &["https://crm.example.com/hooks/support?from=engage", "it returned 410 Gone"],
    ),
];

#[test]
fn every_email_says_what_it_is_for_in_both_parts() {
    assert!(for_email().eq(EXPECTED.iter().map(|(template, ..)| *template)));
    for (template, subject, phrases) in EXPECTED {
        let content = email(template, &sample(template));
        assert_eq!(content.subject, subject);
        let (html, text) =
            (words(&Page::parse(&content.html).body).join(" "), words(&content.text).join(" "));
        for phrase in phrases.iter().chain(&["CW-2025-001", "Northwind Support"]) {
            let phrase = words(phrase).join(" ");
            assert!(html.contains(&phrase), "{template}, {phrase}: {html}");
            assert!(text.contains(&phrase), "{template}, {phrase}: {text}");
        }
    }
}

#[test]
fn both_parts_of_an_email_say_the_same() {
    for brand in [Brand::default(), northwind()] {
        for template in for_email() {
            // Every template with every sample, since the notification matrix is configurable.
            for &of in Template::ALL {
                let templates = Templates::new(brand.clone());
                let content = templates
                    .render_email(template, &sample(of), &samples::access(template, None))
                    .unwrap();
                let page = Page::parse(&content.html);
                // In HTML, the link has its own text.
                let text = content.text.replace(&link_of(template), "");
                assert_eq!(words(&page.body), words(&text), "{template} of {of}");
            }
        }
    }
}

#[test]
fn customers_and_participants_alone_get_their_own_link_to_the_case() {
    for template in for_email() {
        let content = email(template, &sample(template));
        for part in [&content.text, &content.html] {
            assert_eq!(part.contains(&link_of(template)), has_link(template), "{template}: {part}");
            assert!(!part.contains("cat_") || template.is_for_customer(), "{template}: {part}");
        }
        assert!(
            !content.subject.contains("cat_") && !content.subject.contains("cap_"),
            "{template}"
        );
        let links = Page::parse(&content.html).links;
        assert_eq!(links.contains(&link_of(template)), has_link(template), "{template}: {links:?}");
    }
    for &template in Template::ALL {
        if let Ok(text) = Templates::default().render_sms(template, &sample(template)) {
            assert!(!text.contains("cat_") && !text.contains("http"), "{template}: {text}");
        }
    }
}

#[test]
fn all_emails_of_a_case_to_one_audience_share_a_subject() {
    let endpoints = Template::EndpointDisabledStaff;
    for template in for_email().filter(|template| *template != endpoints) {
        let expected = match template.audience() {
            TemplateAudience::Customer => "[CW-2025-001] Your case",
            TemplateAudience::Participant => "[CW-2025-001] Support case",
            _ => "[CW-2025-001] Unable to access dashboard",
        };
        for &of in Template::ALL {
            assert_eq!(email(template, &sample(of)).subject, expected, "{template} of {of}");
        }
    }
}

#[test]
fn emails_with_text_by_staff_differ_in_kind_from_automatic_ones() {
    let kind = |template| email(template, &sample(template)).kind;
    for (template, expected) in [
        (Template::CaseReceivedCustomer, EmailKind::Confirmation),
        (Template::CaseAccessCustomer, EmailKind::Confirmation),
        (Template::CaseOpenedCustomer, EmailKind::Words),
        (Template::CaseUpdatedCustomer, EmailKind::Words),
        (Template::CaseUpdatedStaff, EmailKind::Change),
        (Template::CaseEscalatedCustomer, EmailKind::Change),
        (Template::CaseCancelledCustomer, EmailKind::Words),
        (Template::CaseOverdueStaff, EmailKind::Change),
        (Template::CaseInvitedParticipant, EmailKind::Change),
        (Template::CaseUpdatedParticipant, EmailKind::Words),
        (Template::CaseCodeParticipant, EmailKind::Confirmation),
    ] {
        assert_eq!(kind(template), expected, "{template}");
    }
    // Text that only staff can see does not count as text for the customer.
    let mut snapshot = sample(Template::CaseUpdatedCustomer);
    snapshot.data.event.updates.iter_mut().for_each(|update| update.is_internal = true);
    assert_eq!(email(Template::CaseUpdatedCustomer, &snapshot).kind, EmailKind::Change);
}

#[test]
fn emails_say_where_to_reply_and_set_the_support_address_as_reply_to() {
    for template in for_email() {
        let content = email(template, &sample(template));
        let reply_to = content.reply_to.map(|address| address.to_string());
        let expected = template.is_for_people_of_case().then_some("help@northwind.example");
        assert_eq!(reply_to.as_deref(), expected, "{template}");
        let text = words(&content.text).join(" ");
        let says = "To reply, please use that page. Replies to this e-mail aren't added";
        assert_eq!(text.contains(says), has_link(template), "{template}: {text}");
    }
    let template = Template::CaseUpdatedCustomer;
    let content = Templates::default()
        .render_email(template, &sample(template), &samples::access(template, None))
        .unwrap();
    assert_eq!(content.reply_to, None);
    assert!(words(&content.text).join(" ").contains("Replies to this e-mail aren't read."));
}

#[test]
fn a_template_is_rejected_by_a_channel_it_does_not_support() {
    for template in [Template::CaseUrgentStaff, Template::CaseEvent] {
        let refused = Templates::default().render_email(
            template,
            &sample(template),
            &CustomerAccess::default(),
        );
        assert!(matches!(refused, Err(RenderError::WrongChannel(named)) if named == template));
    }
}
