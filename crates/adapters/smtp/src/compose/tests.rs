use std::sync::Arc;

use mail_parser::{HeaderName as Name, Message as Parsed, MessageParser, MimeHeaders};

use super::*;
use crate::fixtures::{Words, notification_to};

fn sender() -> Sender {
    "Support <support@desk.example>".parse().unwrap()
}

fn composed(notification: &Notification, words: &Arc<Words>) -> Vec<u8> {
    compose(notification, &sender(), words.as_ref()).unwrap().message
}

fn parsed(message: &[u8]) -> Parsed<'_> {
    MessageParser::default().parse(message).unwrap()
}

/// Returns the names of all headers before the body.
fn headers(message: &[u8]) -> Vec<String> {
    parsed(message).headers().iter().map(|header| header.name().to_owned()).collect()
}

const HEADERS: [&str; 12] = [
    "From",
    "To",
    "Subject",
    "Message-ID",
    "In-Reply-To",
    "References",
    "X-Auto-Response-Suppress",
    "X-Case-Number",
    "Auto-Submitted",
    "MIME-Version",
    "Content-Type",
    "Date",
];

#[test]
fn an_email_has_the_same_content_as_text_and_as_html() {
    let text = "Hello J\u{f8}rgen,\n\n.\nthat is all. \u{1f600}\n";
    let html = "<p>Hello J\u{f8}rgen,</p>\n<p>that is all.</p>\n";
    let message = composed(&notification_to("john@example.com"), &Words::new("News", text, html));
    let mail = parsed(&message);
    assert_eq!(mail.content_type().unwrap().subtype(), Some("alternative"));
    let types: Vec<_> = mail.parts[1..]
        .iter()
        .map(|part| part.content_type().and_then(|kind| kind.subtype()).unwrap())
        .collect();
    assert_eq!(types, ["plain", "html"]);
    assert_eq!(mail.body_text(0).unwrap().replace("\r\n", "\n").trim_end(), text.trim_end());
    assert_eq!(mail.body_html(0).unwrap().replace("\r\n", "\n").trim_end(), html.trim_end());
}

#[test]
fn an_email_without_html_is_text_alone() {
    let message = composed(&notification_to("john@example.com"), &Words::new("News", "Hello", ""));
    let mail = parsed(&message);
    assert_eq!(mail.content_type().unwrap().subtype(), Some("plain"));
    assert_eq!(mail.parts.len(), 1);
    assert_eq!(mail.body_text(0).unwrap().trim_end(), "Hello");
}

#[test]
fn the_emails_of_a_case_are_one_conversation() {
    let (first, second) = (notification_to("a@example.com"), notification_to("b@example.com"));
    let conversation = format!("{}@desk.example", first.case_number.to_string().to_lowercase());
    let mut ids = Vec::new();
    for notification in [first, second] {
        let message = composed(&notification, &Words::new("News", "Hello", "<p>Hello"));
        let mail = parsed(&message);
        assert_eq!(mail.references().as_text(), Some(conversation.as_str()));
        assert_eq!(mail.in_reply_to().as_text(), Some(conversation.as_str()));
        assert_eq!(mail.message_id().unwrap(), format!("{}@desk.example", notification.id));
        ids.push(mail.message_id().unwrap().to_owned());
    }
    assert_ne!(ids[0], ids[1]);
}

#[test]
fn a_mail_program_learns_how_to_unsubscribe() {
    let url = format!(
        "https://desk.example/support/unsubscribe?caseNumber=CW-2025-001&token={}",
        "x".repeat(68)
    );
    let mut notification = notification_to("ann@example.com");
    notification.access.unsubscribe = Some(url.clone());
    let words = Words::new("News", "Hello", "<p>Hello");
    let message = String::from_utf8(composed(&notification, &words)).unwrap();
    assert!(message.contains(&format!("\r\nList-Unsubscribe: <{url}>\r\n")), "{message}");
    let one_click = "\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n";
    assert!(message.contains(one_click), "{message}");

    notification.access.unsubscribe = Some(format!("{url}\r\nBcc: eve@evil.example"));
    let headers = headers(&composed(&notification, &words));
    assert!(!headers.contains(&"Bcc".to_owned()), "{headers:?}");
}

#[test]
fn a_second_attempt_has_the_same_message_id() {
    let notification = notification_to("john@example.com");
    let words = Words::new("News", "Hello", "<p>Hello");
    let (first, second) = (composed(&notification, &words), composed(&notification, &words));
    assert_eq!(parsed(&first).message_id().unwrap(), parsed(&second).message_id().unwrap());
}

#[test]
fn no_value_can_add_a_header_a_recipient_or_a_part() {
    for value in [
        "a\r\nBcc: eve@evil.example\r\n\r\nb",
        "a\nBcc: eve@evil.example",
        "a\rBcc: eve@evil.example",
        "a\r\n\tBcc: eve@evil.example",
        "a\u{0}b\u{b}Bcc: eve@evil.example\u{85}c\u{2028}Bcc: eve@evil.example",
        "\r\n.\r\nMAIL FROM:<eve@evil.example>\r\n",
        "=?utf-8?q?=0D=0ABcc:_eve=40evil.example?=",
        "--boundary\r\nContent-Type: text/html\r\n\r\n<p>Bcc: eve@evil.example",
        "Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n\r\n--a--",
    ] {
        let words = Words::new(value, value, &format!("<pre>{value}</pre>"));
        let message = composed(&notification_to("john@example.com"), &words);
        let mut names = headers(&message);
        names.sort_by_key(|name| HEADERS.iter().position(|known| known == name));
        assert_eq!(names, HEADERS, "{value:?}");
        let mail = parsed(&message);
        assert_eq!(mail.parts.len(), 3, "{value:?}");
        let to: Vec<_> = mail.to().unwrap().iter().filter_map(|to| to.address()).collect();
        assert_eq!(to, ["john@example.com"]);
        assert!(mail.header(Name::Bcc).is_none() && mail.header(Name::Cc).is_none());
        assert!(!mail.subject().unwrap().contains(char::is_control));
    }
}

#[test]
fn an_email_is_acceptable_to_every_mail_server() {
    let long = format!("{} {}\u{e9}", "word ".repeat(500), "x".repeat(3000));
    let words = Words::new(&long[..200], &long, &long);
    let message = composed(&notification_to("john@example.com"), &words);
    assert!(message.is_ascii());
    let message = String::from_utf8(message).unwrap();
    assert!(message.split("\r\n").all(|line| line.len() <= 998 && !line.contains(['\r', '\n'])));
    assert_eq!(parsed(message.as_bytes()).subject(), Some(long[..200].trim_end()));
    assert_eq!(parsed(message.as_bytes()).body_text(0).unwrap().trim_end(), long);
}

#[test]
fn only_emails_without_text_by_staff_are_marked_as_automatic() {
    for (kind, expected) in [
        (EmailKind::Confirmation, Some("auto-replied")),
        (EmailKind::Change, Some("auto-generated")),
        (EmailKind::Words, None),
    ] {
        let content = EmailContent {
            kind,
            reply_to: Some("help@desk.example".parse().unwrap()),
            subject: "News".to_owned(),
            text: "Hello".to_owned(),
            html: String::new(),
        };
        let message = composed(&notification_to("john@example.com"), &Arc::new(Words(content)));
        let mail = parsed(&message);
        assert_eq!(mail.header("Auto-Submitted").and_then(|value| value.as_text()), expected);
        let suppressed = mail.header("X-Auto-Response-Suppress").unwrap();
        assert_eq!(suppressed.as_text(), Some("OOF, AutoReply"));
        let reply_to = mail.reply_to().unwrap().first().unwrap().address();
        assert_eq!(reply_to, Some("help@desk.example"));
    }
}

#[test]
fn no_line_of_an_encoded_subject_is_longer_than_76_characters() {
    for subject in [
        format!("[CW-2026-001] =?{}", "ä".repeat(180)),
        "[CW-2026-001] New case: Re: =?".to_owned(),
        format!("=?utf-8?q?{}?=", "x".repeat(190)),
        "=?".to_owned() + &"👩\u{200d}🚒".repeat(20),
        "ü".repeat(200),
    ] {
        let words = Words::new(&subject, "Hello", "");
        let message = composed(&notification_to("john@example.com"), &words);
        assert_eq!(parsed(&message).subject(), Some(subject.as_str()));
        let message = String::from_utf8(message).unwrap();
        let head = message.split("\r\n\r\n").next().unwrap();
        assert!(head.split("\r\n").all(|line| line.len() <= 76), "{head}");
    }
}

#[test]
fn a_name_without_required_quotes_has_its_own_error() {
    for text in [
        "Support, Acme <support@desk.example>",
        "Support (Acme) <support@desk.example>",
        "Acme: Support <support@desk.example>",
        "Support @ Acme <support@desk.example>",
    ] {
        assert_eq!(text.parse::<Sender>(), Err(SenderError::Unquoted), "{text}");
    }
    for text in ["", "Support", "Support <support>", "Support, Acme <support>"] {
        assert_eq!(text.parse::<Sender>(), Err(SenderError::Malformed), "{text}");
    }
}

#[test]
fn a_sender_has_an_address_that_accepts_replies() {
    for text in ["Support <support@desk.example>", "support@localhost", "\"A, B\" <a.b@c.example>"]
    {
        assert!(text.parse::<Sender>().is_ok(), "{text}");
    }
    let sender: Sender = "Support <s@d\u{e9}sk.example>".parse().unwrap();
    assert_eq!(sender.address(), "s@xn--dsk-bma.example");
    for text in ["", "<>", "Support", "Support <\u{e9}s@desk.example>", "\"a b\"@desk.example"] {
        assert!(text.parse::<Sender>().is_err(), "{text}");
    }
}
