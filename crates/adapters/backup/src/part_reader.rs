use std::io::{self, ErrorKind, Read};

use engage_domain::attachment::ContentHash;
use flate2::read::GzDecoder;

use crate::archive::Archive;
use crate::hashing::Hashed;
use crate::slice::FileSlice;

/// Reads a compressed part, and fails at its end if it is not the one that the manifest describes.
pub(crate) struct PartReader {
    decoder: GzDecoder<Hashed<FileSlice>>,
    expected: (u64, ContentHash),
    is_checked: bool,
}

impl PartReader {
    /// Returns a reader of a part, if the archive and its manifest have it.
    pub(crate) fn of(archive: &Archive, name: &str) -> Option<Self> {
        let part = archive.manifest.part(name)?;
        let entry = archive.parts.iter().find(|entry| entry.name == name)?;
        Some(Self {
            decoder: GzDecoder::new(Hashed::new(entry.content.clone())),
            expected: (part.bytes, part.sha256),
            is_checked: false,
        })
    }

    fn check(&mut self) -> io::Result<()> {
        // What follows the compressed data belongs to the part, too.
        let compressed = self.decoder.get_mut();
        io::copy(compressed, &mut io::sink())?;
        if compressed.take_sum() == self.expected {
            self.is_checked = true;
            return Ok(());
        }
        Err(io::Error::new(ErrorKind::InvalidData, "its SHA-256 is not the one in the manifest"))
    }
}

impl Read for PartReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.decoder.read(buffer)?;
        if read == 0 && !buffer.is_empty() && !self.is_checked {
            self.check()?;
        }
        Ok(read)
    }
}
