use engage_domain::{Address, Template};
use engage_notifier::{CustomerAccess, EmailContent, EmailKind, RenderError, Snapshot};

use super::*;
use crate::fixtures::notification_to;

/// Renders every notification with the subject of its case.
struct Echo;

impl MessageRenderer for Echo {
    fn render_email(
        &self,
        _: Template,
        snapshot: &Snapshot,
        _: &CustomerAccess,
    ) -> Result<EmailContent, RenderError> {
        let subject = snapshot.data.case.case_details.subject.to_string();
        Ok(EmailContent {
            kind: EmailKind::Change,
            reply_to: None,
            subject,
            text: "Hello,\n\nthat is all.\n".to_owned(),
            html: String::new(),
        })
    }

    fn render_sms(&self, template: Template, _: &Snapshot) -> Result<String, RenderError> {
        Err(RenderError::WrongChannel(template))
    }

    fn check(&self) -> Result<(), RenderError> {
        Ok(())
    }
}

fn mail_folder(path: &Path) -> MailFolder {
    let sender = "Support <support@desk.example>".parse().unwrap();
    MailFolder::new(path.to_owned(), sender, Arc::new(Echo))
}

async fn written(notification: &Notification) -> String {
    let folder = tempfile::tempdir().unwrap();
    mail_folder(folder.path()).deliver(notification).await.unwrap();
    std::fs::read_to_string(folder.path().join(format!("{}.eml", notification.id))).unwrap()
}

#[tokio::test]
async fn an_email_has_its_headers() {
    let notification = notification_to("john@example.com");
    let mail = written(&notification).await;
    let (head, body) = mail.split_once("\r\n\r\n").unwrap();
    for line in [
        "From: Support <support@desk.example>",
        "To: john@example.com",
        &format!("Message-ID: <{}@desk.example>", notification.id),
        &format!(
            "References: <{}@desk.example>",
            notification.case_number.to_string().to_lowercase()
        ),
        "Auto-Submitted: auto-generated",
        &format!("X-Case-Number: {}", notification.case_number),
        "Content-Type: text/plain; charset=utf-8",
    ] {
        assert!(head.lines().any(|header| header == line), "{line} is not in\n{head}");
    }
    assert!(head.contains("\r\nDate: "), "{head}");
    assert_eq!(body.trim_end(), "Hello,\r\n\r\nthat is all.");
}

#[tokio::test]
async fn a_subject_that_looks_encoded_is_encoded_again() {
    let mut notification = notification_to("john@example.com");
    let looks_encoded =
        "=?utf-8?q?Your_account_is_closed?= and more of it \u{e9}\u{1f600}, for a line or two";
    notification.snapshot =
        notification.snapshot.replace("Unable to access dashboard", looks_encoded);
    let mail = written(&notification).await;
    let (_, rest) = mail.split_once("\r\nSubject: ").unwrap();
    let words: Vec<&str> = rest.split("\r\n").take_while(|l| !l.contains(": ")).collect();
    let decoded: Vec<u8> = words
        .iter()
        .flat_map(|word| {
            assert!(word.trim().len() <= 75, "{word}");
            let inside =
                word.trim().strip_prefix("=?utf-8?B?").unwrap().strip_suffix("?=").unwrap();
            base64::Engine::decode(&base64::engine::general_purpose::STANDARD, inside).unwrap()
        })
        .collect();
    assert_eq!(String::from_utf8(decoded).unwrap(), looks_encoded);
}

#[tokio::test]
async fn every_address_that_the_domain_accepts_can_be_written_to() {
    for address in [
        "a@b.c",
        "support@localhost",
        "John.O'Neil+support@Mail.Example.co.uk",
        "!#$%&'*+-/=?^_`{|}~@example.com",
        "x@xn--mnchen-3ya.de",
        "1@123.example",
        &format!("{}@{}.example", "l".repeat(64), "d".repeat(63)),
    ] {
        let mail = written(&notification_to(address)).await;
        assert!(mail.replace("\r\n ", "").contains(&format!("To: {address}\r\n")), "{mail}");
    }
}

#[tokio::test]
async fn a_second_delivery_writes_the_same_file() {
    let folder = tempfile::tempdir().unwrap();
    let notification = notification_to("john@example.com");
    for _ in 0..2 {
        mail_folder(folder.path()).deliver(&notification).await.unwrap();
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[tokio::test]
async fn an_unwritable_folder_is_a_transient_failure() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "in the way").unwrap();
    let outcome = mail_folder(&file).deliver(&notification_to("john@example.com")).await;
    assert!(matches!(outcome, Err(NotifyError::Transient { .. })), "{outcome:?}");
}

#[tokio::test]
async fn other_notifications_are_rejected() {
    let folder = tempfile::tempdir().unwrap();
    let to_a_phone = Notification {
        address: Address::Phone("+1234567890".parse().unwrap()),
        ..notification_to("john@example.com")
    };
    let unreadable =
        Notification { snapshot: "{}".to_owned(), ..notification_to("john@example.com") };
    for notification in [to_a_phone, unreadable] {
        let outcome = mail_folder(folder.path()).deliver(&notification).await;
        assert!(matches!(outcome, Err(NotifyError::Rejected { .. })), "{outcome:?}");
    }
}
