use std::io::{self, ErrorKind, Read};

use engage_repository::{CopyFacts, CopyPart, CopyReader};

use crate::archive::Archive;
use crate::layout::{DATABASE, PACKED, part_name};
use crate::part_reader::PartReader;

/// The copy of a database in an archive.
pub(crate) struct CopyInArchive<'a> {
    archive: &'a Archive,
    facts: CopyFacts,
}

impl<'a> CopyInArchive<'a> {
    pub(crate) fn new(archive: &'a Archive) -> Self {
        Self { archive, facts: archive.manifest.facts() }
    }
}

impl CopyReader for CopyInArchive<'_> {
    fn facts(&self) -> &CopyFacts {
        &self.facts
    }

    fn parts(&self) -> Vec<CopyPart> {
        let parts = self.archive.manifest.parts.iter();
        let own = parts.filter_map(|part| {
            let name = part.name.strip_prefix(DATABASE)?.strip_suffix(PACKED)?;
            Some(CopyPart { name: name.to_owned(), columns: part.columns.clone() })
        });
        own.collect()
    }

    fn open(&self, part: &str) -> io::Result<Box<dyn Read + Send>> {
        match PartReader::of(self.archive, &part_name(part)) {
            Some(reader) => Ok(Box::new(reader)),
            None => Err(io::Error::new(ErrorKind::InvalidData, format!("there is no part {part}"))),
        }
    }
}
