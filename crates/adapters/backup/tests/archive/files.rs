//! Files that are missing, damaged or left out.

use engage_backup::{Archive, DamagedFile};
use engage_domain::AttachmentId;

use crate::fakes::{FakeFiles, backed_up, file, with_files};

#[tokio::test]
async fn missing_and_damaged_files_are_listed_and_do_not_spoil_the_backup() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("backup.tar");
    let (database, files) = with_files(&[b"one", b"two", b"three", b"four"]);
    files.0.lock().unwrap().remove(&1);
    files.0.lock().unwrap().insert(3, b"another".to_vec());
    files.0.lock().unwrap().remove(&4);
    let done = backed_up(&database, Some(&files), &target).await.unwrap().manifest.attachments;
    assert_eq!(done.missing, [1, 4].map(AttachmentId::from_u128));
    let sha256 = file(3, b"another").hash;
    assert_eq!(done.damaged, [DamagedFile { id: AttachmentId::from_u128(3), sha256 }]);
    assert_eq!((done.files, done.bytes), (2, 10));
    Archive::open(&target).unwrap().verify().unwrap();
}

#[tokio::test]
async fn files_can_be_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("backup.tar");
    let (database, _) = with_files(&[b"one"]);
    let done = backed_up(&database, None, &target).await.unwrap().manifest;
    assert!(!done.attachments.included && done.attachments.missing.is_empty());
    assert_eq!(done.parts.last().unwrap().rows, Some(1), "they are still named");
    Archive::open(&target).unwrap().verify().unwrap();
}

#[tokio::test]
async fn a_backup_without_files_is_complete() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("backup.tar");
    let (database, _) = with_files(&[]);
    let done = backed_up(&database, Some(&FakeFiles::default()), &target).await.unwrap();
    assert!(done.manifest.attachments.included);
    Archive::open(&target).unwrap().verify().unwrap();
}
