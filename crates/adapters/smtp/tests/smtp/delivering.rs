//! Tests of successful deliveries.

use engage_notifier::Notifier;
use mail_parser::MessageParser;

use crate::fixtures::{Words, notification_to};
use crate::server::{Script, Server};
use crate::{mailer, mailer_with, outcome};

#[tokio::test]
async fn a_message_arrives_with_its_headers_and_both_parts() {
    let server = Server::start(Script::new()).await;
    let (text, html) = ("Hello J\u{f8}rgen,\n\nbye", "<p>Hello J\u{f8}rgen,</p>\n<p>bye</p>");
    let mailer = mailer_with(&server, "smtp://HOST", Words::new("N\u{e9}ws", text, html));
    let notification = notification_to("Jorgen@example.com");
    mailer.deliver(&notification).await.unwrap();
    let seen = server.seen();
    assert_eq!(
        seen.commands[0],
        [
            "EHLO [127.0.0.1]",
            "MAIL FROM:<support@desk.example>",
            "RCPT TO:<Jorgen@example.com>",
            "DATA",
        ]
    );
    let [received] = &seen.mails[..] else { panic!("{}", seen.mails.len()) };
    assert!(!received.is_encrypted);
    let mail = MessageParser::default().parse(&received.message).unwrap();
    let from = mail.from().unwrap().first().unwrap();
    assert_eq!((from.name(), from.address()), (Some("Support"), Some("support@desk.example")));
    assert_eq!(mail.to().unwrap().first().unwrap().address(), Some("Jorgen@example.com"));
    assert_eq!(mail.subject(), Some("N\u{e9}ws"));
    assert_eq!(mail.message_id().unwrap(), format!("{}@desk.example", notification.id));
    let number = notification.case_number.to_string();
    let conversation = format!("{}@desk.example", number.to_lowercase());
    assert_eq!(mail.references().as_text(), Some(conversation.as_str()));
    let header = |name: &'static str| mail.header(name).unwrap();
    assert_eq!(header("Auto-Submitted").as_text(), Some("auto-generated"));
    assert_eq!(header("X-Case-Number").as_text(), Some(number.as_str()));
    assert_eq!(mail.body_text(0).unwrap().replace("\r\n", "\n").trim_end(), text);
    assert_eq!(mail.body_html(0).unwrap().replace("\r\n", "\n").trim_end(), html);
}

#[tokio::test]
async fn a_text_arrives_unchanged() {
    for text in [
        ".\n..\n.leading\n\n.\nMAIL FROM:<eve@evil.example>",
        "a lone\rreturn, a tab\t and trailing spaces  \nFrom here",
        "\u{5e9}\u{5dc}\u{5d5}\u{5dd} \u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467} e\u{301}\n.\n",
        &"x".repeat(5000),
        &"line\n.\n".repeat(20_000),
    ] {
        let server = Server::start(Script::new()).await;
        let words = Words::new("News", text, &format!("<pre>{text}</pre>"));
        outcome(&mailer_with(&server, "smtp://HOST", words)).await.unwrap();
        let seen = server.seen();
        assert_eq!((seen.commands[0].len(), seen.mails.len()), (4, 1));
        let mail = MessageParser::default().parse(&seen.mails[0].message).unwrap();
        let arrived = mail.body_text(0).unwrap().replace("\r\n", "\n");
        let sent = text.replace('\r', "\n");
        assert_eq!(arrived.replace('\r', "\n").trim_end_matches('\n'), sent.trim_end_matches('\n'));
    }
}

#[tokio::test]
async fn ehlo_uses_the_configured_name() {
    let server = Server::start(Script::new()).await;
    outcome(&mailer(&server, "smtp://HOST/desk.example")).await.unwrap();
    assert_eq!(server.seen().commands[0][0], "EHLO desk.example");
}
