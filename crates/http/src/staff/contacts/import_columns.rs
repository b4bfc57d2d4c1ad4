//! Columns of imported contacts.

use engage_application::{ImportProblem, ImportRow};
use engage_domain::EmailAddress;
use engage_domain::contact::TimeZoneName;
use engage_domain::text::nearest_name;

use super::csv_rows::{CsvRecord, LARGEST_RECORD, MOST_CELLS};
use crate::echo::shown;
use crate::error::FieldProblem;

/// Names of the columns. Only the first is required.
pub(super) const COLUMNS: [&str; 7] =
    ["email", "name", "phone", "organizationId", "locale", "timeZone", "notes"];

/// The columns of a file, in its order.
#[derive(Debug)]
pub(super) struct Columns(Vec<&'static str>);

impl Columns {
    /// Reads the header line.
    pub(super) fn read(header: &CsvRecord) -> Result<Self, Vec<FieldProblem>> {
        let Some(cells) = &header.cells else {
            return Err(vec![FieldProblem::new("body", "must begin with a shorter header line")]);
        };
        let (mut columns, mut problems) = (Vec::new(), Vec::new());
        for cell in cells {
            let name = String::from_utf8_lossy(cell);
            let name = name.trim_start_matches('\u{feff}').trim();
            match COLUMNS.iter().find(|known| **known == name) {
                Some(known) if columns.contains(known) => {
                    problems.push(FieldProblem::new(*known, "must be only one column"));
                }
                Some(known) => columns.push(*known),
                None => problems.push(unknown(name)),
            }
        }
        if !columns.contains(&"email") && problems.is_empty() {
            problems.push(FieldProblem::new("email", "must be a column of the header line"));
        }
        if problems.is_empty() { Ok(Self(columns)) } else { Err(problems) }
    }

    /// Reads a row. Blank cells count as missing.
    pub(super) fn row(&self, record: CsvRecord) -> Result<ImportRow, Vec<ImportProblem>> {
        let line = record.line;
        let problem = |field, message: String| ImportProblem { line, field, message };
        let Some(cells) = record.cells else {
            let message =
                format!("The row must have at most {LARGEST_RECORD} bytes and {MOST_CELLS} cells.");
            return Err(vec![problem("", message)]);
        };
        if cells.len() != self.0.len() {
            let (has, wants) = (cells.len(), self.0.len());
            let message = format!("The row has {has} cells, but the header line has {wants}.");
            return Err(vec![problem("", message)]);
        }
        let mut reader = RowReader { columns: &self.0, cells, problems: Vec::new(), line };
        let email = reader.read_by("email", EmailAddress::reachable);
        if email.is_none() && reader.problems.is_empty() {
            reader.problem("email", "is required");
        }
        let row = ImportRow {
            line,
            name: reader.read_by("name", str::parse),
            phone: reader.read_by("phone", str::parse),
            organization: reader.read_by("organizationId", str::parse),
            locale: reader.read_by("locale", str::parse),
            time_zone: reader.read_by("timeZone", TimeZoneName::known),
            notes: reader.read_by("notes", str::parse),
            email: email.unwrap_or_else(EmailAddress::absent),
        };
        if reader.problems.is_empty() { Ok(row) } else { Err(reader.problems) }
    }
}

fn unknown(name: &str) -> FieldProblem {
    let field = if name.is_empty() { "\"\"".to_owned() } else { shown(name) };
    match nearest_name(name, COLUMNS) {
        Some(meant) => FieldProblem::new(field, format!("is not known; did you mean {meant}?")),
        None => FieldProblem::new(field, "is not known"),
    }
}

/// The cells of a row, and the problems found so far.
struct RowReader<'a> {
    columns: &'a [&'static str],
    cells: Vec<Vec<u8>>,
    problems: Vec<ImportProblem>,
    line: u64,
}

impl RowReader<'_> {
    fn problem(&mut self, field: &'static str, message: impl Into<String>) {
        self.problems.push(ImportProblem { line: self.line, field, message: message.into() });
    }

    fn read_by<T, E: std::fmt::Display>(
        &mut self,
        field: &'static str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let place = self.columns.iter().position(|column| *column == field)?;
        let text = match std::str::from_utf8(self.cells.get(place)?) {
            Ok(text) => text.trim(),
            Err(_) => {
                self.problem(field, "must be in UTF-8");
                return None;
            }
        };
        if text.is_empty() {
            return None;
        }
        match parse(text) {
            Ok(value) => Some(value),
            Err(error) => {
                self.problem(field, error.to_string());
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(line: u64, cells: &[&str]) -> CsvRecord {
        let cells = cells.iter().map(|cell| cell.as_bytes().to_vec()).collect();
        CsvRecord { line, cells: Some(cells) }
    }

    fn columns(names: &[&str]) -> Columns {
        Columns::read(&record(1, names)).unwrap()
    }

    fn problems(row: Result<ImportRow, Vec<ImportProblem>>) -> Vec<(&'static str, String)> {
        let problems = row.unwrap_err();
        problems.into_iter().map(|problem| (problem.field, problem.message)).collect()
    }

    #[test]
    fn columns_come_in_any_order_and_blank_cells_are_missing() {
        let columns = columns(&["\u{feff}name", "email", "notes", "timeZone"]);
        let row = columns.row(record(2, &[" Jane ", "jane@example.com", "", "UTC"])).unwrap();
        assert_eq!(row.email.as_str(), "jane@example.com");
        assert_eq!(row.name.unwrap().as_str(), "Jane");
        assert_eq!(row.notes, None);
        assert_eq!(row.time_zone.unwrap().as_str(), "UTC");
    }

    #[test]
    fn a_header_line_with_unknown_missing_or_repeated_columns_is_refused() {
        for (names, expected) in [
            (&["mail"][..], "mail is not known; did you mean email?"),
            (&["name"], "email must be a column of the header line"),
            (&["email", "email"], "email must be only one column"),
            (&["email", ""], "\"\" is not known"),
        ] {
            let problems = Columns::read(&record(1, names)).unwrap_err();
            let told: Vec<_> =
                problems.iter().map(|one| format!("{} {}", one.field, one.message)).collect();
            assert_eq!(told, [expected]);
        }
    }

    #[test]
    fn every_problem_of_a_row_is_told() {
        let columns = columns(&["email", "name", "phone", "organizationId", "locale", "timeZone"]);
        let row = columns.row(record(7, &["x", "a\nb", "12", "org_1", "german", "Mars Olympus"]));
        let fields: Vec<_> = problems(row).into_iter().map(|(field, _)| field).collect();
        assert_eq!(fields, ["email", "name", "phone", "organizationId", "locale", "timeZone"]);
        let missing = problems(columns.row(record(8, &["", "", "", "", "", ""])));
        assert_eq!(missing, [("email", "is required".to_owned())]);
        let short = problems(columns.row(record(9, &["a@example.com"])));
        assert_eq!(short[0].1, "The row has 1 cells, but the header line has 6.");
    }

    #[test]
    fn a_cell_that_is_not_utf_8_is_refused() {
        let cells = Some(vec![b"a@example.com".to_vec(), b"\xff".to_vec()]);
        let row = columns(&["email", "name"]).row(CsvRecord { line: 2, cells });
        assert_eq!(problems(row), [("name", "must be in UTF-8".to_owned())]);
    }
}
