//! What is backed up is restored.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use engage_backup::{Archive, ArchiveError, RestoreRequest, restore};
use engage_repository::{AttachmentStore, BackupError, Restored, WaitingNotifications};

use crate::fakes::{CASES, FakeDatabase, FakeFiles, STAFF, backed_up, with_files};

async fn restored(
    target: &Path,
    database: &FakeDatabase,
    contents: &FakeFiles,
) -> Result<Restored, ArchiveError> {
    let archive = Archive::open(target)?;
    let contents = Some(contents as &dyn AttachmentStore);
    let waiting = WaitingNotifications::Deliver;
    restore(RestoreRequest { archive: &archive, database, contents, waiting }).await
}

#[tokio::test]
async fn a_restored_database_and_its_files_are_those_that_were_backed_up() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("backup.tar");
    let large = vec![7; 1_000_000];
    let (database, files) = with_files(&[b"", b"one", &large]);
    let done = backed_up(&database, Some(&files), &target).await.unwrap();
    assert_eq!(done.bytes, fs::metadata(&target).unwrap().len());
    assert_eq!(fs::metadata(&target).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing temporary is left");

    let archive = Archive::open(&target).unwrap();
    archive.verify().unwrap();
    assert_eq!(*archive.manifest(), done.manifest);
    assert_eq!((done.manifest.attachments.files, done.manifest.attachments.bytes), (3, 1_000_003));
    let rows: Vec<_> = done.manifest.parts.iter().map(|part| part.rows).collect();
    assert_eq!(rows, [Some(1), Some(4), Some(3)]);

    let (other, store) = (FakeDatabase::default(), FakeFiles::default());
    let told = restored(&target, &other, &store).await.unwrap();
    assert_eq!(told, Restored { waiting_notifications: 3 });
    let parts = other.restored.into_inner().unwrap();
    let texts: Vec<_> = parts.iter().map(|(part, text)| (&*part.name, &**text)).collect();
    assert_eq!(texts, [("staff.copy", STAFF), ("cases.copy", CASES)]);
    assert_eq!(parts[1].0.columns, ["id", "name"]);
    assert_eq!(*store.0.lock().unwrap(), *files.0.lock().unwrap());
}

#[tokio::test]
async fn common_tools_can_open_an_archive() {
    let folder = tempfile::tempdir().unwrap();
    let (database, files) = with_files(&[b"one"]);
    backed_up(&database, Some(&files), &folder.path().join("backup.tar")).await.unwrap();
    let script = "tar xf backup.tar && sha256sum -c manifest.json.sha256 \
                  && gunzip database/cases.copy.gz attachments.tsv.gz";
    let ran = Command::new("sh").args(["-ec", script]).current_dir(folder.path()).output().unwrap();
    assert!(ran.status.success(), "{ran:?}");
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    assert_eq!(read("database/cases.copy"), CASES);
    assert_eq!(read("attachments/att_00000000000000000000000001"), "one");
    assert!(read("attachments.tsv").starts_with("att_00000000000000000000000001\t3\t"));
}

#[tokio::test]
async fn nothing_is_restored_into_a_database_that_is_not_empty() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("backup.tar");
    let (database, files) = with_files(&[b"one"]);
    backed_up(&database, Some(&files), &target).await.unwrap();
    let full = FakeDatabase { is_full: true, ..FakeDatabase::default() };
    let store = FakeFiles::default();
    let refusal = restored(&target, &full, &store).await.unwrap_err();
    let expected = BackupError::NotEmpty { cases: 1, staff: 0 };
    assert_eq!(refusal.to_string(), expected.to_string());
    assert!(full.restored.lock().unwrap().is_empty() && store.0.lock().unwrap().is_empty());
}

#[tokio::test]
async fn an_existing_file_is_not_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("backup.tar");
    fs::write(&target, "old").unwrap();
    let refusal = backed_up(&FakeDatabase::default(), None, &target).await.unwrap_err();
    assert!(matches!(refusal, ArchiveError::Exists(_)), "{refusal}");
    assert_eq!(fs::read(&target).unwrap(), b"old");
}
