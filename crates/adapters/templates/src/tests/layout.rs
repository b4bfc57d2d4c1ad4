use std::collections::BTreeSet;

use super::page::Page;
use super::*;

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
        expected.extend(has_link(template).then(|| link_of(template)));
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
