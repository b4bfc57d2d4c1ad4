mod contract;
mod failures;
mod server;
mod tls;

use std::collections::BTreeMap;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use engage_domain::{Address, Template};
use engage_notifier::{CustomerAccess, EmailContent, RenderError, Snapshot};
use engage_repository::ChangeSet;
use engage_testkit::builders::{a_change_set, a_message, an_opened};

use self::server::{Behaviour, Server};
use super::*;

const ACCOUNT: &str = "AC5ef8732a3c49700934481addd5ce1659";
const TOKEN: &str = "f00dfeedf00dfeedf00dfeedf00dfeed";
const SERVICE: &str = "MG9752274e9e519418a7406176694466fa";
const TEXT: &str = "CW-2025-001: caf\u{e9} & 1+1=2 100% \u{1f600}\nsecond line";

/// Renders every notification as the same text.
struct Fixed;

impl MessageRenderer for Fixed {
    fn render_email(
        &self,
        template: Template,
        _: &Snapshot,
        _: &CustomerAccess,
    ) -> Result<EmailContent, RenderError> {
        Err(RenderError::WrongChannel(template))
    }

    fn render_sms(&self, template: Template, _: &Snapshot) -> Result<String, RenderError> {
        match template {
            Template::CaseUrgentStaff => Ok(TEXT.to_owned()),
            other => Err(RenderError::WrongChannel(other)),
        }
    }

    fn check(&self) -> Result<(), RenderError> {
        Ok(())
    }
}

fn notification() -> Notification {
    let ChangeSet { case, snapshot, messages, .. } =
        a_change_set(an_opened(1), vec![a_message("john@example.com")]);
    Notification {
        id: messages[0].id,
        case_number: case.number().clone(),
        template: Template::CaseUrgentStaff,
        address: Address::Phone("+15005550001".parse().unwrap()),
        snapshot,
        access: CustomerAccess::default(),
        gathered: Vec::new(),
        trace: None,
    }
}

fn settings(url: &str) -> TwilioSettings {
    TwilioSettings {
        url: url.parse().unwrap(),
        account_sid: ACCOUNT.parse().unwrap(),
        auth_token: TOKEN.parse().unwrap(),
        sender: "+15005550006".parse().unwrap(),
        public_url: None,
    }
}

fn twilio(settings: TwilioSettings) -> Twilio {
    Twilio::new(settings, Arc::new(Fixed), &DnsResolver::system()).unwrap()
}

/// Builds a channel that waits 200 ms for a response.
fn impatient(url: &str) -> Twilio {
    let time_outs =
        TimeOuts { connect: Duration::from_secs(5), answer: Duration::from_millis(200) };
    let client = client::build(RootCertStore::empty(), time_outs, &DnsResolver::system());
    Twilio::with_client(settings(url), Arc::new(Fixed), client.unwrap())
}

/// Builds a response with this status, further headers (each ended by CR LF) and this body.
fn answer(status: &str, headers: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\n{headers}\r\n{body}").into_bytes()
}

fn accepted() -> Behaviour {
    Behaviour::Answer(answer("201 Created", "", r#"{"sid": "SM1", "status": "queued"}"#))
}

/// Returns the channel's outcome with a server that behaves like this.
async fn outcome_of(behaviour: Behaviour) -> Result<(), NotifyError> {
    let server = Server::start(behaviour).await;
    let outcome =
        twilio(settings(&format!("http://{}", server.address))).deliver(&notification()).await;
    assert_eq!(server.received().len(), 1, "one request for one attempt");
    outcome
}

fn pairs(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[tokio::test]
async fn a_message_is_posted_to_the_account_with_its_token() {
    let server = Server::start(accepted()).await;
    let channel = twilio(settings(&format!("http://{}/", server.address)));
    channel.deliver(&notification()).await.unwrap();

    let request = &server.received()[0];
    assert_eq!(request.line, format!("POST /2010-04-01/Accounts/{ACCOUNT}/Messages.json HTTP/1.1"));
    let credentials = format!("Basic {}", STANDARD.encode(format!("{ACCOUNT}:{TOKEN}")));
    assert_eq!(request.headers["authorization"], credentials);
    assert_eq!(request.headers["content-type"], "application/x-www-form-urlencoded");
    let form = [("To", "+15005550001"), ("From", "+15005550006"), ("Body", TEXT)];
    assert_eq!(request.form(), pairs(&form));
}

#[tokio::test]
async fn a_messaging_service_replaces_the_number() {
    let server = Server::start(accepted()).await;
    let settings = TwilioSettings {
        sender: SERVICE.parse().unwrap(),
        ..settings(&format!("http://{}", server.address))
    };
    twilio(settings).deliver(&notification()).await.unwrap();
    let form = [("To", "+15005550001"), ("MessagingServiceSid", SERVICE), ("Body", TEXT)];
    assert_eq!(server.received()[0].form(), pairs(&form));
}

#[tokio::test]
async fn the_callback_url_is_sent_to_twilio() {
    let server = Server::start(accepted()).await;
    let settings = TwilioSettings {
        public_url: Some("https://desk.example/".parse().unwrap()),
        ..settings(&format!("http://{}", server.address))
    };
    let notification = notification();
    twilio(settings).deliver(&notification).await.unwrap();
    let url =
        format!("https://desk.example/api/webhooks/sms/status?notification={}", notification.id);
    assert_eq!(server.received()[0].form()["StatusCallback"], url);
}

#[tokio::test]
async fn an_unrenderable_notification_or_one_without_a_number_is_rejected_without_a_request() {
    let server = Server::start(accepted()).await;
    let channel = twilio(settings(&format!("http://{}", server.address)));
    let mut by_email = notification();
    by_email.address = Address::Email("john@example.com".parse().unwrap());
    let mut wrong_template = notification();
    wrong_template.template = Template::CaseReceivedCustomer;
    let mut broken = notification();
    broken.snapshot = "{}".to_owned();
    for notification in [by_email, wrong_template, broken] {
        let outcome = channel.deliver(&notification).await;
        assert!(matches!(outcome, Err(NotifyError::Rejected { .. })), "{outcome:?}");
    }
    assert!(server.received().is_empty());
}

#[test]
fn a_channel_to_the_real_service_needs_no_process_wide_tls_provider() {
    // The certificates are the system's. If it has none, the error says so.
    match Twilio::new(settings(DEFAULT_URL), Arc::new(Fixed), &DnsResolver::system()) {
        Ok(channel) => assert_eq!(
            channel.messages_url,
            format!("https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Messages.json")
        ),
        Err(error) => assert!(matches!(error, SetupError::NoRootCertificates), "{error}"),
    }
}
