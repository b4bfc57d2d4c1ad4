//! How customers show that a case is theirs.

use std::os::unix::fs::PermissionsExt;

use crate::support::{Place, Server, Store, a_case, on_both_stores};

on_both_stores! {
    who_opens_a_case_gets_a_token_for_it
}

async fn who_opens_a_case_gets_a_token_for_it(store: Store) {
    let server = Server::start(store).await;
    let one = server.post("/api/support/case", &a_case()).await.ok();
    let other = server.post("/api/support/case", &a_case()).await.ok();
    let token = one["accessToken"].as_str().unwrap();
    assert!(token.starts_with("cat_") && token.len() == 58, "{token}");
    assert_ne!(one["accessToken"], other["accessToken"]);
    let log = server.log().join("\n");
    assert!(!log.contains(&token[4..]), "{log}");
}

#[tokio::test]
async fn a_secret_is_made_at_the_first_start_on_sqlite_and_kept() {
    let place = Place::new();
    let path = place.folder().join("var/secret");
    drop(Server::start_in(&place, &[]).await);
    let secret = std::fs::read_to_string(&path).unwrap();
    assert!(secret.trim().len() >= 64, "{} characters", secret.len());
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let server = Server::start_in(&place, &[]).await;
    assert_eq!(std::fs::read_to_string(&path).unwrap(), secret);
    assert!(!server.log().join("\n").contains(secret.trim()));
}

#[tokio::test]
async fn a_secret_that_is_set_is_not_kept_in_a_file_nor_shown() {
    let place = Place::new();
    place.set("ENGAGE_SERVER__SECRET", "geheim-geheim-geheim-geheim-geheim");
    let shown = place.run(&["check-config"]).ok();
    assert!(!shown.contains("geheim"), "{shown}");
    let server = Server::start_in(&place, &[]).await;
    assert!(!place.folder().join("var/secret").exists());
    assert!(!server.log().join("\n").contains("geheim"));
}

#[tokio::test]
async fn a_file_without_a_secret_stops_the_start() {
    let place = Place::new();
    std::fs::create_dir(place.folder().join("var")).unwrap();
    std::fs::write(place.folder().join("var/secret"), "").unwrap();
    let refusal = place.run(&["serve"]).refusal();
    assert!(refusal.contains("server.secret_file"), "{refusal}");
}
