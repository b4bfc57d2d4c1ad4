//! Damaged archives.

use std::fs;
use std::path::Path;

use engage_backup::{Archive, ArchiveError};

use crate::fakes::{backed_up, with_files};

/// Returns the bytes of a small archive.
async fn an_archive(folder: &Path) -> Vec<u8> {
    let target = folder.join("backup.tar");
    let (database, files) = with_files(&[b"one", b"two"]);
    backed_up(&database, Some(&files), &target).await.unwrap();
    fs::read(&target).unwrap()
}

fn verified(folder: &Path, bytes: &[u8]) -> Result<(), ArchiveError> {
    let path = folder.join("damaged.tar");
    fs::write(&path, bytes).unwrap();
    Archive::open(&path)?.verify()
}

/// Returns the position of a text.
fn place_of(bytes: &[u8], text: &str) -> usize {
    let found = bytes.windows(text.len()).position(|window| window == text.as_bytes());
    found.unwrap_or_else(|| panic!("{text}"))
}

#[tokio::test]
async fn every_flipped_bit_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let whole = an_archive(folder.path()).await;
    verified(folder.path(), &whole).unwrap();
    let mut damaged = whole.clone();
    for place in 0..whole.len() {
        let bit = 1 << (place % 8);
        damaged[place] ^= bit;
        assert!(verified(folder.path(), &damaged).is_err(), "bit {bit} of byte {place}");
        damaged[place] ^= bit;
    }
}

#[tokio::test]
async fn the_damaged_part_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let whole = an_archive(folder.path()).await;
    for (name, shift) in [
        ("database/staff.copy.gz", 522),
        ("database/cases.copy.gz", 530),
        ("attachments.tsv.gz", 540),
        ("attachments/att_00000000000000000000000001", 513),
        ("manifest.json", 512 + 20),
    ] {
        let mut damaged = whole.clone();
        let place = place_of(&whole, name) + shift;
        damaged[place] ^= 1;
        let refusal = verified(folder.path(), &damaged).unwrap_err().to_string();
        assert!(refusal.contains("damaged") && refusal.contains(name), "{name}: {refusal}");
    }
}

#[tokio::test]
async fn a_truncated_archive_is_not_complete() {
    let folder = tempfile::tempdir().unwrap();
    let whole = an_archive(folder.path()).await;
    for length in [9, 511, 512, 600, 1500, whole.len() / 2, whole.len() - 1024, whole.len() - 1] {
        let refusal = verified(folder.path(), &whole[..length]).unwrap_err();
        assert!(matches!(refusal, ArchiveError::Incomplete(_)), "{length}: {refusal}");
    }
}

#[tokio::test]
async fn something_appended_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let whole = an_archive(folder.path()).await;
    verified(folder.path(), &[&whole[..], b"\0"].concat()).unwrap_err();
    verified(folder.path(), &[&whole[..], &whole[..]].concat()).unwrap_err();
}

#[test]
fn other_files_are_no_backups() {
    let folder = tempfile::tempdir().unwrap();
    for bytes in [&b""[..], b"short", &[0; 10_240], b"SQLite format 3\0 and more"] {
        let refusal = verified(folder.path(), bytes).unwrap_err();
        assert!(matches!(refusal, ArchiveError::NotABackup(_)), "{refusal}");
    }
    let refusal = Archive::open(&folder.path().join("absent.tar")).unwrap_err();
    assert!(matches!(refusal, ArchiveError::Read { .. }), "{refusal}");
    assert!(matches!(Archive::open(folder.path()), Err(ArchiveError::NotABackup(_))));
}
