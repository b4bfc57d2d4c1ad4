//! Backups and targets that are refused, and failures that leave nothing behind.

use std::fs;
use std::path::Path;

use super::{backed_up, restored};
use crate::support::{Server, Store, Workspace, a_case, on_both_stores};

on_both_stores! {
    a_target_with_cases_or_staff_is_refused_and_left_as_it_was
    a_damaged_or_truncated_backup_changes_nothing
    a_backup_of_another_kind_of_store_is_refused
    a_backup_of_newer_tables_is_refused
    a_failed_backup_leaves_no_file
    an_existing_file_is_replaced_only_on_request
}

async fn a_target_with_cases_or_staff_is_refused_and_left_as_it_was(store: Store) {
    let server = Server::with_staff(store).await;
    server.open(&a_case()).await;
    let (archive, _) = backed_up(server.workspace(), "b.tar");
    let with_staff = store.workspace().await;
    with_staff.add_staff();
    let refused = with_staff.run(&["restore", archive.to_str().unwrap()]);
    assert_eq!(refused.code, Some(1), "{refused:?}");
    let refusal = refused.refusal();
    assert!(refusal.contains("0 cases and 2 members of staff"), "{refusal}");
    assert_eq!(with_staff.run(&["staff", "list"]).ok().lines().count(), 2);

    let with_case = store.workspace().await;
    let other = Server::start_in(&with_case, &[]).await;
    other.open(&a_case()).await;
    other.kill();
    let refusal = with_case.run(&["restore", archive.to_str().unwrap()]).refusal();
    assert!(refusal.contains("1 cases and 0 members of staff"), "{refusal}");
    assert!(!with_case.folder().join("var/attachments").read_dir().is_ok_and(|d| d.count() > 0));
}

async fn a_damaged_or_truncated_backup_changes_nothing(store: Store) {
    let server = Server::with_staff(store).await;
    server.open(&a_case()).await;
    let (archive, _) = backed_up(server.workspace(), "b.tar");
    let whole = fs::read(&archive).unwrap();
    let elsewhere = store.workspace().await;
    let file = elsewhere.folder().join("damaged.tar");
    let mut flipped = whole.clone();
    // In the first part of the database, after its header.
    flipped[512 + 100] ^= 4;
    let first = String::from_utf8_lossy(&whole[..100]).trim_end_matches('\0').to_owned();
    for (bytes, told) in [
        (&flipped[..], first.as_str()),
        (&whole[..whole.len() / 2], "not complete"),
        (b"nothing", "not a backup"),
    ] {
        fs::write(&file, bytes).unwrap();
        for command in [&["restore", "damaged.tar"][..], &["backup", "verify", "damaged.tar"]] {
            let refused = elsewhere.run(command);
            assert_eq!(refused.code, Some(1), "{refused:?}");
            let refusal = refused.refusal();
            assert!(refusal.contains(told), "{told}: {refusal}");
        }
    }
    assert_eq!(elsewhere.run(&["staff", "list"]).ok(), "");
}

async fn a_backup_of_another_kind_of_store_is_refused(store: Store) {
    let (other, told) = match store {
        Store::Sqlite => (Store::Postgres, ["a sqlite database", "a postgres database"]),
        Store::Postgres => (Store::Sqlite, ["a postgres database", "a sqlite database"]),
    };
    let workspace = store.workspace().await;
    workspace.add_staff();
    let (archive, _) = backed_up(&workspace, "b.tar");
    let elsewhere = other.workspace().await;
    let refusal = elsewhere.run(&["restore", archive.to_str().unwrap()]).refusal();
    assert!(told.iter().all(|told| refusal.contains(told)), "{refusal}");
}

async fn a_backup_of_newer_tables_is_refused(store: Store) {
    const FUTURE: &str = "29990101000000";
    let workspace = store.workspace().await;
    workspace.add_staff();
    let (archive, _) = backed_up(&workspace, "b.tar");
    let newer = format!("INSERT INTO __diesel_schema_migrations (version) VALUES ('{FUTURE}')");
    store.execute(&workspace, &newer).await;
    let ran = workspace.run(&["backup", "newer.tar"]);
    if ran.code == Some(0) {
        // A copy of a whole file lacks nothing.
        let elsewhere = store.workspace().await;
        let newer = workspace.folder().join("newer.tar");
        let refusal = elsewhere.run(&["restore", newer.to_str().unwrap()]).refusal();
        assert!(refusal.contains(FUTURE), "{refusal}");
    } else {
        assert!(ran.refusal().contains(FUTURE));
        assert!(!workspace.folder().join("newer.tar").exists());
    }
    // The target may not have newer tables, either.
    let target = store.workspace().await;
    target.run(&["migrate"]).ok();
    store.execute(&target, &newer).await;
    let ran = target.run(&["restore", archive.to_str().unwrap()]);
    match store {
        Store::Postgres => assert!(ran.refusal().contains(FUTURE)),
        // The whole file is replaced.
        Store::Sqlite => drop(ran.ok()),
    }
}

fn files_in(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

async fn a_failed_backup_leaves_no_file(store: Store) {
    let workspace = store.workspace().await;
    workspace.add_staff();
    // The folder of the attachments, which any command creates.
    fs::create_dir_all(workspace.folder().join("var")).unwrap();
    let before = files_in(workspace.folder());
    for (target, code) in [("missing/b.tar", 73), ("/proc/b.tar", 73)] {
        let failed = workspace.run(&["backup", target]);
        assert_eq!(failed.code, Some(code), "{failed:?}");
        assert!(failed.refusal().contains(target));
    }
    assert_eq!(files_in(workspace.folder()), before);
    // A limit on the size of files stands for a full disk: writing fails in the middle.
    fs::create_dir(workspace.folder().join("small")).unwrap();
    workspace.first("trap '' XFSZ; ulimit -f 4");
    let failed = workspace.run(&["backup", "small/b.tar"]);
    assert!(failed.code.is_some_and(|code| code != 0), "{failed:?}");
    assert_eq!(files_in(&workspace.folder().join("small")), [""; 0]);
}

async fn an_existing_file_is_replaced_only_on_request(store: Store) {
    let workspace = store.workspace().await;
    workspace.add_staff();
    backed_up(&workspace, "b.tar");
    let before = fs::read(workspace.folder().join("b.tar")).unwrap();
    let refused = workspace.run(&["backup", "b.tar"]);
    assert_eq!(refused.code, Some(73));
    assert!(refused.refusal().contains("b.tar exists"));
    assert_eq!(fs::read(workspace.folder().join("b.tar")).unwrap(), before);
    workspace.add_member("third", "Third", "third@staff.example", &[]);
    workspace.run(&["backup", "b.tar", "--overwrite"]).ok();
    let told = workspace.run(&["backup", "verify", "b.tar"]).ok();
    assert!(told.contains("3 members of staff"), "{told}");
}

#[tokio::test]
async fn a_restore_beside_a_server_on_the_same_file_is_refused() {
    let workspace = Workspace::new();
    workspace.add_staff();
    let (archive, _) = backed_up(&workspace, "b.tar");
    let server = Server::start(Store::Sqlite).await;
    let refusal = server.workspace().run(&["restore", archive.to_str().unwrap()]).refusal();
    assert!(refusal.contains("a server is using the database"), "{refusal}");
    assert_eq!(server.get("/health/ready").await.status, 200);
}

#[tokio::test]
async fn there_is_nothing_to_back_up_without_a_database() {
    let workspace = Workspace::new();
    let refused = workspace.run(&["backup", "b.tar"]);
    assert_eq!(refused.code, Some(69), "{refused:?}");
    assert!(refused.refusal().contains("no database"));
    assert!(!workspace.folder().join("var/engage.db").exists(), "none was created");
    assert_eq!(files_in(workspace.folder()), ["var"]);
    let without_name = workspace.run(&["backup"]);
    assert_eq!(without_name.code, Some(64), "{without_name:?}");
}

#[tokio::test]
async fn a_database_without_tables_gets_those_of_the_backup() {
    let workspace = Store::Postgres.workspace().await;
    workspace.add_staff();
    let (archive, _) = backed_up(&workspace, "b.tar");
    let url = engage_testkit::postgres::cluster().empty_database().await;
    let elsewhere = Workspace::on_database(&url);
    elsewhere.run(&["restore", archive.to_str().unwrap()]).ok();
    assert_eq!(elsewhere.run(&["staff", "list"]).ok().lines().count(), 2);
    // A second time it is not empty.
    let refusal = elsewhere.run(&["restore", archive.to_str().unwrap()]).refusal();
    assert!(refusal.contains("2 members of staff"), "{refusal}");
    // The tables reject changes of the audit log as before.
    let guarded = "SELECT count(*)::text FROM pg_trigger WHERE tgenabled <> 'O'";
    let disabled = engage_testkit::postgres::cluster().ask_in(&url, guarded).await;
    assert_eq!(disabled, ["0"]);
    let (again, _) = restored(Store::Postgres, &archive, &[]).await;
    again.run(&["audit", "verify"]).ok();
}
