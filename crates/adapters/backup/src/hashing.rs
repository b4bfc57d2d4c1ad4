//! SHA-256 of what is written or read.

use std::io::{self, Read, Write};

use engage_domain::attachment::ContentHash;
use sha2::{Digest, Sha256};

/// Number of bytes that are read at once.
pub(crate) const BLOCK: usize = 256 * 1024;

/// Counts and hashes what passes through.
pub(crate) struct Hashed<T> {
    pub(crate) inner: T,
    hash: Sha256,
    bytes: u64,
}

impl<T> Hashed<T> {
    pub(crate) fn new(inner: T) -> Self {
        Self { inner, hash: Sha256::new(), bytes: 0 }
    }

    /// Returns the number of bytes and their SHA-256, and begins anew.
    pub(crate) fn take_sum(&mut self) -> (u64, ContentHash) {
        let hash = std::mem::take(&mut self.hash).finalize();
        (std::mem::take(&mut self.bytes), ContentHash::from_bytes(hash.into()))
    }

    fn pass(&mut self, bytes: &[u8]) {
        self.hash.update(bytes);
        self.bytes += bytes.len() as u64;
    }
}

impl<W: Write> Write for Hashed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.pass(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.pass(&buffer[..read]);
        Ok(read)
    }
}

/// Returns the number of the bytes that are left and their SHA-256.
pub(crate) fn hash_of(reader: impl Read) -> io::Result<(u64, ContentHash)> {
    let mut hashed = Hashed::new(reader);
    let mut block = vec![0; BLOCK];
    while hashed.read(&mut block)? > 0 {}
    Ok(hashed.take_sum())
}
