//! Commands for operators: health, completions, manual pages, lists as JSON; exit codes.

use std::net::TcpListener;

use serde_json::{Value, json};

use crate::support::{Server, Store, Workspace};

#[tokio::test]
async fn a_ready_server_is_reported_in_one_line() {
    let server = Server::start(Store::Sqlite).await;
    let address = server.address().to_string();
    let told = format!("http://{address} is ready.\n");
    let elsewhere = Workspace::new();
    assert_eq!(elsewhere.run(&["health", "--url", &format!("http://{address}/")]).ok(), told);
    elsewhere.set("ENGAGE_SERVER__BIND", &address);
    assert_eq!(elsewhere.run(&["health"]).ok(), told);
    // Whatever serves the health there.
    elsewhere
        .set_all(&[("ENGAGE_SERVER__BIND", "127.0.0.1:1"), ("ENGAGE_DISPATCH__BIND", &address)]);
    assert_eq!(elsewhere.run(&["health", "--dispatcher"]).ok(), told);
}

#[tokio::test]
async fn a_server_that_is_not_ready_is_a_failure() {
    let server = Server::start(Store::Sqlite).await;
    let url = format!("http://{}", server.address());
    // No path of the server.
    let refusal = server.workspace().run(&["health", "--url", &format!("{url}/desk")]).refusal();
    assert!(refusal.contains(&url) && refusal.contains("404"), "{refusal}");
    // No server listens there.
    let url = "http://127.0.0.1:1";
    let refusal = server.workspace().run(&["health", "--url", url]).refusal();
    assert!(refusal.contains(url) && refusal.contains("does not respond"), "{refusal}");
}

#[test]
fn an_unknown_address_is_asked_for() {
    // Port 0 in the settings.
    let workspace = Workspace::new();
    let refusal = workspace.run(&["health"]).refusal();
    assert!(refusal.contains("server.bind") && refusal.contains("--url"), "{refusal}");
    let refusal = workspace.run(&["health", "--dispatcher"]).refusal();
    assert!(refusal.contains("dispatch.bind is not set"), "{refusal}");
    let refused = workspace.run(&["health", "--url", "https://support.example"]);
    assert!(refused.code != Some(0) && refused.stderr.contains("--url"), "{refused:?}");
}

#[test]
fn completions_and_manual_pages_name_every_command() {
    let workspace = Workspace::new();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = workspace.run(&["completions", shell]).ok();
        assert!(script.contains("check-config") && script.contains("--no-dispatch"), "{shell}");
    }
    assert_ne!(workspace.run(&["completions", "cmd"]).code, Some(0));
    // The page escapes hyphens.
    let page = workspace.run(&["man"]).ok().replace('\\', "");
    assert!(page.contains(".TH ") && page.contains("engage-check-config(1)"), "{page}");
    workspace.run(&["man", "share/man1"]).ok();
    for page in ["engage.1", "engage-serve.1", "engage-staff-add.1"] {
        let text = std::fs::read_to_string(workspace.folder().join("share/man1").join(page));
        assert!(text.unwrap().contains(".SH SYNOPSIS"), "{page}");
    }
}

#[test]
fn completions_need_no_valid_settings() {
    let workspace = Workspace::with(&[("ENGAGE_SERVER__BIND", "nowhere")]);
    assert!(workspace.run(&["completions", "bash"]).ok().contains("engage"));
    assert!(workspace.run(&["man"]).ok().contains("engage"));
}

#[test]
fn members_are_listed_as_json_with_the_names_of_the_api() {
    let workspace = Workspace::new();
    assert_eq!(workspace.run(&["staff", "list", "--json"]).ok(), "[]\n");
    workspace.add_staff();
    workspace.run(&["staff", "deactivate", "staff-456"]).ok();
    let listed: Value =
        serde_json::from_str(&workspace.run(&["staff", "list", "--json"]).ok()).unwrap();
    let of = |id: &str| listed.as_array().unwrap().iter().find(|one| one["id"] == id).unwrap();
    let (jane, sam) = (of("staff-123"), of("staff-456"));
    assert_eq!((&jane["name"], &jane["role"]), (&json!("Jane Smith"), &json!("ADMIN")));
    assert_eq!(
        (&jane["email"], &jane["phone"]),
        (&json!("jane@staff.example"), &json!("+15550100123"))
    );
    assert_eq!((&jane["active"], &jane["deactivatedAt"]), (&json!(true), &Value::Null));
    assert_eq!((&sam["active"], &sam["phone"]), (&json!(false), &Value::Null));
    assert!(sam["deactivatedAt"].is_string(), "{sam}");
}

#[tokio::test]
async fn a_list_of_endpoints_is_the_one_of_the_api() {
    let settings = [("ENGAGE_WEBHOOKS__ALLOW_PRIVATE_NETWORKS", "true")];
    let server = Server::with_staff_and(Store::Sqlite, &settings).await;
    let url = "https://hooks.example/a";
    let add = ["webhook", "add", url, "--events", "case.replied,case.noted", "--no-internal"];
    let secret =
        server.workspace().run(&add).ok().trim_end().split('\t').nth(1).unwrap().to_owned();
    let printed = server.workspace().run(&["webhook", "list", "--json"]).ok();
    assert!(!printed.contains(&secret), "{printed}");
    let listed: Value = serde_json::from_str(&printed).unwrap();
    assert_eq!(listed[0]["url"], url);
    assert_eq!(listed, server.staff_get("/api/internal/webhooks").await.ok()["webhooks"]);
    let members = server.workspace().run(&["staff", "list", "--json"]).ok();
    let members: Value = serde_json::from_str(&members).unwrap();
    assert_eq!(members, server.staff_get("/api/internal/staff").await.ok()["staff"]);
}

/// Settings, arguments and the expected exit code.
type Case<'a> = (&'a [(&'a str, &'a str)], &'a [&'a str], i32);

#[test]
fn the_exit_code_tells_what_kind_of_failure_it_is() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let secret = ("ENGAGE_SERVER__SECRET", "4f1c9a7e2b6d8053c1e7f9a4b2d60813");
    let code_of = |settings: &[(&str, &str)], arguments: &[&str]| {
        let workspace = Workspace::with(settings);
        std::fs::write(workspace.folder().join("x.db"), "no database. ".repeat(100)).unwrap();
        workspace.run(arguments).code.unwrap()
    };
    let list = ["staff", "list"];
    let cases: [Case; 11] = [
        (&[], &["staff", "deactivate", "nobody"], 1),
        (&[], &["serve", "--nonsense"], 64),
        (&[("ENGAGE_DATABASE__URL", "sqlite://x.db")], &list, 69),
        (&[("ENGAGE_DATABASE__URL", "postgres://engage@127.0.0.1:1/x"), secret], &list, 69),
        (&[("ENGAGE_SERVER__BIND", address.as_str())], &["serve"], 69),
        (&[("ENGAGE_DATABASE__URL", "sqlite:///proc/none/x.db")], &list, 73),
        (&[("ENGAGE_LOG__FILTER", "a=b=c")], &list, 78),
        (&[("ENGAGE_PRIORITY__URGENCY__CRITICAL", "90")], &["serve"], 78),
        (&[("DATABASE_URL", "postgres://localhost/engage")], &["dispatch"], 78),
        (&[], &["staff", "list", "--config", "missing.toml"], 78),
        (&[], &["health", "--url", "http://127.0.0.1:1"], 1),
    ];
    for (settings, arguments, code) in cases {
        assert_eq!(code_of(settings, arguments), code, "{settings:?} {arguments:?}");
    }
}
