use engage_notifier::{AttachmentSnapshot, UpdateSnapshot};
use proptest::prelude::*;

use super::page::Page;
use super::*;

/// Attempts at injection, each on one line.
const HOSTILE: [&str; 9] = [
    "<script>alert(1)</script>",
    "</td></table><h1>x",
    "\" onmouseover=\"alert(1)",
    "' style='display:none",
    "{{ 7 * 7 }}{% include \"/etc/passwd\" %}{# x #}",
    "&lt;b&gt; & &#60;",
    "--><!--",
    "<![endif]--><a href=javascript:alert(1)>",
    "\u{202e}gnp\u{1f600}\u{5e9}e\u{301}\u{2028}x",
];

/// Parses a text as a store may return it. Older versions accepted more texts than new input may
/// contain.
fn kept<T: engage_domain::text::FromStored<Err: std::fmt::Debug>>(text: &str) -> T {
    T::from_stored(text).unwrap()
}

/// Puts one text into every field that users can fill in.
///
/// Actor names in events are plain strings, so the type does not rule out line feeds. None can get
/// there in practice, and if one did, it must not become a header.
fn fill(snapshot: &mut Snapshot, line: &str, actor: &str) {
    let case = &mut snapshot.data.case;
    case.customer_info.name = kept(line);
    case.customer_info.organization = Some(kept(line));
    case.case_details.subject = kept(line);
    case.case_details.message = kept(line);
    case.case_details.client_or_project_name = Some(kept(line));
    case.assignment.assignee_name = Some(kept(line));
    case.assignment.department = Some(kept(line));
    snapshot.data.event.actor.name = actor.to_owned();
    for UpdateSnapshot { author, message, attachments, .. } in &mut snapshot.data.event.updates {
        author.name = actor.to_owned();
        *message = kept(line);
        for AttachmentSnapshot { filename, .. } in attachments {
            *filename = kept(line);
        }
    }
    if let Some(escalation) = &mut snapshot.data.event.escalation {
        escalation.reason = kept(line);
        escalation.by.name = actor.to_owned();
    }
}

fn filled(template: Template, line: &str, actor: &str) -> EmailContent {
    let mut snapshot = sample(template);
    fill(&mut snapshot, line, actor);
    email(template, &snapshot)
}

#[test]
fn no_value_adds_markup_to_an_email() {
    for template in for_email() {
        let plain = Page::parse(&filled(template, "plain", "plain").html);
        for line in HOSTILE {
            let content = filled(template, line, line);
            let page = Page::parse(&content.html);
            assert_eq!(page.skeleton, plain.skeleton, "{template}: {line}");
            let repeats = !template.is_for_people_of_case();
            // The e-mail about an endpoint names no person.
            if repeats && template != Template::EndpointDisabledStaff {
                assert!(page.text.contains(line), "{template}, {line}: {}", page.text);
                assert!(content.text.contains(line), "{template}, {line}: {}", content.text);
            }
        }
    }
}

#[test]
fn no_value_adds_a_line_to_the_subject() {
    for template in for_email() {
        let subject = filled(template, "plain", "x\r\nBcc: eve@example.com\r\n\r\nx").subject;
        assert!(!subject.contains(['\r', '\n']), "{template}: {subject:?}");
        assert!(!subject.contains("Bcc"), "{template}: {subject:?}");
    }
}

#[test]
fn no_brand_name_adds_markup_to_an_email() {
    for template in for_email() {
        let page = |name: &str| {
            let brand = Brand { name: kept(name), ..northwind() };
            let content = Templates::new(brand)
                .render_email(template, &sample(template), &samples::access(template, None))
                .unwrap();
            (Page::parse(&content.html), content.text)
        };
        let (plain, _) = page("plain");
        for line in HOSTILE {
            let (hostile, text) = page(line);
            assert_eq!(hostile.skeleton, plain.skeleton, "{template}: {line}");
            assert!(hostile.text.contains(line) && text.contains(line), "{template}: {line}");
        }
    }
}

/// Lines of text that tends to break parsers, and of arbitrary text.
fn lines() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        proptest::sample::select(vec![
            "<", ">", "\"", "'", "&", "--", "{{", "}}", "{%", "&#", "x;"
        ]),
        proptest::sample::select(vec!["a", "</p>", "<br>", "\u{a0}", "\u{1f600}", "\u{202e}", " "]),
    ];
    let pieces = proptest::collection::vec(piece, 1..20).prop_map(|pieces| pieces.concat());
    prop_oneof![pieces, "\\PC{1,40}"].prop_filter("accepted by a field", |line| {
        let fits = line.parse::<engage_domain::Department>().is_ok();
        fits && line.parse::<engage_domain::attachment::FileName>().is_ok()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn no_field_changes_the_markup(line in lines()) {
        for template in for_email() {
            let plain = Page::parse(&filled(template, "plain", "plain").html);
            let page = Page::parse(&filled(template, &line, &line).html);
            prop_assert_eq!(page.skeleton, plain.skeleton);
        }
    }
}
