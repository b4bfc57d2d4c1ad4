//! Opens an archive, and finds its parts.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;
use std::sync::Arc;

use serde::Deserialize;

use crate::entry::{Entries, Entry};
use crate::error::ArchiveError;
use crate::hashing::hash_of;
use crate::layout::{CONTENTS, DATABASE, FILE_LIST, MANIFEST, MANIFEST_HASH};
use crate::manifest::{FORMAT, Manifest};
use crate::slice::FileSlice;

/// Largest manifest that is read. It would list a million missing files.
const LARGEST_MANIFEST: u64 = 64 * 1024 * 1024;

/// An archive whose manifest has been read. Its parts have not been verified yet.
#[derive(Debug)]
pub struct Archive {
    pub(crate) manifest: Manifest,
    /// Compressed parts of the database, and the list of files.
    pub(crate) parts: Vec<Entry>,
    /// Everything from the first content on.
    pub(crate) contents: FileSlice,
    bytes: u64,
}

/// What is read of a manifest of any format.
#[derive(Deserialize)]
struct Format {
    format: u32,
}

impl Archive {
    /// Opens an archive, and checks that it is complete.
    pub fn open(path: &Path) -> Result<Self, ArchiveError> {
        let unreadable = |cause| ArchiveError::Read { path: path.to_owned(), cause };
        let file = File::open(path).map_err(unreadable)?;
        if !file.metadata().map_err(unreadable)?.is_file() {
            return Err(ArchiveError::NotABackup(path.to_owned()));
        }
        let whole = FileSlice::whole(Arc::new(file)).map_err(unreadable)?;
        check_start(&whole, path)?;
        let mut entries = Entries::new(whole.clone());
        let (mut parts, mut contents, mut manifest, mut hash) = (Vec::new(), None, None, None);
        while let Some(entry) = entries.next()? {
            match entry.name.as_str() {
                MANIFEST if manifest.is_none() => manifest = Some(entry),
                MANIFEST_HASH if manifest.is_some() && hash.is_none() => hash = Some(entry),
                name if manifest.is_some() => {
                    return Err(ArchiveError::damaged(name, "it is in the wrong place"));
                }
                name if name.starts_with(CONTENTS) => {
                    contents.get_or_insert_with(|| header_of(&whole, &entry));
                }
                name if contents.is_none() && is_part(name) => parts.push(entry),
                name => return Err(ArchiveError::damaged(name, "it does not belong there")),
            }
        }
        let (Some(manifest), Some(hash)) = (manifest, hash) else {
            return Err(ArchiveError::Incomplete("before its manifest".to_owned()));
        };
        let contents = contents.unwrap_or_else(|| header_of(&whole, &manifest));
        let manifest = read_manifest(manifest.content, hash.content)?;
        Ok(Self { manifest, parts, contents, bytes: whole.left() })
    }

    /// Returns the description of the archive.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Returns the size of the archive in bytes.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }
}

fn is_part(name: &str) -> bool {
    name.starts_with(DATABASE) || name == FILE_LIST
}

/// Tells files of other kinds from damaged archives by the first entry.
fn check_start(whole: &FileSlice, path: &Path) -> Result<(), ArchiveError> {
    let mut start = [0; DATABASE.len()];
    let is_backup = match whole.clone().read_exact(&mut start) {
        Ok(()) => start == DATABASE.as_bytes(),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => false,
        Err(cause) => return Err(ArchiveError::Read { path: path.to_owned(), cause }),
    };
    if is_backup { Ok(()) } else { Err(ArchiveError::NotABackup(path.to_owned())) }
}

/// Returns the archive from the header of an entry on.
fn header_of(whole: &FileSlice, entry: &Entry) -> FileSlice {
    let start = entry.content.position() - crate::entry::TAR_BLOCK as u64;
    whole.range(start, u64::MAX)
}

fn read_manifest(manifest: FileSlice, hash: FileSlice) -> Result<Manifest, ArchiveError> {
    let damaged = |reason: String| ArchiveError::damaged(MANIFEST, reason);
    let failed = |error: std::io::Error| damaged(error.to_string());
    if manifest.left() > LARGEST_MANIFEST {
        return Err(damaged("it is too large".to_owned()));
    }
    let (_, found) = hash_of(manifest.clone()).map_err(failed)?;
    let mut noted = Vec::new();
    hash.take(1024).read_to_end(&mut noted).map_err(failed)?;
    if noted != format!("{found}  {MANIFEST}\n").as_bytes() {
        return Err(damaged(format!("its SHA-256 is not the one in {MANIFEST_HASH}")));
    }
    let mut text = Vec::new();
    manifest.take(LARGEST_MANIFEST).read_to_end(&mut text).map_err(failed)?;
    let invalid = |error: serde_json::Error| damaged(error.to_string());
    let Format { format } = serde_json::from_slice(&text).map_err(invalid)?;
    if format != FORMAT {
        return Err(ArchiveError::UnknownFormat(format));
    }
    serde_json::from_slice(&text).map_err(invalid)
}
