//! Ranges of a file that are read independently of each other.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileExt;
use std::sync::Arc;

/// A range of a file, which is read from its start to its end.
#[derive(Debug, Clone)]
pub(crate) struct FileSlice {
    file: Arc<File>,
    at: u64,
    end: u64,
}

impl FileSlice {
    /// Returns the range of a whole file.
    pub(crate) fn whole(file: Arc<File>) -> io::Result<Self> {
        let end = file.metadata()?.len();
        Ok(Self { file, at: 0, end })
    }

    /// Returns a range within this one, by positions in the file. It is cut at the end of this one.
    pub(crate) fn range(&self, at: u64, length: u64) -> Self {
        let end = at.saturating_add(length).min(self.end);
        Self { file: Arc::clone(&self.file), at: at.min(end), end }
    }

    /// Returns the position in the file of the next byte.
    pub(crate) fn position(&self) -> u64 {
        self.at
    }

    /// Returns the number of bytes that are left.
    pub(crate) fn left(&self) -> u64 {
        self.end - self.at
    }
}

impl Read for FileSlice {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let wanted = usize::try_from(self.left()).unwrap_or(usize::MAX).min(buffer.len());
        let read = self.file.read_at(&mut buffer[..wanted], self.at)?;
        self.at += read as u64;
        Ok(read)
    }
}
