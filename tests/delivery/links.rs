//! The links from e-mails to the page of a case.

use serde_json::{Value, json};

use super::{World, register};
use crate::support::{Dispatcher, Mail, Response, Server, Store, a_case, on_both_stores};

on_both_stores! {
    only_the_customer_gets_a_link
    a_link_shows_the_case_if_a_token_is_required
    after_a_revocation_the_next_email_has_a_valid_link
    a_link_from_another_process_with_the_same_secret_works
}

/// Returns the fragment of the link in an e-mail, after the mark: the number of the case and a token.
fn linked(mail: &Mail, page: &str) -> Value {
    let link = mail.text.lines().find(|line| line.starts_with("http") && line.contains('#'));
    let link = link.unwrap_or_else(|| panic!("no link in {}", mail.text));
    assert!(mail.html.contains(&format!("href=\"{link}\"")), "{}", mail.html);
    let rest = link.strip_prefix(page).and_then(|rest| rest.strip_prefix("/support?mark="));
    let (mark, fragment) = rest.and_then(|rest| rest.split_once('#')).expect("a mark");
    assert_eq!(mark.len(), 22, "{link}");
    let (number, token) = fragment.split_once('/').expect("a link");
    json!({"caseNumber": number, "accessToken": token})
}

/// Returns the newest e-mail to the customer.
fn to_customer(mails: &[Mail]) -> &Mail {
    mails.iter().rfind(|mail| mail.to() == "john@example.com").expect("an e-mail to the customer")
}

async fn look_up(server: &Server, shown: &Value) -> Response {
    server.post("/api/support/case/status", shown).await
}

async fn asking_for_tokens(store: Store) -> Server {
    Server::with_staff_and(store, &[("ENGAGE_CUSTOMERS__ACCESS", "token")]).await
}

async fn only_the_customer_gets_a_link(store: Store) {
    let world = World::new().await;
    let server = world.start_server(store, &[]).await;
    register(&server, &world.hooks).await;
    let number = server.open(&a_case()).await;
    server.assign(&number, &json!({"staffId": "staff-456"})).await.ok();
    server.update(&number, &json!({"message": "We found it."})).await.ok();

    let mails = world.mail.mails_once(5).await;
    for mail in &mails {
        let is_customers = mail.to() == "john@example.com";
        for part in [&mail.text, &mail.html] {
            let has_link = part.contains("https://desk.example/support?mark=");
            assert_eq!((has_link, part.contains("cat_")), (is_customers, is_customers), "{part}");
        }
    }
    assert_eq!(mails.iter().filter(|mail| mail.to() == "john@example.com").count(), 2);
    let calls = world.hooks.received_once(3).await;
    let texts = world.twilio.received_once(1).await;
    for sent in calls.iter().chain(&texts) {
        assert!(!sent.body.contains("cat_"), "{}", sent.body);
    }
    let details = server.details(&number).await.to_string();
    assert!(!details.contains("cat_"), "{details}");
}

async fn a_link_shows_the_case_if_a_token_is_required(store: Store) {
    let server = asking_for_tokens(store).await;
    let number = server.open(&a_case()).await;
    let page = format!("http://{}", server.address());
    let shown = linked(to_customer(&server.mails_once(2).await), &page);
    assert_eq!(shown["caseNumber"], number.as_str());
    assert_eq!(look_up(&server, &shown).await.ok()["case"]["status"], "OPEN");

    server.update(&number, &json!({"message": "Found it."})).await.ok();
    let shown = linked(to_customer(&server.mails_once(4).await), &page);
    look_up(&server, &shown).await.ok();
    let log = server.log().join("\n");
    assert!(!log.contains("cat_"), "{log}");
}

async fn after_a_revocation_the_next_email_has_a_valid_link(store: Store) {
    let server = asking_for_tokens(store).await;
    let number = server.open(&a_case()).await;
    let page = format!("http://{}", server.address());
    let earlier = linked(to_customer(&server.mails_once(2).await), &page);
    let rotate = format!("/api/internal/support/case/{number}/access/rotate");
    server.staff_post(&rotate, &json!({})).await.ok();
    look_up(&server, &earlier).await.refused(404, "CASE_NOT_FOUND");
    server.update(&number, &json!({"message": "Found it."})).await.ok();
    let shown = linked(to_customer(&server.mails_once(4).await), &page);
    look_up(&server, &shown).await.ok();
}

async fn a_link_from_another_process_with_the_same_secret_works(store: Store) {
    let server = asking_for_tokens(store).await;
    let (workspace, token) = (server.workspace().clone(), server.token().to_owned());
    drop(server);
    workspace.set("ENGAGE_SERVER__PUBLIC_URL", "https://desk.example/help/");
    let mut server = Server::start_in(&workspace, &["--no-dispatch"]).await;
    server.use_token(token);
    server.open(&a_case()).await;
    // An embedded database allows one process at a time.
    let server = if matches!(store, Store::Sqlite) {
        drop(server);
        None
    } else {
        Some(server)
    };
    let dispatcher = Dispatcher::start(&workspace);
    let mails =
        crate::support::eventually_all(2, "e-mails", || Mail::all_in(&workspace.mail_folder()));
    let shown = linked(to_customer(&mails.await), "https://desk.example/help");
    assert_eq!(dispatcher.stop().await, Some(0));
    let server = match server {
        Some(server) => server,
        None => Server::start_in(&workspace, &[]).await,
    };
    look_up(&server, &shown).await.ok();
}
