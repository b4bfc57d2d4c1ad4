use std::collections::BTreeSet;

use engage_domain::{Change, CustomerType, EventType, ServiceAlert, SlaTimerKind, Urgency};
use engage_notifier::EmailKind;

use super::page::{Page, words};
use super::*;

/// The subject line of each template's sample, and phrases that both parts contain.
const EXPECTED: [(Template, &str, &[&str]); 14] = [
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
            "Hello John Doe,",
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
                let text = content.text.replace(&link(), "");
                assert_eq!(words(&page.body), words(&text), "{template} of {of}");
            }
        }
    }
}

fn link() -> String {
    samples::access(Template::CaseReceivedCustomer, None).link.unwrap()
}

/// The access code e-mail has no link, since using the code creates a new one.
fn has_link(template: Template) -> bool {
    template.is_for_customer() && template != Template::CaseAccessCustomer
}

#[test]
fn customers_alone_get_the_link_to_their_case() {
    for template in for_email() {
        let content = email(template, &sample(template));
        for part in [&content.text, &content.html] {
            assert_eq!(part.contains(&link()), has_link(template), "{template}: {part}");
        }
        assert!(!content.subject.contains("cat_"), "{template}");
        let links = Page::parse(&content.html).links;
        assert_eq!(links.contains(&link()), has_link(template), "{template}: {links:?}");
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
        let expected = if template.is_for_customer() {
            "[CW-2025-001] Your case"
        } else {
            "[CW-2025-001] Unable to access dashboard"
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
        (Template::CaseUpdatedCustomer, EmailKind::Words),
        (Template::CaseUpdatedStaff, EmailKind::Change),
        (Template::CaseEscalatedCustomer, EmailKind::Change),
        (Template::CaseCancelledCustomer, EmailKind::Words),
        (Template::CaseOverdueStaff, EmailKind::Change),
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
        let expected = template.is_for_customer().then_some("help@northwind.example");
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
fn urls_are_links_if_staff_wrote_them_but_not_if_customers_did() {
    let template = Template::CaseUpdatedCustomer;
    let mut snapshot = sample(template);
    let message =
        "See https://docs.example.com/a?b=1&c=<i> (or HTTP://x.example).\njavascript:alert(1)";
    for update in &mut snapshot.data.event.updates {
        update.message = message.parse().unwrap();
    }
    let html = email(template, &snapshot).html;
    let links = Page::parse(&html).links;
    for expected in ["https://docs.example.com/a?b=1&c=", "HTTP://x.example"] {
        assert!(links.iter().any(|link| link == expected), "{links:?}");
    }
    assert!(links.iter().all(|link| !link.contains("javascript")), "{links:?}");
    assert!(Page::parse(&html).body.contains(message), "{html}");
    let template = Template::CaseUpdatedStaff;
    let mut snapshot = sample(template);
    for update in &mut snapshot.data.event.updates {
        update.message = message.parse().unwrap();
        update.author.kind = "CUSTOMER".to_owned();
    }
    let links = Page::parse(&email(template, &snapshot).html).links;
    assert!(links.iter().all(|link| !link.contains("docs.example.com")), "{links:?}");
}

#[test]
fn times_are_in_the_time_zone_of_the_brand() {
    let brand =
        Brand { time_zone: jiff::tz::TimeZone::get("Europe/Berlin").unwrap(), ..northwind() };
    let template = Template::CaseReceivedCustomer;
    let content = Templates::new(brand)
        .render_email(template, &sample(template), &CustomerAccess::default())
        .unwrap();
    assert!(content.text.contains("29 January 2025, 11:00 CET"), "{}", content.text);
}

#[test]
fn an_enterprise_has_the_right_article() {
    for template in [Template::CaseEscalatedManagement, Template::CaseUrgentStaff] {
        let mut snapshot = sample(template);
        snapshot.data.case.customer_info.customer_type = CustomerType::Enterprise;
        let said = match template {
            Template::CaseUrgentStaff => {
                Templates::default().render_sms(template, &snapshot).unwrap()
            }
            _ => words(&email(template, &snapshot).text).join(" "),
        };
        assert!(said.contains("an enterprise plan"), "{said}");
    }
}

#[test]
fn the_link_is_on_its_own_line_in_plain_text() {
    let text = email(Template::CaseReceivedCustomer, &sample(Template::CaseReceivedCustomer)).text;
    assert!(text.contains(&format!("\n\nView your case:\n{}\n\nThis link is", link())), "{text}");
}

#[test]
fn plain_text_is_laid_out_without_markup_or_gaps() {
    for template in for_email() {
        let text = email(template, &sample(template)).text;
        assert!(!text.contains("\n\n\n"), "{template}:\n{text}");
        assert!(!text.starts_with('\n') && !text.ends_with('\n'), "{template}:\n{text}");
        let (body, footer) = text.split_once("\n\n-- \n").unwrap();
        assert!(!body.contains(['<', '>', '{', '}', '&']), "{template}:\n{body}");
        assert_eq!(
            footer,
            "Northwind Support\nhelp@northwind.example\n\
             https://support.northwind.example/help?a=b&c=d"
        );
        assert!(text.lines().all(|line| line == "-- " || line.trim_end() == line), "{text}");
    }
}

#[test]
fn an_email_loads_no_external_resources() {
    for template in for_email() {
        let html = email(template, &sample(template)).html;
        for foreign in ["<img", "<script", "<link", "<style", "<iframe", " src=", "url(", "@import"]
        {
            assert!(!html.contains(foreign), "{template}, {foreign}: {html}");
        }
        let links = Page::parse(&html).links.into_iter().collect::<BTreeSet<_>>();
        let desk =
            ["https://support.northwind.example/help?a=b&c=d", "mailto:help@northwind.example"];
        let mut expected = BTreeSet::from(desk.map(str::to_owned));
        expected.extend(has_link(template).then(link));
        assert_eq!(links, expected, "{template}");
        for wanted in
            ["<html lang=\"en\">", "name=\"viewport\"", "charset=\"utf-8\"", "max-width:600px"]
        {
            assert!(html.contains(wanted), "{template}, {wanted}: {html}");
        }
    }
}

#[test]
fn a_brand_without_addresses_shows_none() {
    for template in for_email() {
        let content = Templates::default()
            .render_email(template, &sample(template), &CustomerAccess::default())
            .unwrap();
        assert_eq!(Page::parse(&content.html).links, Vec::<String>::new());
        assert!(!content.text.contains("Any questions"), "{}", content.text);
        assert!(content.text.ends_with("-- \nSupport"), "{}", content.text);
    }
}

#[test]
fn the_header_has_the_colour_of_the_brand_and_readable_text() {
    let head = |colour: &str| {
        let brand = Brand { colour: colour.parse().unwrap(), ..Brand::default() };
        let template = Template::CaseReceivedCustomer;
        let html = Templates::new(brand)
            .render_email(template, &sample(template), &CustomerAccess::default())
            .unwrap()
            .html;
        let from = html.find("role=\"banner\"").unwrap();
        html[from..].split('>').next().unwrap().to_owned()
    };
    assert!(head("#0b7a5c").contains("background:#0b7a5c;"), "{}", head("#0b7a5c"));
    assert!(head("#0b7a5c").contains(";color:#ffffff;"), "{}", head("#0b7a5c"));
    assert!(head("#ffe08a").contains(";color:#000000;"), "{}", head("#ffe08a"));
}

#[test]
fn line_breaks_in_messages_are_preserved() {
    let template = Template::CaseUpdatedStaff;
    let mut snapshot = sample(template);
    let message = "one\n\n  two:\n\tthree";
    snapshot.data.event.updates[0].message = message.parse().unwrap();
    let content = email(template, &snapshot);
    assert!(content.text.contains(&format!("\n{message}\n")), "{}", content.text);
    assert!(content.html.contains(">one<br><br>  two:<br>\tthree</div>"), "{}", content.html);
    assert!(Page::parse(&content.html).body.contains(message), "{}", content.html);
}

#[test]
fn the_team_inbox_is_notified_of_a_new_case_as_new() {
    let content = email(Template::CaseAssignedStaff, &sample(Template::CaseReceivedCustomer));
    assert!(content.text.starts_with("New case: Unable to access dashboard\n"), "{}", content.text);
    assert!(content.text.contains("John Doe opened a case."), "{}", content.text);
}

#[test]
fn a_correction_without_a_message_shows_what_changed() {
    let mut snapshot = sample(Template::CaseUpdatedStaff);
    snapshot.data.event.updates.clear();
    snapshot.data.event.changes = vec![Change::Urgency { from: Urgency::Low, to: Urgency::High }];
    let text = email(Template::CaseUpdatedStaff, &snapshot).text;
    assert!(text.contains("What changed:\nUrgency:  Low → High\n\n"), "{text}");
    assert!(!text.contains("wrote"), "{text}");
}

#[test]
fn a_target_at_risk_is_distinguished_from_a_missed_one() {
    let mut snapshot = sample(Template::CaseOverdueStaff);
    snapshot.data.event.escalation = None;
    let said = |snapshot: &Snapshot| {
        let content = email(Template::CaseOverdueStaff, snapshot);
        assert!(!content.text.contains("escalated to level"), "{}", content.text);
        let text = Templates::default().render_sms(Template::CaseOverdueStaff, snapshot).unwrap();
        (content.text, text)
    };
    for (clock, alert, heading, sentence, sms) in [
        (
            SlaTimerKind::FirstResponse,
            ServiceAlert::Warning,
            "First response due soon",
            "Three quarters of the time for the first response has passed. It is due by",
            "first response due soon, urgency high",
        ),
        (
            SlaTimerKind::Resolution,
            ServiceAlert::Warning,
            "Resolution due soon",
            "Three quarters of the time for the resolution has passed. It is due by",
            "resolution due soon, urgency high",
        ),
        (
            SlaTimerKind::Resolution,
            ServiceAlert::Breach,
            "Resolution overdue",
            "The resolution is overdue. It was due by",
            "resolution overdue, urgency high",
        ),
    ] {
        let overdue = snapshot.data.event.overdue.as_mut().unwrap();
        (overdue.clock, overdue.alert) = (clock, alert);
        let (text, short) = said(&snapshot);
        assert!(text.starts_with(&format!("{heading}: Unable to access dashboard\n")), "{text}");
        let sentence = words(sentence).join(" ");
        assert!(words(&text).join(" ").contains(&sentence), "{text}");
        assert_eq!(short, format!("Support, CW-2025-001: {sms}"));
    }
}

#[test]
fn a_cancellation_by_the_customer_is_acknowledged_as_theirs() {
    let mut snapshot = sample(Template::CaseCancelledCustomer);
    snapshot.data.event.actor.kind = "CUSTOMER".to_owned();
    let text = email(Template::CaseCancelledCustomer, &snapshot).text;
    assert!(text.contains("has been cancelled, as you requested."), "{text}");
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

#[test]
fn every_sample_is_an_event_that_matches_its_template() {
    for &template in Template::ALL {
        let name = template.as_str();
        let expected = match template {
            Template::CaseReceivedCustomer
            | Template::CaseUrgentStaff
            | Template::EndpointDisabledStaff
            | Template::CaseAccessCustomer
            | Template::CaseEvent => EventType::Created,
            Template::CaseReassignedStaff => EventType::Assigned,
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
    assert_eq!(names.len(), 14 * 2 + 13);
    assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
    let is_plain = |name: &str| name.bytes().all(|b| matches!(b, b'a'..=b'z' | b'-' | b'.'));
    assert!(names.iter().all(|name| is_plain(name)), "{names:?}");
    let text = files.iter().find(|file| file.name == "case-cancelled-customer.txt").unwrap();
    assert!(text.contents.starts_with("Subject: [CW-2025-001] Your case\n\n"));
}
