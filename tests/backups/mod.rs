//! Backups of a running installation, and their restoration elsewhere.

mod older;
mod refusing;
mod restoring;
mod unusual;

use std::path::{Path, PathBuf};

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Form, Response, Server, Store, Workspace};

/// Makes a backup of a workspace, and returns its file with the printed JSON.
fn backed_up(workspace: &Workspace, name: &str) -> (PathBuf, Value) {
    let printed = workspace.run(&["backup", name, "--json"]).ok();
    (workspace.folder().join(name), serde_json::from_str(&printed).unwrap())
}

/// Restores a backup into a new workspace, and returns it with the printed JSON.
async fn restored(store: Store, archive: &Path, options: &[&str]) -> (Workspace, Value) {
    let workspace = store.workspace().await;
    let archive = archive.to_str().unwrap();
    let printed = workspace.run(&[&["restore", archive, "--json"], options].concat()).ok();
    (workspace, serde_json::from_str(&printed).unwrap())
}

/// Starts a server that delivers nothing, so that what it shows stays the same.
async fn quiet_server(workspace: &Workspace, token: &str) -> Server {
    let mut server = Server::start_in(workspace, &["--no-dispatch"]).await;
    server.use_token(token.to_owned());
    server
}

/// Returns the number of rows that a manifest notes for a table.
fn rows(report: &Value, table: &str) -> u64 {
    let tables = report["manifest"]["tables"].as_array().unwrap();
    tables.iter().find(|found| found["name"] == table).unwrap()["rows"].as_u64().unwrap()
}

/// Uploads a file, attaches it to a case, and returns its id.
async fn attach(server: &Server, number: &str, bytes: &[u8]) -> String {
    let form = Form::default().file("a.bin", "application/octet-stream", bytes);
    let request = server.staff_request(Method::POST, "/api/internal/support/attachments");
    let uploaded = Response::to(form.of(request)).await.ok();
    let id = uploaded["attachments"][0]["id"].as_str().unwrap().to_owned();
    let update = json!({"message": "See the file.", "attachments": [{"id": id}]});
    server.update(number, &update).await.ok();
    id
}
