//! Participants who leave a case from their mail program.

use reqwest::Method;
use reqwest::header::CONTENT_TYPE;
use serde_json::json;

use super::OpenCase;
use crate::support::{
    Mail, Response, Server, SmtpReceiver, Store, eventually_seen, on_both_stores, send,
};

on_both_stores! {
    a_mail_program_ends_the_participation_once
    a_page_asks_before_it_ends_the_participation
    other_emails_have_no_such_link_and_other_tokens_end_nothing
    without_https_no_email_has_a_link_to_unsubscribe
}

const ANN: &str = "ann@x.example";
const DESK: &str = "https://desk.example";
const PAGE: &str = "/support/unsubscribe";
const FORM: &str = "application/x-www-form-urlencoded";
const ONE_CLICK: &str = "List-Unsubscribe=One-Click";

/// A server at a public URL with a mail server, and an answered case in which Ann takes part.
struct World {
    mail: SmtpReceiver,
    server: Server,
    case: OpenCase,
    ann: String,
}

impl World {
    async fn new(store: Store, public_url: &str) -> Self {
        let mail = SmtpReceiver::start().await;
        let settings = [
            ("ENGAGE_SERVER__PUBLIC_URL", public_url),
            ("ENGAGE_EMAIL__URL", &mail.url()),
            ("ENGAGE_EMAIL__FROM", "Support <support@desk.example>"),
        ];
        let server = Server::with_staff_and(store, &settings).await;
        let case = OpenCase::open(&server).await;
        server.update(&case.number, &json!({"message": "Please sign in."})).await.ok();
        let ann = case.add(&server, ANN, "START").await;
        Self { mail, server, case, ann }
    }

    /// Waits for an e-mail to Ann that contains a text.
    async fn to_ann(&self, text: &str) -> Mail {
        eventually_seen("an e-mail to the participant", async || {
            let mails = self.mail.mails().into_iter();
            mails.filter(|mail| mail.to() == ANN).find(|mail| mail.text.contains(text))
        })
        .await
    }

    /// Returns the path and the query of the link in an e-mail, which starts with the public URL.
    async fn link(&self) -> String {
        let invitation = self.to_ann("added you").await;
        assert_eq!(invitation.header("List-Unsubscribe-Post"), ONE_CLICK);
        let link = invitation.header("List-Unsubscribe");
        let link = link.strip_prefix('<').and_then(|link| link.strip_suffix('>')).unwrap();
        link.strip_prefix(DESK).unwrap().to_owned()
    }

    async fn post(&self, link: &str, kind: &str, body: &str) -> crate::support::Exchange {
        let request = self.server.request(Method::POST, link).header(CONTENT_TYPE, kind);
        send(request.body(body.to_owned())).await
    }

    async fn state(&self) -> String {
        let listed = self.server.staff_get(&self.case.path()).await.ok();
        listed["participants"][0]["state"].as_str().unwrap().to_owned()
    }

    async fn version(&self) -> u64 {
        self.server.details(&self.case.number).await["case"]["version"].as_u64().unwrap()
    }
}

async fn a_mail_program_ends_the_participation_once(store: Store) {
    let world = World::new(store, DESK).await;
    let link = world.link().await;
    world.server.update(&world.case.number, &json!({"message": "Is it better?"})).await.ok();
    let update = world.to_ann("Is it better?").await;
    assert_eq!(update.header("List-Unsubscribe"), format!("<{DESK}{link}>"), "always the same");

    assert_eq!(world.post(&link, FORM, ONE_CLICK).await.status, 200);
    assert_eq!(world.state().await, "LEFT");
    let version = world.version().await;
    let part = "--x\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\n\
        One-Click\r\n--x--\r\n";
    let again = world.post(&link, "multipart/form-data; boundary=x", part).await;
    assert_eq!((again.status, world.version().await), (200, version));

    // It is a change of the participant's own, and ends what they are told.
    let path = format!("/api/internal/support/case/{}/history", world.case.number);
    let history = world.server.staff_get(&path).await.ok().to_string();
    assert!(history.contains("\"kind\":\"PARTICIPANT\""), "{history}");
    world.server.update(&world.case.number, &json!({"message": "Goodbye."})).await.ok();
    eventually_seen("an e-mail to the customer", async || {
        let mails = world.mail.mails().into_iter();
        mails.filter(|mail| mail.to() != ANN).find(|mail| mail.text.contains("Goodbye."))
    })
    .await;
    let told = world.mail.mails().into_iter().filter(|mail| mail.to() == ANN).count();
    assert_eq!(told, 2);

    // Somebody who was removed no longer takes part either.
    let path = format!("{}/{}", world.case.path(), world.ann);
    Response::to(world.server.staff_request(Method::DELETE, &path)).await.ok();
    assert_eq!(world.post(&link, FORM, ONE_CLICK).await.status, 200);
}

async fn a_page_asks_before_it_ends_the_participation(store: Store) {
    let world = World::new(store, DESK).await;
    let link = world.link().await;
    let page = send(world.server.request(Method::GET, &link)).await;
    assert_eq!((page.status, world.state().await.as_str()), (200, "ACTIVE"));
    let policy = page.headers["content-security-policy"].to_str().unwrap().to_owned();
    assert!(
        policy.contains("form-action 'self'") && policy.contains("default-src 'none'"),
        "{policy}"
    );
    assert_eq!(page.headers["cache-control"], "no-store");
    let text = page.text();
    assert!(text.contains("<form method=\"post\">") && !text.contains("<script"), "{text}");
    assert!(text.contains("name=\"List-Unsubscribe\" value=\"One-Click\""), "{text}");

    // The button, pressed on the page.
    let request = world.server.request(Method::POST, &link).header(CONTENT_TYPE, FORM);
    let pressed = send(request.header("Origin", DESK).body(ONE_CLICK)).await;
    assert_eq!((pressed.status, world.state().await.as_str()), (200, "LEFT"));
    assert!(pressed.text().contains("left this case"));
}

async fn other_emails_have_no_such_link_and_other_tokens_end_nothing(store: Store) {
    let world = World::new(store, DESK).await;
    let link = world.link().await;
    for mail in world.mail.mails() {
        let has_link = mail.headers.iter().any(|(name, _)| name.starts_with("List-Unsubscribe"));
        assert_eq!(has_link, mail.to() == ANN, "{mail:#?}");
    }
    // The token opens nothing.
    let token = link.rsplit('=').next().unwrap().to_owned();
    assert!(token.starts_with("cau_"), "{token}");
    for path in ["status", "participants/leave", "reply"] {
        let body = world.case.with(&token, &json!({"message": "Hi."}));
        let body = if path == "reply" { body } else { world.case.with(&token, &json!({})) };
        let refused = world.server.post(&format!("/api/support/case/{path}"), &body).await;
        refused.refused(404, "CASE_NOT_FOUND");
    }
    // Neither an access token nor that of another case ends the participation.
    let other = OpenCase::open(&world.server).await;
    for (number, token) in [
        (&world.case.number, &world.case.token),
        (&other.number, &token),
        (&world.case.number, &"cau_AAAA".to_owned()),
    ] {
        let link = format!("{PAGE}?caseNumber={number}&token={token}");
        let refused = world.post(&link, FORM, ONE_CLICK).await;
        assert_eq!(
            (refused.status, refused.json()["code"].clone()),
            (404, json!("CASE_NOT_FOUND"))
        );
    }
    // A request must be deliberate.
    for (kind, body, status) in
        [(FORM, "", 400), (FORM, "List-Unsubscribe=Two", 400), ("application/json", "{}", 415)]
    {
        assert_eq!(world.post(&link, kind, body).await.status, status, "{kind} {body}");
    }
    for query in ["", "?caseNumber=CW-2025-001", "?token=cau_AAAA"] {
        assert_eq!(
            world.post(&format!("{PAGE}{query}"), FORM, ONE_CLICK).await.status,
            400,
            "{query}"
        );
    }
    let request = world.server.request(Method::POST, &link).header(CONTENT_TYPE, FORM);
    let foreign = send(request.header("Origin", "https://evil.example").body(ONE_CLICK)).await;
    assert_eq!((foreign.status, world.state().await.as_str()), (403, "ACTIVE"));
    assert!(!world.server.log().join("\n").contains(&token));
}

async fn without_https_no_email_has_a_link_to_unsubscribe(store: Store) {
    let world = World::new(store, "http://desk.example").await;
    let invitation = world.to_ann("added you").await;
    let names = invitation.headers.iter().map(|(name, _)| name.as_str());
    assert!(names.into_iter().all(|name| !name.starts_with("List-")), "{invitation:#?}");
}
