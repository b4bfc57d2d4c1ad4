//! Backups of tables of an earlier version.

use std::fs;
use std::path::Path;

use engage_testkit::postgres::cluster;

use super::{backed_up, quiet_server};
use crate::support::{Server, Store, Workspace, a_case, on_both_stores};

on_both_stores! {
    a_backup_of_older_tables_is_restored_and_migrated
}

/// Migrations from here on are undone.
const UNDONE: &str = "20261128181100";

/// Undoes the latest migrations, as if an earlier version had made the tables. Returns their versions.
async fn undo(store: Store, workspace: &Workspace) -> Vec<String> {
    let name = match store {
        Store::Sqlite => "sqlite",
        Store::Postgres => "postgres",
    };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations").join(name);
    let mut names: Vec<String> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.as_str() >= UNDONE)
        .collect();
    names.sort();
    names.reverse();
    let mut versions = Vec::new();
    for name in names {
        let down = fs::read_to_string(folder.join(&name).join("down.sql")).unwrap();
        store.execute(workspace, &down).await;
        let version = name.split('_').next().unwrap().to_owned();
        let forget = format!("DELETE FROM __diesel_schema_migrations WHERE version = '{version}'");
        store.execute(workspace, &forget).await;
        versions.push(version);
    }
    versions
}

async fn a_backup_of_older_tables_is_restored_and_migrated(store: Store) {
    let server = Server::with_staff(store).await;
    let number = server.open(&a_case()).await;
    let (workspace, token) = (server.workspace().clone(), server.token().to_owned());
    server.kill();
    let undone = undo(store, &workspace).await;
    let (archive, report) = backed_up(&workspace, "b.tar");
    let migrations = report["manifest"]["migrations"].to_string();
    assert!(undone.len() > 2 && undone.iter().all(|version| !migrations.contains(version)));
    let archive = archive.to_str().unwrap();

    let elsewhere = match store {
        Store::Sqlite => Workspace::new(),
        Store::Postgres => {
            // Rows of the older version do not fit into the tables of this one.
            let migrated = store.workspace().await;
            let refusal = migrated.run(&["restore", archive]).refusal();
            assert!(refusal.contains("tables of another version"), "{refusal}");
            Workspace::on_database(&cluster().empty_database().await)
        }
    };
    elsewhere.run(&["restore", archive]).ok();
    let other = quiet_server(&elsewhere, &token).await;
    assert_eq!(other.details(&number).await["case"]["version"], 1);
    let again = backed_up(&elsewhere, "again.tar").1["manifest"]["migrations"].to_string();
    assert!(undone.iter().all(|version| again.contains(version)), "{again}");
}
