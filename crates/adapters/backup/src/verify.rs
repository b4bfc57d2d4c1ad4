//! Verification of an archive.

use std::collections::HashMap;
use std::io::Read;

use engage_domain::AttachmentId;
use engage_domain::attachment::ContentHash;

use crate::archive::Archive;
use crate::entry::{Entries, Entry};
use crate::error::ArchiveError;
use crate::file_list::FileList;
use crate::hashing::{BLOCK, hash_of};
use crate::layout::{CONTENTS, FILE_LIST, MANIFEST};
use crate::lines::lines_in;
use crate::manifest::{Attachments, Part};
use crate::part_reader::PartReader;
use crate::slice::FileSlice;

impl Archive {
    /// Reads the whole archive, and checks that each part is as it was written and that none is
    /// missing.
    ///
    /// It blocks the calling thread.
    pub fn verify(&self) -> Result<(), ArchiveError> {
        let named: Vec<&str> = self.manifest.parts.iter().map(|part| part.name.as_str()).collect();
        let found: Vec<&str> = self.parts.iter().map(|entry| entry.name.as_str()).collect();
        if named != found || found.last() != Some(&FILE_LIST) {
            return Err(ArchiveError::damaged(MANIFEST, "it lists other parts than there are"));
        }
        for part in &self.manifest.parts {
            verify_part(self, part)?;
        }
        verify_contents(self)
    }

    /// Walks over the contents of attachments.
    pub(crate) fn contents(&self) -> Contents {
        Contents(Entries::new(self.contents.clone()))
    }
}

/// Decompresses a part, checks its SHA-256 and counts its rows.
fn verify_part(archive: &Archive, part: &Part) -> Result<(), ArchiveError> {
    let damaged = |reason: &dyn ToString| ArchiveError::damaged(&part.name, reason.to_string());
    let Some(mut reader) = PartReader::of(archive, &part.name) else {
        return Err(damaged(&"it is not there"));
    };
    let mut rows = 0;
    let mut block = vec![0; BLOCK];
    loop {
        match reader.read(&mut block) {
            Ok(0) => break,
            Ok(length) => {
                rows += lines_in(&block[..length]);
            }
            Err(error) => return Err(damaged(&error)),
        }
    }
    match part.rows {
        Some(expected) if expected != rows => Err(damaged(&"it has another number of rows")),
        _ => Ok(()),
    }
}

/// Compares the contents with the list of files, both of which are in the order of the ids.
fn verify_contents(archive: &Archive) -> Result<(), ArchiveError> {
    let noted = &archive.manifest.attachments;
    let not_listed = |name: &str| ArchiveError::damaged(name, "it is not in the list of files");
    let unreadable = |error: std::io::Error| ArchiveError::damaged(FILE_LIST, error.to_string());
    let Some(list) = PartReader::of(archive, FILE_LIST) else {
        return Err(ArchiveError::damaged(FILE_LIST, "it is not there"));
    };
    let mut list = FileList::new(list);
    let damaged_before: HashMap<AttachmentId, ContentHash> =
        noted.damaged.iter().map(|file| (file.id, file.sha256)).collect();
    let mut found = Found::default();
    let mut contents = archive.contents();
    while let Some((id, name, content)) = contents.next()? {
        let file = loop {
            let next = list.next().map_err(unreadable)?;
            let next = next.filter(|next| next.id <= id).ok_or_else(|| not_listed(&name))?;
            if next.id == id {
                break next;
            }
            found.missing.push(next.id);
        };
        let (bytes, hash) =
            hash_of(content).map_err(|error| ArchiveError::damaged(&name, error.to_string()))?;
        if hash != *damaged_before.get(&id).unwrap_or(&file.hash) {
            return Err(ArchiveError::damaged(&name, "its SHA-256 is not the one in the list"));
        }
        found.files += 1;
        found.bytes += bytes;
    }
    while let Some(file) = list.next().map_err(unreadable)? {
        found.missing.push(file.id);
    }
    found.compare(noted)
}

/// Contents that were found in an archive.
#[derive(Default)]
struct Found {
    files: u64,
    bytes: u64,
    missing: Vec<AttachmentId>,
}

impl Found {
    fn compare(self, noted: &Attachments) -> Result<(), ArchiveError> {
        let Self { files, bytes, missing } = self;
        let is_as_noted = if noted.included {
            (files, bytes, &missing) == (noted.files, noted.bytes, &noted.missing)
        } else {
            files == 0 && *noted == Attachments::default()
        };
        if is_as_noted {
            return Ok(());
        }
        Err(ArchiveError::damaged(CONTENTS, "there are other files than the manifest says"))
    }
}

/// Walks over the contents of attachments.
pub(crate) struct Contents(Entries);

impl Contents {
    /// Returns the next content with its id and its name in the archive, or `None` after the last.
    pub(crate) fn next(
        &mut self,
    ) -> Result<Option<(AttachmentId, String, FileSlice)>, ArchiveError> {
        match self.0.next()? {
            Some(Entry { name, content }) if name.starts_with(CONTENTS) => {
                match name[CONTENTS.len()..].parse() {
                    Ok(id) => Ok(Some((id, name, content))),
                    Err(_) => Err(ArchiveError::damaged(&name, "it is not named by an id")),
                }
            }
            _ => Ok(None),
        }
    }
}
