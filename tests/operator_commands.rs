//! Commands for operators: health, completions and manual pages.

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
