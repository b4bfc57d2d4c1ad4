//! Access codes by e-mail, for customers without an access token.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};

use super::{World, eventually_status, notifications, text};
use crate::support::{
    Mail, Response, Server, SmtpReceiver, Store, a_case, case_with, eventually, eventually_seen,
    on_both_stores,
};

on_both_stores! {
    a_code_grants_one_token_and_revokes_earlier_ones
    requesting_a_code_reveals_nothing_about_the_case
    a_code_can_be_tried_five_times
    every_invalid_code_is_refused_in_the_same_way
    staff_see_that_a_code_was_sent_but_not_the_code
    an_expired_code_is_not_sent
}

const ASK: &str = "/api/support/case/access";
const REDEEM: &str = "/api/support/case/access/redeem";

async fn asking_for_tokens(store: Store) -> Server {
    Server::with_staff_and(store, &[("ENGAGE_CUSTOMERS__ACCESS", "token")]).await
}

/// Opens a case, and returns its number and its token.
async fn open(server: &Server, case: &Value) -> (String, String) {
    let response = server.post("/api/support/case", case).await.ok();
    (text(&response["caseNumber"]).to_owned(), text(&response["accessToken"]).to_owned())
}

async fn ask(server: &Server, number: &str, email: &str) -> Response {
    server.post(ASK, &json!({"caseNumber": number, "email": email})).await
}

async fn redeem(server: &Server, number: &str, email: &str, code: &str) -> Response {
    server.post(REDEEM, &json!({"caseNumber": number, "email": email, "code": code})).await
}

fn codes_in(mails: &[Mail]) -> Vec<String> {
    let is_code = |line: &&str| line.len() == 9 && line.as_bytes()[4] == b'-';
    let code = |mail: &Mail| mail.text.lines().find(is_code).expect("a code").to_owned();
    mails.iter().filter(|mail| mail.text.starts_with("Your access code")).map(code).collect()
}

/// Waits for the e-mail with the code, and returns the code.
async fn the_code(server: &Server) -> String {
    eventually("a code", || {
        let codes = codes_in(&server.mails());
        assert!(codes.len() <= 1, "{codes:?}");
        codes.into_iter().next()
    })
    .await
}

async fn look_up(server: &Server, number: &str, token: &str) -> Response {
    let body = json!({"caseNumber": number, "accessToken": token});
    server.post("/api/support/case/status", &body).await
}

async fn a_code_grants_one_token_and_revokes_earlier_ones(store: Store) {
    let server = asking_for_tokens(store).await;
    let (number, first) = open(&server, &a_case()).await;
    look_up(&server, &number, &first).await.ok();
    ask(&server, &number.to_lowercase(), "JOHN@example.com").await.ok();
    let code = the_code(&server).await;
    let mails = server.mails();
    let mail = mails.iter().find(|mail| mail.text.contains(&code)).unwrap();
    assert_eq!((mail.to(), mail.number()), ("john@example.com", number.as_str()));
    assert!(mail.html.contains(&code) && !mail.html.contains("cat_"), "{}", mail.html);
    assert!(!mail.subject().contains(&code), "it shows on locked screens");

    let typed = code.to_lowercase().replace('-', " ");
    let response = redeem(&server, &number, "john@example.com", &typed).await.ok();
    assert_eq!(response["caseNumber"], number.as_str());
    let second = text(&response["accessToken"]);
    look_up(&server, &number, second).await.ok();
    look_up(&server, &number, &first).await.refused(404, "CASE_NOT_FOUND");
    let again = redeem(&server, &number, "john@example.com", &code).await;
    assert_eq!(again.header("www-authenticate"), Some("Bearer"));
    assert_eq!(again.refused(401, "ACCESS_CODE_INVALID"), json!({}));
    let log = server.log().join("\n");
    assert!(!log.contains(&code) && !log.contains("cat_"), "{log}");
}

async fn requesting_a_code_reveals_nothing_about_the_case(store: Store) {
    let server = asking_for_tokens(store).await;
    let (number, _) = open(&server, &a_case()).await;
    let (other, _) = open(&server, &case_with("email", "jane@example.com")).await;
    let mut responses = Vec::new();
    for (number, email) in [
        (&*number, "jane@example.com"),
        (&*other, "john@example.com"),
        ("CW-2025-999", "john@example.com"),
        ("nonsense", "john@example.com"),
        // The valid request comes last, so that its e-mail comes after any that the others would
        // cause.
        (&*number, "john@example.com"),
    ] {
        responses.push(ask(&server, number, email).await.ok());
    }
    assert!(responses.iter().all(|response| *response == responses[0]), "{responses:?}");
    the_code(&server).await;
    // A second code so soon after the first is not created, and the response does not reveal that.
    assert_eq!(ask(&server, &number, "john@example.com").await.ok(), responses[0]);
    ask(&server, &other, "jane@example.com").await.ok();
    let codes = eventually("the other code", || {
        let codes = codes_in(&server.mails());
        (codes.len() > 1).then_some(codes)
    });
    assert_eq!(codes.await.len(), 2);
    for body in [json!({}), json!({"caseNumber": 5}), json!({"caseNumber": number, "email": "x"})] {
        assert_eq!(server.post(ASK, &body).await.status, 400, "{body}");
    }
    let missing = server.post(REDEEM, &json!({})).await.invalid_fields();
    assert_eq!(missing, ["caseNumber", "email", "code"]);
}

async fn a_code_can_be_tried_five_times(store: Store) {
    let server = asking_for_tokens(store).await;
    let (number, token) = open(&server, &a_case()).await;
    ask(&server, &number, "john@example.com").await.ok();
    let code = the_code(&server).await;
    for _ in 0..5 {
        // An invalid format or another address does not count as an attempt.
        redeem(&server, &number, "john@example.com", "?").await.refused(401, "ACCESS_CODE_INVALID");
        redeem(&server, &number, "jane@example.com", &code)
            .await
            .refused(401, "ACCESS_CODE_INVALID");
    }
    let wrong = if code == "0000-0000" { "1111-1111" } else { "0000-0000" };
    for _ in 0..5 {
        redeem(&server, &number, "john@example.com", wrong)
            .await
            .refused(401, "ACCESS_CODE_INVALID");
    }
    redeem(&server, &number, "john@example.com", &code).await.refused(401, "ACCESS_CODE_INVALID");
    look_up(&server, &number, &token).await.ok();
}

async fn every_invalid_code_is_refused_in_the_same_way(store: Store) {
    let server = asking_for_tokens(store).await;
    let (number, _) = open(&server, &a_case()).await;
    let mut responses = Vec::new();
    for (number, email, code) in [
        (&*number, "john@example.com", "0000-0000"),
        (&*number, "jane@example.com", "0000-0000"),
        ("CW-2025-999", "john@example.com", "0000-0000"),
        ("nonsense", "john@example.com", "0000-0000"),
        (&*number, "john@example.com", "nonsense"),
    ] {
        let response = redeem(&server, number, email, code).await;
        responses.push(response.body.clone());
        response.refused(401, "ACCESS_CODE_INVALID");
    }
    assert!(responses.iter().all(|response| *response == responses[0]), "{responses:?}");
}

async fn staff_see_that_a_code_was_sent_but_not_the_code(store: Store) {
    let world = World::new().await;
    let server = world.start_server(store, &[]).await;
    let number = server.open(&case_with("urgency", "LOW")).await;
    ask(&server, &number, "john@example.com").await.ok();
    let mails = world.mail.mails_once(3).await;
    let codes = codes_in(&mails);
    let [code] = &codes[..] else { panic!("{codes:?}") };
    let seen = eventually_seen("three sent notifications", async || {
        let seen = notifications(&server, &format!("caseNumber={number}")).await;
        (seen["summary"]["byStatus"]["SENT"] == 3).then_some(seen)
    })
    .await;
    let list = seen["notifications"].as_array().unwrap();
    let one = list.iter().find(|one| one["template"] == "case-access-customer").unwrap();
    assert_eq!((&one["recipient"], &one["channel"]), (&json!("john@example.com"), &json!("EMAIL")));
    for shown in [seen.to_string(), server.details(&number).await.to_string()] {
        assert!(!shown.contains(code), "{shown}");
    }
}

async fn an_expired_code_is_not_sent(store: Store) {
    let is_busy = Arc::new(AtomicBool::new(true));
    let busy = is_busy.clone();
    let mail = SmtpReceiver::responding(move |command| {
        let is_customer = command.contains("RCPT") && command.contains("john@example.com");
        (is_customer && busy.load(Ordering::SeqCst)).then(|| "451 4.7.1 Greylisted".to_owned())
    })
    .await;
    let world = World { mail, ..World::new().await };
    let server = world.start_server(store, &[]).await;
    let number = server.open(&case_with("urgency", "LOW")).await;
    ask(&server, &number, "john@example.com").await.ok();
    let tried = eventually_seen("a code waiting for a retry", async || {
        let seen = notifications(&server, &format!("caseNumber={number}&status=PENDING")).await;
        let list = seen["notifications"].as_array().unwrap();
        let is_code = |one: &&Value| one["template"] == "case-access-customer";
        list.iter().find(is_code).filter(|one| one["attempts"] == 1).cloned()
    })
    .await;
    is_busy.store(false, Ordering::SeqCst);
    let past = store.hours_ago(1);
    let late = format!(
        "UPDATE notifications SET due_at = {past}, expires_at = {past} \
         WHERE template = 'case-access-customer'"
    );
    store.execute(server.workspace(), &late).await;
    let path = format!("/api/internal/notifications/{}", text(&tried["id"]));
    let ended = eventually_status(&server, &path, "CANCELLED").await;
    assert_eq!(ended["notification"]["lastError"], "expired");
    assert_eq!(codes_in(&world.mail.mails()), Vec::<String>::new());
}
