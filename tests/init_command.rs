//! The command that prepares a new installation.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::support::{Server, Workspace};

const OPTIONS: [&str; 6] = [
    "--public-url",
    "https://support.example.com",
    "--admin-name",
    "Jane \"JJ\" Smith",
    "--admin-email",
    "jane@example.com",
];

#[tokio::test]
async fn a_new_installation_has_settings_tables_and_an_administrator() {
    let workspace = Workspace::new();
    let printed = workspace.run(&[&["init"][..], &OPTIONS].concat()).ok();
    let token = printed.lines().find_map(|line| line.strip_prefix("    ")).unwrap();
    assert!(!token.is_empty() && !token.contains(char::is_whitespace), "{printed}");

    let file = workspace.folder().join("engage.toml");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let text = fs::read_to_string(&file).unwrap();
    assert!(!text.contains(token), "{text}");
    let shown = workspace.run(&["check-config"]).ok();
    for line in [
        "server.public_url = https://support.example.com",
        "server.secret = (hidden)",
        "customers.access = token",
        "email.team_inbox = jane@example.com",
    ] {
        assert!(shown.lines().any(|shown| shown == line), "{line}: {shown}");
    }
    let listed = workspace.run(&["staff", "list"]).ok();
    assert!(listed.contains("\tADMIN\tactive\tJane \"JJ\" Smith\tjane@example.com"), "{listed}");

    let mut server = Server::start_in(&workspace, &[]).await;
    server.use_token(token.to_owned());
    assert_eq!(server.staff_get("/api/internal/support/cases").await.status, 200);
}

#[test]
fn nothing_is_overwritten() {
    let workspace = Workspace::new();
    let file = workspace.folder().join("engage.toml");
    fs::write(&file, "# mine\n").unwrap();
    let ran = workspace.run(&[&["init"][..], &OPTIONS].concat());
    assert_eq!(ran.code, Some(73), "{ran:?}");
    assert!(ran.refusal().contains("engage.toml exists already"));
    assert_eq!(fs::read_to_string(&file).unwrap(), "# mine\n");
    assert!(!workspace.folder().join("var").exists());
}

#[test]
fn missing_options_are_listed_without_a_terminal() {
    let workspace = Workspace::new();
    let ran = workspace.run(&["init", "--dir", "desk", "--admin-name", "Jane Smith"]);
    assert_eq!(ran.code, Some(64), "{ran:?}");
    let refusal = ran.refusal();
    assert!(refusal.ends_with("needs --public-url, --admin-email"), "{refusal}");
    assert!(!workspace.folder().join("desk").exists());
}

#[test]
fn a_failed_attempt_leaves_no_settings_behind() {
    let workspace = Workspace::new();
    let attempt = |database: &str| {
        let more = ["init", "--dir", "desk", "--non-interactive", "--database", database];
        workspace.run(&[&more[..], &OPTIONS].concat())
    };
    let ran = attempt("sqlite:///proc/none/x.db");
    assert_eq!(ran.code, Some(73), "{ran:?}");
    assert!(ran.refusal().contains("/proc/none"));
    assert!(!workspace.folder().join("desk/engage.toml").exists());
    attempt("sqlite://data/x.db").ok();
    assert!(workspace.folder().join("desk/data/x.db").is_file());
    assert_eq!(attempt("oracle://x").code, Some(64));
}
