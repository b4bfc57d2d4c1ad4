//! The list of the files that a database refers to: one in a line, id, size and SHA-256.

use std::io::{self, BufRead, BufReader, Read};

use engage_repository::CopiedFile;

/// Longest line. Ids, sizes and hashes are shorter.
const LONGEST: u64 = 256;

pub(crate) fn line(file: &CopiedFile) -> String {
    let CopiedFile { id, size, hash } = file;
    format!("{id}\t{size}\t{hash}\n")
}

/// Reads a list.
pub(crate) struct FileList<R>(BufReader<R>);

impl<R: Read> FileList<R> {
    pub(crate) fn new(list: R) -> Self {
        Self(BufReader::new(list))
    }

    /// Returns the next file, or `None` at the end of the list.
    pub(crate) fn next(&mut self) -> io::Result<Option<CopiedFile>> {
        let mut line = String::new();
        if self.0.by_ref().take(LONGEST).read_line(&mut line)? == 0 {
            return Ok(None);
        }
        let file = parsed(&line);
        file.map(Some)
            .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "a line of it is not valid"))
    }
}

fn parsed(line: &str) -> Option<CopiedFile> {
    let mut fields = line.strip_suffix('\n')?.split('\t');
    let id = fields.next()?.parse().ok()?;
    let size = fields.next()?.parse().ok()?;
    let hash = fields.next()?.parse().ok()?;
    fields.next().is_none().then_some(CopiedFile { id, size, hash })
}

#[cfg(test)]
mod tests {
    use engage_domain::AttachmentId;
    use engage_domain::attachment::ContentHash;

    use super::*;

    #[test]
    fn a_list_is_read_as_it_was_written() {
        let file = |bits: u8| CopiedFile {
            id: AttachmentId::from_u128(bits.into()),
            size: u64::MAX - u64::from(bits),
            hash: ContentHash::from_bytes([bits; 32]),
        };
        let text = [line(&file(1)), line(&file(2))].concat();
        let mut list = FileList::new(text.as_bytes());
        assert_eq!(list.next().unwrap(), Some(file(1)));
        assert_eq!(list.next().unwrap(), Some(file(2)));
        assert_eq!(list.next().unwrap(), None);
    }

    #[test]
    fn other_lines_are_rejected() {
        let endless = "a".repeat(1_000_000);
        for text in ["\n", "att_00000000000000000000000001\t1\t\n", "x", endless.as_str()] {
            FileList::new(text.as_bytes()).next().unwrap_err();
        }
    }
}
