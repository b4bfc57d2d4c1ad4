//! File permissions of the program's data.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use reqwest::Method;

use crate::support::{Form, Response, Server, Workspace, a_case};

/// Returns a folder and everything below it, with the modes.
fn modes(path: &Path) -> Vec<(PathBuf, u32)> {
    let about = fs::metadata(path).unwrap();
    let mut all = vec![(path.to_owned(), about.permissions().mode() & 0o777)];
    if about.is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            all.extend(modes(&entry.unwrap().path()));
        }
    }
    all
}

async fn opens_a_case_with_a_file(server: &Server) {
    let fields = a_case();
    let fields = fields.as_object().unwrap().iter();
    let form = fields
        .fold(Form::default(), |form, (name, value)| form.field(name, value.as_str().unwrap()));
    let form = form.file("a.txt", "text/plain", b"what it says");
    Response::to(form.of(server.request(Method::POST, "/api/support/case"))).await.ok();
}

#[tokio::test]
async fn stored_files_are_private_regardless_of_the_umask() {
    for umask in ["000", "022", "077"] {
        let workspace = Workspace::new();
        workspace.first(&format!("umask {umask}"));
        let server = Server::start_in(&workspace, &[]).await;
        opens_a_case_with_a_file(&server).await;
        server.mails_once(2).await;
        let all = modes(&workspace.folder().join("var"));
        for name in ["engage.db", "engage.db-wal", "engage.db-shm", "engage.db.lock", "secret"] {
            assert!(all.iter().any(|(path, _)| path.ends_with(name)), "{name}: {all:?}");
        }
        for (path, mode) in all {
            let wanted = if path.is_dir() { 0o700 } else { 0o600 };
            assert_eq!(mode, wanted, "umask {umask}: {} {mode:o}", path.display());
        }
        assert!(!server.log().iter().any(|line| line.contains("WARN")), "{:#?}", server.log());
    }
}

#[tokio::test]
async fn files_that_others_may_read_cause_warnings() {
    let workspace = Workspace::new();
    drop(Server::start_in(&workspace, &[]).await);
    let var = workspace.folder().join("var");
    fs::create_dir_all(var.join("mail")).unwrap();
    for (name, mode) in
        [("engage.db", 0o644), ("mail", 0o755), ("attachments", 0o777), ("secret", 0o640)]
    {
        fs::set_permissions(var.join(name), fs::Permissions::from_mode(mode)).unwrap();
    }
    let server = Server::start_in(&workspace, &[]).await;
    let log = server.log();
    for (name, wanted) in
        [("engage.db", "600"), ("mail", "700"), ("attachments", "700"), ("secret", "600")]
    {
        let warned = |line: &&String| {
            line.contains("WARN")
                && line.contains(&format!("var/{name} "))
                && line.ends_with(wanted)
        };
        assert!(log.iter().any(|line| warned(&line)), "{name}: {log:#?}");
    }
}
