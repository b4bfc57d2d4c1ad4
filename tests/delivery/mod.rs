//! Delivery of notifications by real SMTP and HTTP, through failures, and as staff see it.

mod codes;
mod dispatching;
mod email;
mod links;
mod mail_server;
mod sms;
mod stopped_channels;
mod webhooks;

use serde_json::{Value, json};

pub(crate) use sms::signature;

use crate::support::{
    HttpReceiver, Mail, Received, Server, SmtpReceiver, Store, a_case, eventually_seen,
    on_both_stores,
};

on_both_stores! {
    every_notification_of_the_seed_scenario_arrives_once
}

/// The token with which the SMS service signs.
pub(crate) const AUTH_TOKEN: &str = "a-token-of-twilio";

const STATUS: &str = "/api/internal/notifications/status";

/// All receivers of notifications.
struct World {
    mail: SmtpReceiver,
    twilio: HttpReceiver,
    hooks: HttpReceiver,
}

/// Returns the response of an SMS service that accepts every text message.
fn accepted() -> String {
    let body = r#"{"sid":"SM1","status":"queued"}"#;
    format!("201 Created\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

impl World {
    async fn new() -> Self {
        let mail = SmtpReceiver::start().await;
        let twilio = HttpReceiver::responding(|_, _| Some(accepted())).await;
        Self { mail, twilio, hooks: HttpReceiver::start().await }
    }

    /// Starts a server that delivers to these receivers, with additional settings.
    async fn start_server(&self, store: Store, more: &[(&str, &str)]) -> Server {
        let (mail, twilio) = (self.mail.url(), self.twilio.url(""));
        let settings = [
            ("ENGAGE_EMAIL__URL", mail.as_str()),
            ("ENGAGE_EMAIL__TEAM_INBOX", "team@desk.example"),
            ("ENGAGE_EMAIL__MANAGEMENT", "boss@desk.example"),
            ("ENGAGE_SMS__URL", &twilio),
            ("ENGAGE_SMS__ACCOUNT_SID", "AC00000000000000000000000000000001"),
            ("ENGAGE_SMS__AUTH_TOKEN", AUTH_TOKEN),
            ("ENGAGE_SMS__FROM", "+15550100001"),
            ("ENGAGE_SMS__ON_CALL", "+15550100777"),
            ("ENGAGE_WEBHOOKS__ALLOW_PRIVATE_NETWORKS", "true"),
            ("ENGAGE_SERVER__PUBLIC_URL", "https://desk.example"),
        ];
        Server::with_staff_and(store, &[&settings, more].concat()).await
    }
}

/// Registers the receiver as an endpoint, and returns its ID and its secret.
async fn register(server: &Server, hooks: &HttpReceiver) -> (String, String) {
    let body = json!({"url": hooks.url("/hooks"), "description": "A test"});
    let response = server.staff_post("/api/internal/webhooks", &body).await.ok();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    (text(&response["webhook"]["id"]), text(&response["secret"]))
}

async fn notifications(server: &Server, query: &str) -> Value {
    server.staff_get(&format!("{STATUS}?{query}")).await.ok()
}

/// Waits until the only notification that matches a query has a status, and returns it.
async fn once(server: &Server, query: &str, status: &str) -> Value {
    eventually_seen(&format!("{query} is {status}"), async || {
        let found = notifications(server, query).await;
        let list = found["notifications"].as_array().unwrap();
        let one = list.first().filter(|one| list.len() == 1 && one["status"] == status);
        one.cloned()
    })
    .await
}

fn sorted(mut list: Vec<String>) -> Vec<String> {
    list.sort();
    list
}

fn addressees(mails: &[Mail]) -> Vec<String> {
    sorted(mails.iter().map(|mail| mail.to().to_owned()).collect())
}

/// Returns the form fields of a text message.
fn form(received: &Received) -> Vec<(String, String)> {
    let pairs = received.body.split('&').map(|pair| {
        let (name, value) = pair.split_once('=').unwrap();
        (name.to_owned(), value.replace('+', " ").replace("%2B", "+"))
    });
    pairs.collect()
}

fn to(received: &Received) -> String {
    let form = form(received);
    form.iter().find(|(name, _)| name == "To").map(|(_, value)| value.clone()).unwrap()
}

async fn every_notification_of_the_seed_scenario_arrives_once(store: Store) {
    let world = World::new().await;
    let server = world.start_server(store, &[]).await;
    let (_, secret) = register(&server, &world.hooks).await;

    let number = server.open(&a_case()).await;
    server.assign(&number, &json!({"staffId": "staff-456"})).await.ok();
    server.update(&number, &json!({"message": "We found it."})).await.ok();
    let escalate = json!({"caseNumber": number, "reason": "Too slow", "newUrgency": "CRITICAL"});
    server.post("/api/support/case/escalate", &escalate).await.ok();
    let cancel = json!({"caseNumber": number, "reason": "Solved it"});
    server.post("/api/support/case/cancel", &cancel).await.ok();

    let (customer, sam) = ("john@example.com", "sam@staff.example");
    let mails = world.mail.mails_once(10).await;
    let opened = vec![customer, "team@desk.example"];
    let escalated = vec![customer, sam, "boss@desk.example"];
    let to_both = vec![customer, sam];
    let expected = [opened, vec![sam], to_both.clone(), escalated, to_both].concat();
    assert_eq!(addressees(&mails), sorted(expected.iter().map(ToString::to_string).collect()));
    for mail in &mails {
        assert!(mail.html.contains(&number) && mail.text.contains(&number), "{mail:#?}");
    }
    let texts = world.twilio.received_once(2).await;
    assert!(texts.iter().all(|text| to(text) == "+15550100777"), "{texts:#?}");
    let path = "/2010-04-01/Accounts/AC00000000000000000000000000000001/Messages.json";
    assert!(texts.iter().all(|text| text.path == path));
    let calls = world.hooks.received_once(5).await;
    let kinds = ["created", "assigned", "updated", "escalated", "cancelled"];
    for (sequence, (call, kind)) in (1..).zip(calls.iter().zip(kinds)) {
        assert!(call.is_signed_with(&secret), "{call:#?}");
        let body: Value = serde_json::from_str(&call.body).unwrap();
        assert_eq!(body["type"], format!("case.{kind}"));
        assert_eq!(body["data"]["case"]["caseNumber"], number.as_str());
        assert_eq!(body["data"]["event"]["sequence"], sequence);
    }

    // Deliveries are recorded a little later.
    let seen = eventually_seen("seventeen sent notifications", async || {
        let seen = notifications(&server, &format!("caseNumber={number}&limit=100")).await;
        (seen["summary"]["byStatus"]["SENT"] == 17).then_some(seen)
    })
    .await;
    assert_eq!(seen["pagination"]["total"], 17);
    assert_eq!(seen["summary"]["byChannel"], json!({"EMAIL": 10, "SMS": 2, "WEBHOOK": 5}));
    let of_case = server.details(&number).await;
    assert_eq!(of_case["notifications"].as_array().unwrap().len(), 17);
    let first = format!("/api/internal/notifications/{}", text(&seen["notifications"][0]["id"]));
    let one = server.staff_get(&first).await.ok();
    assert_eq!(one["notification"]["attempts"], 1);
    assert_eq!(one["attemptLog"][0]["outcome"], "SENT");
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

async fn eventually_status(server: &Server, path: &str, status: &str) -> Value {
    eventually_seen(&format!("{path} is {status}"), async || {
        let found = server.staff_get(path).await.ok();
        (found["notification"]["status"] == status).then_some(found)
    })
    .await
}

async fn eventually_error(server: &Server, message: &Value) -> String {
    let path = format!("/api/internal/notifications/{}", text(&message["id"]));
    eventually_seen("an error of the notification", async || {
        let found = server.staff_get(&path).await.ok();
        found["notification"]["lastError"].as_str().map(str::to_owned)
    })
    .await
}
