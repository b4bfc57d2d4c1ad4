//! Records of CSV that arrive in pieces, with a bounded memory.

use csv_core::{ReadRecordResult, Reader};

/// Maximum number of bytes of a record.
pub(super) const LARGEST_RECORD: usize = 64 * 1024;

/// Maximum number of cells of a record.
pub(super) const MOST_CELLS: usize = 64;

/// A record with the line on which it begins, from 1.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct CsvRecord {
    pub(super) line: u64,
    /// Cells of the record, or `None` if it is larger than allowed.
    pub(super) cells: Option<Vec<Vec<u8>>>,
}

/// Splits CSV (RFC 4180) into records. Blank lines are skipped.
pub(super) struct CsvRows {
    reader: Reader,
    cells: Vec<u8>,
    ends: Vec<usize>,
    filled: usize,
    ended: usize,
    is_too_large: bool,
    /// Line of the next byte.
    line: u64,
    /// Line on which the record begins, once it has.
    begins_at: Option<u64>,
}

impl CsvRows {
    pub(super) fn new() -> Self {
        Self {
            reader: Reader::new(),
            cells: vec![0; LARGEST_RECORD],
            ends: vec![0; MOST_CELLS],
            filled: 0,
            ended: 0,
            is_too_large: false,
            line: 1,
            begins_at: None,
        }
    }

    /// Reads the next record from the beginning of the input, and removes what was read. Returns
    /// `None` if the record goes on in the next piece.
    pub(super) fn next(&mut self, input: &mut &[u8]) -> Option<CsvRecord> {
        loop {
            if self.begins_at.is_none() {
                self.skip_line_ends(input);
            }
            if input.is_empty() {
                return None;
            }
            if let Some(record) = self.read(input) {
                return Some(record);
            }
        }
    }

    /// Returns the last record if no line end followed it.
    pub(super) fn finish(&mut self) -> Option<CsvRecord> {
        self.begins_at?;
        loop {
            if let Some(record) = self.read(&mut &[][..]) {
                return Some(record);
            }
            // Only a record that is too large needs another turn.
            if !self.is_too_large {
                return None;
            }
        }
    }

    fn skip_line_ends(&mut self, input: &mut &[u8]) {
        while let Some((first @ (b'\r' | b'\n'), rest)) = input.split_first() {
            self.line += u64::from(*first == b'\n');
            *input = rest;
        }
        if !input.is_empty() {
            self.begins_at = Some(self.line);
        }
    }

    /// Reads on, and returns the record if it ends.
    fn read(&mut self, input: &mut &[u8]) -> Option<CsvRecord> {
        let (cells, ends) = (&mut self.cells[self.filled..], &mut self.ends[self.ended..]);
        let (result, read, written, ended) = self.reader.read_record(input, cells, ends);
        let ends_of_lines = input[..read].iter().map(|byte| u64::from(*byte == b'\n'));
        self.line += ends_of_lines.sum::<u64>();
        *input = &input[read..];
        self.filled += written;
        self.ended += ended;
        match result {
            ReadRecordResult::InputEmpty | ReadRecordResult::End => None,
            ReadRecordResult::OutputFull | ReadRecordResult::OutputEndsFull => {
                self.is_too_large = true;
                (self.filled, self.ended) = (0, 0);
                None
            }
            ReadRecordResult::Record => Some(self.take()),
        }
    }

    fn take(&mut self) -> CsvRecord {
        let mut begin = 0;
        let cells = self.ends[..self.ended].iter().map(|&end| {
            let cell = self.cells[begin..end].to_vec();
            begin = end;
            cell
        });
        let cells: Vec<_> = if self.is_too_large { Vec::new() } else { cells.collect() };
        let record = CsvRecord {
            line: self.begins_at.unwrap_or(self.line),
            cells: (!self.is_too_large).then_some(cells),
        };
        (self.filled, self.ended) = (0, 0);
        (self.is_too_large, self.begins_at) = (false, None);
        record
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads a text in pieces of this size: each record with its line and cells.
    fn read(text: &str, piece: usize) -> Vec<(u64, Option<Vec<String>>)> {
        let mut rows = CsvRows::new();
        let mut records = Vec::new();
        for mut piece in text.as_bytes().chunks(piece) {
            while let Some(record) = rows.next(&mut piece) {
                records.push(record);
            }
        }
        records.extend(rows.finish());
        let texts = |cells: Vec<Vec<u8>>| {
            cells.into_iter().map(|cell| String::from_utf8(cell).unwrap()).collect()
        };
        records.into_iter().map(|record| (record.line, record.cells.map(texts))).collect()
    }

    fn row(line: u64, cells: &[&str]) -> (u64, Option<Vec<String>>) {
        (line, Some(cells.iter().map(|cell| (*cell).to_owned()).collect()))
    }

    #[test]
    fn records_are_read_alike_whatever_the_pieces() {
        let text = "email,notes\r\na@example.com,\"two\r\nlines, \"\"quoted\"\"\"\r\n\r\nb,\nc,é";
        let expected = [
            row(1, &["email", "notes"]),
            row(2, &["a@example.com", "two\r\nlines, \"quoted\""]),
            row(5, &["b", ""]),
            row(6, &["c", "é"]),
        ];
        for piece in [1, 2, 3, 7, 1_000] {
            assert_eq!(read(text, piece), expected, "{piece}");
        }
    }

    #[test]
    fn a_record_that_is_too_large_is_told_and_the_next_is_read() {
        let long = "x".repeat(3 * LARGEST_RECORD);
        let wide = ",".repeat(3 * MOST_CELLS);
        let text = format!("a\n{long}\n{wide}\nb\n{long}");
        for piece in [1_000, 1_000_000] {
            let expected = [row(1, &["a"]), (2, None), (3, None), row(4, &["b"]), (5, None)];
            assert_eq!(read(&text, piece), expected, "{piece}");
        }
    }

    #[test]
    fn nothing_has_no_records() {
        for text in ["", "\n", "\r\n\r\n"] {
            assert_eq!(read(text, 1), []);
        }
    }
}
