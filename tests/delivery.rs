//! Messages on their way: by real SMTP and HTTP, through failures, and how staff see them.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::http_receiver::status;
use crate::support::{
    Answer, HttpReceiver, Mail, Received, Server, SmtpReceiver, Store, a_case, case_with,
    eventually, eventually_seen, on_both_stores,
};

on_both_stores! {
    every_message_of_the_seed_walk_through_arrives_once
    a_mail_server_that_is_busy_is_tried_again
    an_address_that_is_refused_is_given_up_and_can_be_tried_again
    a_mail_server_that_refuses_the_login_stops_the_channel_and_is_seen
    an_endpoint_that_is_gone_is_disabled_and_can_be_replayed_to
    a_number_that_wants_no_text_messages_gets_no_other
    the_sms_service_reports_what_arrived
    more_than_five_confirmations_an_hour_are_not_sent
    events_of_a_case_arrive_in_order_though_the_first_fails
    a_server_that_is_killed_in_mid_delivery_delivers_after_its_restart
}

const STATUS: &str = "/api/internal/notifications/status";

/// Everything that messages go to.
struct World {
    mail: SmtpReceiver,
    twilio: HttpReceiver,
    hooks: HttpReceiver,
}

/// A service that takes every text message.
fn accepted() -> String {
    let body = r#"{"sid":"SM1","status":"queued"}"#;
    format!("201 Created\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

fn refused(code: u32, http: &str) -> String {
    let body = format!(r#"{{"code":{code},"message":"no","status":400}}"#);
    format!("{http}\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

impl World {
    async fn new() -> Self {
        let mail = SmtpReceiver::start().await;
        let twilio = HttpReceiver::answering(|_, _| Some(accepted())).await;
        Self { mail, twilio, hooks: HttpReceiver::start().await }
    }

    /// A desk that delivers to it, whose settings may be others.
    async fn desk(&self, store: Store, more: &[(&str, &str)]) -> Server {
        let (mail, twilio) = (self.mail.url(), self.twilio.url(""));
        let settings = [
            ("ENGAGE_EMAIL__URL", mail.as_str()),
            ("ENGAGE_EMAIL__TEAM_INBOX", "team@desk.example"),
            ("ENGAGE_EMAIL__MANAGEMENT", "boss@desk.example"),
            ("ENGAGE_SMS__URL", &twilio),
            ("ENGAGE_SMS__ACCOUNT_SID", "AC00000000000000000000000000000001"),
            ("ENGAGE_SMS__AUTH_TOKEN", "a-token-of-twilio"),
            ("ENGAGE_SMS__FROM", "+15550100001"),
            ("ENGAGE_SMS__ON_CALL", "+15550100777"),
            ("ENGAGE_WEBHOOKS__ALLOW_PRIVATE_NETWORKS", "true"),
            ("ENGAGE_SERVER__PUBLIC_URL", "https://desk.example"),
        ];
        Server::with_staff_and(store, &[&settings, more].concat()).await
    }
}

/// Registers the receiver as an endpoint; its id and its secret.
async fn register(server: &Server, hooks: &HttpReceiver) -> (String, String) {
    let body = json!({"url": hooks.url("/hooks"), "description": "A test"});
    let answer = server.staff_post("/api/internal/webhooks", &body).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    (text(&answer.body["webhook"]["id"]), text(&answer.body["secret"]))
}

async fn notifications(server: &Server, query: &str) -> Value {
    server.staff_get(&format!("{STATUS}?{query}")).await.ok()
}

/// The one message that fits a query, once it has a status.
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

/// The form of a text message: to whom, and what.
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

async fn every_message_of_the_seed_walk_through_arrives_once(store: Store) {
    let world = World::new().await;
    let server = world.desk(store, &[]).await;
    register(&server, &world.hooks).await;

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
        let body: Value = serde_json::from_str(&call.body).unwrap();
        assert_eq!(body["type"], format!("case.{kind}"));
        assert_eq!(body["data"]["case"]["caseNumber"], number.as_str());
        assert_eq!(body["data"]["event"]["sequence"], sequence);
    }

    let seen = notifications(&server, &format!("caseNumber={number}&limit=100")).await;
    assert_eq!(seen["pagination"]["total"], 17);
    assert_eq!(seen["summary"]["byStatus"]["SENT"], 17);
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

async fn a_mail_server_that_is_busy_is_tried_again(store: Store) {
    let tries = Arc::new(AtomicUsize::new(0));
    let count = tries.clone();
    let mail = SmtpReceiver::answering(move |command| {
        let is_customer = command.contains("RCPT") && command.contains("john@example.com");
        (is_customer && count.fetch_add(1, Ordering::SeqCst) == 0)
            .then(|| "451 greylisted, come back".to_owned())
    })
    .await;
    let world = World { mail, ..World::new().await };
    let server = world.desk(store, &[]).await;
    let number = server.open(&case_with("urgency", "LOW")).await;
    let query = format!("caseNumber={number}&channel=EMAIL&status=PENDING");
    let waiting = once(&server, &query, "PENDING").await;
    let error = eventually_error(&server, &waiting).await;
    assert!(error.contains("451"), "{error}");
    assert_eq!(tries.load(Ordering::SeqCst), 1, "it waits half a minute");
    let team = world.mail.mails_once(1).await;
    assert_eq!(team[0].to(), "team@desk.example");
}

async fn eventually_error(server: &Server, message: &Value) -> String {
    let path = format!("/api/internal/notifications/{}", text(&message["id"]));
    eventually_seen("an error of the message", async || {
        let found = server.staff_get(&path).await.ok();
        found["notification"]["lastError"].as_str().map(str::to_owned)
    })
    .await
}

async fn an_address_that_is_refused_is_given_up_and_can_be_tried_again(store: Store) {
    let is_known = Arc::new(AtomicBool::new(false));
    let known = is_known.clone();
    let mail = SmtpReceiver::answering(move |command| {
        let is_customer = command.contains("RCPT") && command.contains("john@example.com");
        (is_customer && !known.load(Ordering::SeqCst)).then(|| "550 no such user here".to_owned())
    })
    .await;
    let world = World { mail, ..World::new().await };
    let mut server = world.desk(store, &[]).await;
    server.open(&case_with("urgency", "LOW")).await;
    let dead = once(&server, "status=DEAD", "DEAD").await;
    assert_eq!(dead["recipient"], "john@example.com");
    assert!(text(&dead["lastError"]).contains("550"), "{dead}");
    let health = server.get("/health").await.body;
    assert_eq!(health["components"]["notifications"], "healthy", "one bad address is no outage");

    let retry = format!("/api/internal/notifications/{}/retry", text(&dead["id"]));
    is_known.store(true, Ordering::SeqCst);
    let jane = server.token().to_owned();
    server.use_token(server.place().token("staff-456"));
    assert_eq!(server.staff_post(&retry, &json!({})).await.status, 403, "agents do not retry");
    server.use_token(jane);
    server.staff_post(&retry, &json!({})).await.ok();
    world.mail.mails_once(2).await;
    let path = format!("/api/internal/notifications/{}", text(&dead["id"]));
    eventually_status(&server, &path, "SENT").await;
    assert_eq!(server.staff_post(&retry, &json!({})).await.status, 409);
}

async fn eventually_status(server: &Server, path: &str, status: &str) -> Value {
    eventually_seen(&format!("{path} is {status}"), async || {
        let found = server.staff_get(path).await.ok();
        (found["notification"]["status"] == status).then_some(found)
    })
    .await
}

async fn a_mail_server_that_refuses_the_login_stops_the_channel_and_is_seen(store: Store) {
    let mail = SmtpReceiver::answering(|command| {
        command.starts_with("MAIL").then(|| "530 authentication required".to_owned())
    })
    .await;
    let world = World { mail, ..World::new().await };
    let server = world.desk(store, &[]).await;
    server.open(&case_with("urgency", "LOW")).await;
    let health = eventually_seen("a degraded service", async || {
        let health = server.get("/health").await.body;
        (health["status"] == "degraded").then_some(health)
    });
    assert_eq!(health.await["components"]["notifications"], "degraded");
    let seen = notifications(&server, "channel=EMAIL").await;
    let email = seen["channels"].as_array().unwrap().iter().find(|c| c["channel"] == "EMAIL");
    let email = email.unwrap();
    assert_eq!(email["state"], "STOPPED");
    assert!(text(&email["lastError"]).contains("530"), "{email}");
    eventually_seen("messages that wait with no attempt counted", async || {
        let seen = notifications(&server, "channel=EMAIL").await;
        let waiting = seen["notifications"].as_array().unwrap();
        waiting.iter().all(|message| message["attempts"] == 0).then_some(())
    })
    .await;
    let metrics = server.request(Method::GET, "/metrics").send().await.unwrap();
    let metrics = metrics.text().await.unwrap();
    assert!(metrics.contains(r#"engage_channel_stopped{channel="EMAIL"} 1"#), "{metrics}");
}

async fn an_endpoint_that_is_gone_is_disabled_and_can_be_replayed_to(store: Store) {
    let is_back = Arc::new(AtomicBool::new(false));
    let back = is_back.clone();
    let hooks = HttpReceiver::answering(move |_, _| {
        Some(status(if back.load(Ordering::SeqCst) { "204 No Content" } else { "410 Gone" }))
    })
    .await;
    let world = World { hooks, ..World::new().await };
    let server = world.desk(store, &[]).await;
    let (id, _) = register(&server, &world.hooks).await;
    server.open(&case_with("urgency", "LOW")).await;
    let dead = once(&server, "channel=WEBHOOK", "DEAD").await;
    let path = format!("/api/internal/webhooks/{id}");
    let endpoint = server.staff_get(&path).await.ok();
    assert_eq!(endpoint["webhook"]["state"], "DISABLED");
    assert!(text(&endpoint["webhook"]["disabledReason"]).contains("410"), "{endpoint}");

    is_back.store(true, Ordering::SeqCst);
    let enable = server.staff_request(Method::PATCH, &path);
    let enabled = Answer::to(enable.json(&json!({"enabled": true}))).await.ok();
    assert_eq!(enabled["webhook"]["state"], "ENABLED");
    let replay = json!({"since": text(&dead["createdAt"])});
    let replayed = server.staff_post(&format!("{path}/replay"), &replay).await.ok();
    assert_eq!(replayed["replayed"], 1);
    let calls = world.hooks.received_once(2).await;
    assert_eq!(calls[0].body, calls[1].body, "the same bytes");
    assert_eq!(calls[0].header("webhook-id"), calls[1].header("webhook-id"));
    once(&server, "channel=WEBHOOK", "SENT").await;
}

async fn a_number_that_wants_no_text_messages_gets_no_other(store: Store) {
    let twilio = HttpReceiver::answering(|_, _| Some(refused(21610, "400 Bad Request"))).await;
    let world = World { twilio, ..World::new().await };
    let server = world.desk(store, &[]).await;
    let first = server.open(&a_case()).await;
    let dead = once(&server, &format!("channel=SMS&caseNumber={first}"), "DEAD").await;
    assert!(text(&dead["lastError"]).contains("21610"), "{dead}");
    let second = server.open(&a_case()).await;
    once(&server, &format!("channel=SMS&caseNumber={second}"), "CANCELLED").await;
    assert_eq!(world.twilio.received().len(), 1);
}

async fn the_sms_service_reports_what_arrived(store: Store) {
    let world = World::new().await;
    let server = world.desk(store, &[]).await;
    server.open(&a_case()).await;
    let texts = world.twilio.received_once(1).await;
    let callback = form(&texts[0]).into_iter().find(|(name, _)| name == "StatusCallback");
    let (_, callback) = callback.unwrap();
    let callback = callback.replace("%3A", ":").replace("%2F", "/");
    let callback = callback.replace("%3F", "?").replace("%3D", "=");
    let path = callback.strip_prefix("https://desk.example").unwrap();
    once(&server, "channel=SMS", "SENT").await;
    let report = server
        .request(Method::POST, path)
        .header("content-type", "application/x-www-form-urlencoded")
        .header("X-Twilio-Signature", "bm90IHNpZ25lZA==")
        .body("MessageSid=SM1&MessageStatus=delivered");
    assert_eq!(Answer::to(report).await.status, 403, "anybody could say that");
    let sent = once(&server, "channel=SMS", "SENT").await;
    assert_eq!(sent["status"], "SENT");
}

async fn more_than_five_confirmations_an_hour_are_not_sent(store: Store) {
    let world = World::new().await;
    let server = world.desk(store, &[]).await;
    for _ in 0..7 {
        server.open(&case_with("urgency", "LOW")).await;
    }
    let cancelled = format!("{STATUS}?status=CANCELLED");
    eventually_seen("two confirmations that are not sent", async || {
        let found = server.staff_get(&cancelled).await.ok();
        (found["pagination"]["total"] == 2).then_some(())
    })
    .await;
    let mails = world.mail.mails_once(12).await;
    let to_customer = mails.iter().filter(|mail| mail.to() == "john@example.com").count();
    assert_eq!(to_customer, 5, "and seven to the team");
}

async fn events_of_a_case_arrive_in_order_though_the_first_fails(store: Store) {
    let order = Arc::new(Mutex::new(Vec::new()));
    let log = order.clone();
    let hooks = HttpReceiver::answering(move |received, _| {
        let body: Value = serde_json::from_str(&received.body).unwrap();
        let mut log = log.lock().unwrap();
        log.push(body["data"]["event"]["sequence"].as_u64().unwrap());
        Some(status(if log.len() == 1 { "500 Oops" } else { "200 OK" }))
    })
    .await;
    let world = World { hooks, ..World::new().await };
    let server = world.desk(store, &[]).await;
    register(&server, &world.hooks).await;
    let number = server.open(&case_with("urgency", "LOW")).await;
    world.hooks.received_once(1).await;
    server.update(&number, &json!({"message": "One."})).await.ok();
    server.update(&number, &json!({"message": "Two."})).await.ok();
    let four = eventually("four requests", || {
        let order = order.lock().unwrap().clone();
        (order.len() == 4).then_some(order)
    });
    assert_eq!(four.await, [1, 1, 2, 3]);
}

async fn a_server_that_is_killed_in_mid_delivery_delivers_after_its_restart(store: Store) {
    // The first request hangs, so that the server is killed while it waits for the answer.
    let hooks = HttpReceiver::answering(|_, place| (place > 0).then(|| status("200 OK"))).await;
    let world = World { hooks, ..World::new().await };
    let server = world.desk(store, &[]).await;
    register(&server, &world.hooks).await;
    let number = server.open(&case_with("urgency", "LOW")).await;
    world.hooks.received_once(1).await;
    let (place, token) = (server.place().clone(), server.token().to_owned());
    server.kill();
    let mut server = Server::start_in(&place, &[]).await;
    server.use_token(token);
    if matches!(store, Store::Postgres) {
        // There the claim of a dead dispatcher holds until its lease is over; others may live.
        let waiting = once(&server, "channel=WEBHOOK", "IN_FLIGHT").await;
        assert_eq!(waiting["caseNumber"], number.as_str());
        return;
    }
    let calls = world.hooks.received_once(2).await;
    assert_eq!(calls[0].body, calls[1].body);
    assert_eq!(calls[0].header("webhook-id"), calls[1].header("webhook-id"));
    once(&server, "channel=WEBHOOK", "SENT").await;
}

/// Alone on PostgreSQL: an embedded database has one server.
#[tokio::test]
async fn two_programs_that_only_dispatch_deliver_each_message_once() {
    let world = World::new().await;
    let server = world.desk(Store::Postgres, &[]).await;
    let (id, _) = register(&server, &world.hooks).await;
    let place = server.place().clone();
    let token = server.token().to_owned();
    drop(server);
    let mut server = Server::start_in(&place, &["--no-dispatch"]).await;
    server.use_token(token);
    let dispatchers: Vec<_> =
        (0..2).map(|_| place.command(&["dispatch"]).spawn().unwrap()).collect();
    for _ in 0..20 {
        server.open(&case_with("urgency", "LOW")).await;
    }
    let calls = world.hooks.received_once(20).await;
    let ids: std::collections::HashSet<_> = calls.iter().map(|c| c.header("webhook-id")).collect();
    assert_eq!(ids.len(), 20, "{id}");
    for mut dispatcher in dispatchers {
        let pid = dispatcher.id().to_string();
        let sent = std::process::Command::new("kill").args(["-TERM", &pid]).status().unwrap();
        assert!(sent.success());
        assert_eq!(dispatcher.wait().unwrap().code(), Some(0));
    }
}

/// Alone on SQLite: what a command says does not depend on the store.
#[tokio::test]
async fn endpoints_are_managed_by_commands_beside_a_running_server() {
    let world = World::new().await;
    let server = world.desk(Store::Sqlite, &[]).await;
    let place = server.place();
    let printed =
        place.run(&["webhook", "add", &world.hooks.url("/a"), "--events", "case.created"]);
    let printed = printed.ok();
    let (id, secret) = printed.trim_end().split_once('\t').unwrap();
    assert!(id.starts_with("whk_") && secret.starts_with("whsec_"), "{printed}");
    let listed = place.run(&["webhook", "list"]).ok();
    assert!(listed.contains(id) && listed.contains("case.created"), "{listed}");
    assert!(!listed.contains("whsec_"), "{listed}");
    let test = server.staff_post(&format!("/api/internal/webhooks/{id}/test"), &json!({})).await;
    test.ok();
    assert!(world.hooks.received_once(1).await[0].body.contains("webhook.test"));
    place.run(&["webhook", "remove", id]).ok();
    assert!(place.run(&["webhook", "remove", id]).refusal().contains(id));
}

/// Alone on SQLite: refused before anything is kept.
#[tokio::test]
async fn endpoints_inside_the_network_are_refused() {
    let server = Server::with_staff(Store::Sqlite).await;
    for url in [
        "http://example.com/hooks",
        "https://127.0.0.1/hooks",
        "https://localhost/hooks",
        "https://169.254.169.254/latest/meta-data",
        "https://[::ffff:10.0.0.1]/",
        "https://0x7f.1/",
        "https://user:password@example.com/",
    ] {
        let answer = server.staff_post("/api/internal/webhooks", &json!({"url": url})).await;
        assert_eq!(answer.status, 400, "{url}: {answer:?}");
        assert_eq!(answer.body["details"]["fields"][0]["field"], "url");
    }
    let none = server.staff_get("/api/internal/webhooks").await.ok();
    assert_eq!(none["webhooks"], json!([]));
}
