//! Secrets that are read from files of their own.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

use reqwest::Method;

use crate::support::{Server, Store, Workspace, send};

const TOKEN: &str = "Geheim-0123456789";

/// Writes a file with this mode into the folder of a workspace.
fn write(workspace: &Workspace, name: &str, content: &str, mode: u32) {
    let path = workspace.folder().join(name);
    fs::write(&path, content).unwrap();
    fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
}

#[tokio::test]
async fn a_server_uses_a_secret_from_a_file_and_shows_it_nowhere() {
    let workspace = Workspace::with(&[("ENGAGE_METRICS__TOKEN_FILE", "token")]);
    write(&workspace, "token", &format!("{TOKEN}\n"), 0o600);
    let shown = workspace.run(&["check-config"]).ok();
    assert!(shown.contains("\nmetrics.token = (from file token)\n"), "{shown}");
    assert!(!shown.contains("Geheim"), "{shown}");
    let server = Server::start_in(&workspace, &[]).await;
    let metrics = || server.request(Method::GET, "/metrics");
    assert_eq!(send(metrics()).await.status, 401);
    assert_eq!(send(metrics().bearer_auth(TOKEN)).await.status, 200);
    let log = server.log().join("\n");
    assert!(!log.contains("Geheim") && !log.contains("others can read token"), "{log}");
}

#[tokio::test]
async fn a_secret_that_others_can_read_is_warned_of() {
    let workspace = Workspace::with(&[("ENGAGE_METRICS__TOKEN_FILE", "token")]);
    write(&workspace, "token", TOKEN, 0o644);
    let server = Server::start_in(&workspace, &[]).await;
    let warning = "others can read token (mode 644); change its mode to 600";
    assert!(server.log().iter().any(|line| line.contains(warning)), "{:?}", server.log());
}

#[tokio::test]
async fn servers_on_postgresql_share_a_secret_and_a_database_from_files() {
    let given = Store::Postgres.workspace().await;
    let workspace = Workspace::with(&[
        ("ENGAGE_DATABASE__URL_FILE", "database"),
        ("ENGAGE_SERVER__SECRET_FILE", "secret"),
    ]);
    write(&workspace, "database", &given.database_url(), 0o600);
    write(&workspace, "secret", "a secret that nobody else can guess", 0o600);
    let server = Server::start_in(&workspace, &[]).await;
    server.get("/health/ready").await.ok();
    assert!(!workspace.folder().join("var/secret").exists());
}

#[test]
fn problems_with_files_of_secrets_are_reported_together() {
    let workspace = Workspace::with(&[
        ("ENGAGE_METRICS__TOKEN_FILE", "missing"),
        ("ENGAGE_SMS__AUTH_TOKEN_FILE", "empty"),
        ("ENGAGE_EMAIL__URL_FILE", "mail"),
        ("ENGAGE_EMAIL__URL", "smtps://user:Geheim@mail.example"),
    ]);
    write(&workspace, "empty", "", 0o600);
    let run = workspace.run(&["check-config"]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(78), ""), "{run:?}");
    for told in [
        "- metrics.token_file (ENGAGE_METRICS__TOKEN_FILE): cannot read missing: ",
        "- sms.auth_token_file (ENGAGE_SMS__AUTH_TOKEN_FILE): empty must not be empty",
        "- email.url_file (ENGAGE_EMAIL__URL_FILE): email.url (ENGAGE_EMAIL__URL) is set, too; ",
    ] {
        assert!(run.stderr.contains(told), "{told}: {run:?}");
    }
    assert!(!run.stderr.contains("Geheim"), "{run:?}");
}
