//! Writes the entries of an archive, whose sizes are known only at their end.

use std::fs::File;
use std::io::{self, BufWriter, Seek, SeekFrom, Write};

use engage_domain::attachment::ContentHash;
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::entry::{END, TAR_BLOCK, header, padding};
use crate::hashing::{BLOCK, Hashed};

type Sink = Hashed<BufWriter<File>>;

/// Destination of the bytes of an entry.
enum Output {
    Plain(Sink),
    Packed(Box<GzEncoder<Sink>>),
}

/// Writes an archive.
pub(crate) struct TarWriter {
    /// Nothing after a failure to compress.
    output: Option<Output>,
    /// Name of the entry that was begun.
    name: String,
    /// Position of its header.
    start: u64,
    /// Time of modification of all entries, in seconds since 1970.
    modified: u64,
}

impl TarWriter {
    pub(crate) fn new(file: File, modified: u64) -> Self {
        let sink = Hashed::new(BufWriter::with_capacity(BLOCK, file));
        Self { output: Some(Output::Plain(sink)), name: String::new(), start: 0, modified }
    }

    /// Begins an entry, whose content is compressed if it is `packed`.
    pub(crate) fn begin(&mut self, name: &str, packed: bool) -> io::Result<()> {
        let mut sink = self.sink()?;
        // In the place of the header.
        sink.inner.write_all(&[0; TAR_BLOCK])?;
        name.clone_into(&mut self.name);
        self.output = Some(if packed {
            Output::Packed(Box::new(GzEncoder::new(sink, Compression::fast())))
        } else {
            Output::Plain(sink)
        });
        Ok(())
    }

    /// Ends the entry, and returns its size in the archive with its SHA-256.
    pub(crate) fn end(&mut self) -> io::Result<(u64, ContentHash)> {
        let mut sink = self.sink()?;
        let (size, hash) = sink.take_sum();
        let file = &mut sink.inner;
        io::copy(&mut io::Read::take(io::repeat(0), padding(size)), file)?;
        file.seek(SeekFrom::Start(self.start))?;
        file.write_all(header(&self.name, size, self.modified)?.as_bytes())?;
        self.start = file.seek(SeekFrom::End(0))?;
        self.output = Some(Output::Plain(sink));
        Ok((size, hash))
    }

    /// Writes a small entry.
    pub(crate) fn add(&mut self, name: &str, content: &[u8]) -> io::Result<ContentHash> {
        self.begin(name, false)?;
        self.write_all(content)?;
        self.end().map(|(_, hash)| hash)
    }

    /// Returns the position of the next entry. Everything before it can be read from the file.
    pub(crate) fn position(&self) -> u64 {
        self.start
    }

    /// Ends the archive, and waits until it is on disk.
    pub(crate) fn finish(mut self) -> io::Result<()> {
        let mut file = self.sink()?.inner;
        file.write_all(&END)?;
        file.into_inner()?.sync_all()
    }

    /// Takes the file, after what is still to be compressed.
    fn sink(&mut self) -> io::Result<Sink> {
        match self.output.take() {
            Some(Output::Plain(sink)) => Ok(sink),
            Some(Output::Packed(encoder)) => encoder.finish(),
            None => Err(io::Error::other("an earlier part of the archive could not be written")),
        }
    }
}

impl Write for TarWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.output {
            Some(Output::Plain(sink)) => sink.write(bytes),
            Some(Output::Packed(encoder)) => encoder.write(bytes),
            None => Err(io::Error::other("an earlier part of the archive could not be written")),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
