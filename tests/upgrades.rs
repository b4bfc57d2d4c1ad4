//! Programs on tables of other versions.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::json;

use crate::support::{Server, Store, a_case, on_both_stores};

on_both_stores! {
    a_program_that_is_too_old_for_the_tables_refuses_to_run
    a_program_runs_on_newer_tables_that_it_is_compatible_with
    a_notification_of_a_later_program_is_left_out_of_lists
    an_update_of_an_earlier_program_has_the_usual_source_of_its_author
    an_update_of_an_earlier_program_is_by_the_customer
    a_machine_is_an_agent_who_has_left_to_an_earlier_program
}

/// Later than every migration of this program.
const FUTURE: &str = "29990101000000";

/// Migrates the tables as a later program would, whose newest migration has this compatibility.
async fn migrated_later(
    store: Store,
    workspace: &crate::support::Workspace,
    compatible_from: &str,
) {
    for statement in [
        format!("INSERT INTO __diesel_schema_migrations (version) VALUES ('{FUTURE}')"),
        format!("INSERT INTO schema_compatibility VALUES ('{FUTURE}', '{compatible_from}')"),
        "CREATE TABLE of_a_later_program (id text PRIMARY KEY)".to_owned(),
        "ALTER TABLE cases ADD COLUMN of_a_later_program text".to_owned(),
    ] {
        store.execute(workspace, &statement).await;
    }
}

async fn a_program_that_is_too_old_for_the_tables_refuses_to_run(store: Store) {
    let workspace = store.workspace().await;
    workspace.run(&["migrate"]).ok();
    migrated_later(store, &workspace, FUTURE).await;
    for command in
        [&["serve"][..], &["serve", "--migrate"], &["migrate"], &["dispatch"], &["staff", "list"]]
    {
        let refusal = workspace.run(command).refusal();
        assert!(refusal.contains("newer version") && refusal.contains(FUTURE), "{refusal}");
    }
}

async fn a_program_runs_on_newer_tables_that_it_is_compatible_with(store: Store) {
    let workspace = store.workspace().await;
    workspace.run(&["migrate"]).ok();
    migrated_later(store, &workspace, "20261122000000").await;
    workspace.add_staff();
    let mut server = Server::start_in(&workspace, &["--migrate"]).await;
    server.use_token(workspace.token("staff-123"));
    let number = server.open(&a_case()).await;
    assert_eq!(server.details(&number).await["case"]["version"], 1);
}

/// A later program that works beside this one has templates that this one does not know.
async fn a_notification_of_a_later_program_is_left_out_of_lists(store: Store) {
    let server = Server::with_staff(store).await;
    server.open(&a_case()).await;
    server.mails_once(2).await;
    let ids = async || {
        let listed = server.staff_get("/api/internal/notifications/status").await.ok();
        let listed = listed["notifications"].as_array().unwrap().clone();
        listed.iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let before = ids().await;
    let of_later = "UPDATE notifications SET template = 'case-later-customer'
        WHERE template = 'case-received-customer'";
    store.execute(server.workspace(), of_later).await;
    let after = ids().await;
    assert_eq!(after.len(), before.len() - 1, "{before:?}");
    for id in before {
        let found = server.staff_get(&format!("/api/internal/notifications/{id}")).await;
        if after.contains(&id) {
            found.ok();
        } else {
            found.refused(404, "NOTIFICATION_NOT_FOUND");
        }
    }
}

/// An earlier program knows no sources: its cases have the default of the column, and its updates none.
async fn an_update_of_an_earlier_program_has_the_usual_source_of_its_author(store: Store) {
    let server = Server::with_staff(store).await;
    let number = server.open(&a_case()).await;
    let reply = json!({"caseNumber": number, "message": "It still does."});
    server.post("/api/support/case/reply", &reply).await.ok();
    server.update(&number, &json!({"message": "Please sign in again."})).await.ok();
    let sources = |details: &serde_json::Value| {
        let updates = details["updates"].as_array().unwrap().iter();
        updates.map(|update| update["source"].clone()).collect::<Vec<_>>()
    };
    let details = server.details(&number).await;
    assert_eq!(sources(&details), ["API", "STAFF"]);
    store.execute(server.workspace(), "UPDATE updates SET source = NULL").await;
    let snapshots = "UPDATE events SET snapshot = replace(snapshot, '\"source\"', '\"unknown\"')";
    store.execute(server.workspace(), snapshots).await;
    assert_eq!(server.details(&number).await["updates"], details["updates"]);
    let history = format!("/api/internal/support/case/{number}/history");
    let history = server.staff_get(&history).await.ok();
    assert_eq!(sources(&history["events"][1]), ["API"]);
    assert_eq!(sources(&history["events"][2]), ["STAFF"]);
}

/// An earlier program knows no persons: its updates name none.
async fn an_update_of_an_earlier_program_is_by_the_customer(store: Store) {
    let server = Server::with_staff(store).await;
    let number = server.open(&a_case()).await;
    let reply = json!({"caseNumber": number, "message": "It still does."});
    server.post("/api/support/case/reply", &reply).await.ok();
    server.update(&number, &json!({"message": "Please sign in again."})).await.ok();
    let details = server.details(&number).await;
    assert!(details["updates"][0]["personId"].as_str().unwrap().starts_with("per_"), "{details}");
    assert!(details["updates"][1]["personId"].is_null(), "{details}");
    store.execute(server.workspace(), "UPDATE updates SET person_id = NULL").await;
    let snapshots = "UPDATE events SET snapshot = replace(snapshot, '\"personId\"', '\"unknown\"')";
    store.execute(server.workspace(), snapshots).await;
    assert_eq!(server.details(&number).await["updates"], details["updates"]);
    let history = format!("/api/internal/support/case/{number}/history");
    let history = server.staff_get(&history).await.ok();
    assert_eq!(history["events"][1]["updates"][0]["author"]["kind"], "CUSTOMER");
}

/// An earlier program knows no machines. It gives a member who has left no rights.
async fn a_machine_is_an_agent_who_has_left_to_an_earlier_program(store: Store) {
    let server = Server::with_staff(store).await;
    let machine = json!({"id": "gateway", "name": "Gateway", "role": "SERVICE"});
    server.staff_post("/api/internal/staff", &machine).await.ok();
    let change = "UPDATE staff SET name = 'Of an agent who has left'
        WHERE role = 'AGENT' AND deactivated_at IS NOT NULL";
    store.execute(server.workspace(), change).await;
    let machine = server.staff_get("/api/internal/staff/gateway").await.ok()["staff"].clone();
    assert_eq!(machine["name"], "Of an agent who has left");
    assert_eq!((&machine["role"], &machine["active"]), (&json!("SERVICE"), &json!(true)));
    let others = server.staff_get("/api/internal/staff?role=AGENT").await.ok();
    assert_ne!(others["staff"][0]["name"], "Of an agent who has left");
}

/// Returns the name of a migration that breaks older programs without stating the oldest compatible
/// one.
fn silent_contraction(folder: &Path) -> Option<String> {
    /// The first migration that can state compatibility.
    const STATED_SINCE: &str = "20261128151000";
    /// Statements that break older programs, unless those do not use the table or column.
    const CONTRACTING: [&str; 6] = [
        "DROP TABLE",
        "DROP COLUMN",
        "RENAME COLUMN",
        "RENAME TO",
        "SET NOT NULL",
        "SET DATA TYPE",
    ];
    let name = folder.file_name()?.to_string_lossy().into_owned();
    if name.as_str() <= STATED_SINCE {
        return None;
    }
    let up = fs::read_to_string(folder.join("up.sql")).unwrap();
    let contracts = CONTRACTING.iter().any(|words| up.to_uppercase().contains(words));
    (contracts && !up.contains("compatible_from")).then_some(name)
}

#[test]
fn a_breaking_migration_states_the_oldest_compatible_program() {
    let migrations = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../migrations");
    let mut silent = Vec::new();
    for store in ["sqlite", "postgres"] {
        let folders = fs::read_dir(migrations.join(store)).unwrap();
        silent.extend(folders.filter_map(|folder| silent_contraction(&folder.unwrap().path())));
    }
    assert!(
        silent.is_empty(),
        "{silent:?}: state it in up.sql by `INSERT INTO schema_compatibility (version, \
         compatible_from) VALUES (…)`, or by a comment `-- compatible_from: as before, since …`"
    );
}
