//! Entries of the archive: their headers, and walking over them.

use std::io::{self, Read};

use tar::{EntryType, Header};

use crate::error::ArchiveError;
use crate::slice::FileSlice;

/// Size of a block of a tar file. Headers are one block, and contents are padded to whole blocks.
pub(crate) const TAR_BLOCK: usize = 512;

/// Zero blocks at the end of a tar file.
pub(crate) const END: [u8; 2 * TAR_BLOCK] = [0; 2 * TAR_BLOCK];

/// Returns the header of an entry.
pub(crate) fn header(name: &str, size: u64, modified: u64) -> io::Result<Header> {
    let mut header = Header::new_gnu();
    header.set_path(name)?;
    header.set_entry_type(EntryType::Regular);
    header.set_mode(0o600);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(modified);
    header.set_size(size);
    header.set_cksum();
    Ok(header)
}

/// Returns the number of zeros after a content of this size.
pub(crate) fn padding(size: u64) -> u64 {
    size.next_multiple_of(TAR_BLOCK as u64) - size
}

/// An entry of an archive.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) content: FileSlice,
}

/// Walks over the entries of an archive.
///
/// It accepts only what this crate writes, byte for byte, so that no damage goes unnoticed.
#[derive(Debug)]
pub(crate) struct Entries {
    rest: FileSlice,
    last: String,
}

impl Entries {
    pub(crate) fn new(rest: FileSlice) -> Self {
        Self { rest, last: String::new() }
    }

    /// Returns the next entry, or `None` at the end of the archive.
    pub(crate) fn next(&mut self) -> Result<Option<Entry>, ArchiveError> {
        let mut block = [0; TAR_BLOCK];
        self.fill(&mut block)?;
        if block == [0; TAR_BLOCK] {
            return self.end().map(|()| None);
        }
        let (name, size) =
            parsed(&block).ok_or_else(|| self.damaged("what follows is not an entry"))?;
        let start = self.rest.position();
        let content = self.rest.range(start, size);
        if content.left() < size {
            return Err(ArchiveError::Incomplete(format!("in {name}")));
        }
        let after = start + size;
        self.rest = self.rest.range(after, u64::MAX);
        self.last.clone_from(&name);
        let mut zeros = vec![0; usize::try_from(padding(size)).unwrap_or_default()];
        self.fill(&mut zeros)?;
        if zeros.iter().any(|byte| *byte != 0) {
            return Err(self.damaged("it is followed by something else than zeros"));
        }
        Ok(Some(Entry { name, content }))
    }

    /// Checks that nothing but the second zero block is left.
    fn end(&mut self) -> Result<(), ArchiveError> {
        let mut block = [0; TAR_BLOCK];
        self.fill(&mut block)?;
        if block != [0; TAR_BLOCK] || self.rest.left() > 0 {
            return Err(self.damaged("something follows the end of the archive"));
        }
        Ok(())
    }

    fn fill(&mut self, buffer: &mut [u8]) -> Result<(), ArchiveError> {
        self.rest.read_exact(buffer).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => {
                let place = if self.last.is_empty() { "at the start" } else { "after " };
                ArchiveError::Incomplete(format!("{place}{}", self.last))
            }
            _ => self.damaged(&error.to_string()),
        })
    }

    fn damaged(&self, reason: &str) -> ArchiveError {
        let part = if self.last.is_empty() { "the first entry" } else { &self.last };
        ArchiveError::damaged(part, reason)
    }
}

/// Returns the name and the size in a header, if it is one that this crate writes.
fn parsed(block: &[u8; TAR_BLOCK]) -> Option<(String, u64)> {
    let found = Header::from_byte_slice(block);
    let name = String::from_utf8(found.path_bytes().into_owned()).ok()?;
    let size = found.entry_size().ok()?;
    let written = header(&name, size, found.mtime().ok()?).ok()?;
    (written.as_bytes() == block).then_some((name, size))
}
