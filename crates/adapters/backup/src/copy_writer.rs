use std::io::{self, Write};

use engage_repository::{CopiedFile, CopyPart, CopyWriter};

use crate::file_list::line;
use crate::layout::{FILE_LIST, part_name};
use crate::lines::lines_in;
use crate::manifest::Part;
use crate::tar_writer::TarWriter;

/// Writes the copy of a database into an archive.
pub(crate) struct ArchivedCopy<'a> {
    archive: &'a mut TarWriter,
    parts: Vec<Part>,
    /// Part that was begun, with the number of its rows so far.
    open: Option<(CopyPart, u64)>,
    /// Number of named files, once the list was begun.
    files: Option<u64>,
}

impl<'a> ArchivedCopy<'a> {
    pub(crate) fn new(archive: &'a mut TarWriter) -> Self {
        Self { archive, parts: Vec::new(), open: None, files: None }
    }

    /// Ends the list of files, which comes last, and returns all parts.
    pub(crate) fn finish(mut self) -> io::Result<Vec<Part>> {
        self.begin_list()?;
        let (bytes, sha256) = self.archive.end()?;
        let rows = self.files;
        self.parts.push(Part {
            name: FILE_LIST.to_owned(),
            columns: ["id", "size", "sha256"].map(str::to_owned).to_vec(),
            rows,
            bytes,
            sha256,
        });
        Ok(self.parts)
    }

    fn begin_list(&mut self) -> io::Result<()> {
        if self.files.is_none() {
            self.archive.begin(FILE_LIST, true)?;
            self.files = Some(0);
        }
        Ok(())
    }
}

impl CopyWriter for ArchivedCopy<'_> {
    fn begin_part(&mut self, part: CopyPart) -> io::Result<()> {
        self.archive.begin(&part_name(&part.name), true)?;
        self.open = Some((part, 0));
        Ok(())
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        if let Some((_, rows)) = &mut self.open {
            *rows += lines_in(bytes);
        }
        self.archive.write_all(bytes)
    }

    fn end_part(&mut self) -> io::Result<u64> {
        let (bytes, sha256) = self.archive.end()?;
        let Some((CopyPart { name, columns }, rows)) = self.open.take() else {
            return Err(io::Error::other("a part ended that was not begun"));
        };
        let name = part_name(&name);
        let is_made_of_rows = !columns.is_empty();
        let noted = is_made_of_rows.then_some(rows);
        self.parts.push(Part { name, columns, rows: noted, bytes, sha256 });
        Ok(rows)
    }

    fn name_file(&mut self, file: &CopiedFile) -> io::Result<()> {
        self.begin_list()?;
        self.files = self.files.map(|count| count + 1);
        self.archive.write_all(line(file).as_bytes())
    }
}
