//! CSV according to RFC 4180 that is safe to open in a spreadsheet.

use std::io;

use ::csv::{IntoInnerError, Terminator, Writer, WriterBuilder};
use engage_domain::Timestamp;

use super::columns::ExportedCaseBody;

/// Dialect of CSV.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Style {
    /// Separator between cells, an ASCII character.
    pub(super) delimiter: u8,
    /// Whether the file starts with a byte-order mark.
    pub(super) has_bom: bool,
}

const COLUMNS: [&str; 27] = [
    "caseNumber",
    "subject",
    "customerName",
    "customerEmail",
    "customerType",
    "status",
    "urgency",
    "issueType",
    "priorityScore",
    "assignedToId",
    "assignedToName",
    "department",
    "createdAt",
    "lastActivity",
    "estimatedResolution",
    "organization",
    "phone",
    "clientOrProjectName",
    "escalationLevel",
    "slaState",
    "firstResponse",
    "firstResponseDue",
    "resolvedAt",
    "closedAt",
    "lastUpdated",
    "source",
    "tags",
];

/// Returns the beginning of a file: the byte-order mark, if any, and the column names.
pub(super) fn head(style: Style) -> io::Result<Vec<u8>> {
    let mark = if style.has_bom { "\u{feff}" } else { "" };
    let mut writer = writer(mark.into(), style);
    writer.write_record(COLUMNS)?;
    finished(writer)
}

/// Returns one row per case.
pub(super) fn rows(
    cases: impl Iterator<Item = ExportedCaseBody>,
    style: Style,
) -> io::Result<Vec<u8>> {
    let mut writer = writer(Vec::new(), style);
    for case in cases {
        writer.write_record(cells(&case).map(without_formulas))?;
    }
    finished(writer)
}

fn writer(text: Vec<u8>, style: Style) -> Writer<Vec<u8>> {
    WriterBuilder::new()
        .delimiter(style.delimiter)
        .terminator(Terminator::CRLF)
        // Quotes every cell that contains an apostrophe, and so those that would be formulas.
        .comment(Some(b'\''))
        .from_writer(text)
}

fn finished(writer: Writer<Vec<u8>>) -> io::Result<Vec<u8>> {
    writer.into_inner().map_err(IntoInnerError::into_error)
}

/// Returns the cells of a row, one for each column.
fn cells(exported: &ExportedCaseBody) -> [String; COLUMNS.len()] {
    let case = &exported.summary;
    let assignee = case.assigned_to.as_ref();
    let time = |time: Option<Timestamp>| time.map(|time| time.to_string()).unwrap_or_default();
    [
        case.case_number.clone(),
        case.subject.clone(),
        case.customer_name.clone(),
        case.customer_email.clone().unwrap_or_default(),
        case.customer_type.to_owned(),
        case.status.to_owned(),
        case.urgency.to_owned(),
        case.issue_type.to_owned(),
        case.priority_score.to_string(),
        assignee.map(|one| one.id.clone()).unwrap_or_default(),
        assignee.map(|one| one.name.clone()).unwrap_or_default(),
        case.department.clone().unwrap_or_default(),
        case.created_at.to_string(),
        case.last_activity.to_string(),
        case.estimated_resolution.to_string(),
        exported.organization.clone().unwrap_or_default(),
        exported.phone.clone().unwrap_or_default(),
        exported.client_or_project_name.clone().unwrap_or_default(),
        exported.escalation_level.to_string(),
        exported.sla_state.to_owned(),
        time(exported.first_response),
        exported.first_response_due.to_string(),
        time(exported.resolved_at),
        time(exported.closed_at),
        exported.last_updated.to_string(),
        case.source.to_owned(),
        case.tags.join(","),
    ]
}

/// Formula characters, including their full-width forms, which East Asian keyboards produce.
const FORMULA: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];

/// Puts an apostrophe before any text that a spreadsheet would evaluate as a formula, so that it is
/// displayed instead (OWASP, "CSV Injection").
///
/// This applies to the start of the cell, and to every position that becomes the start of a cell
/// when the spreadsheet splits the file at semicolons or tabs.
fn without_formulas(cell: String) -> String {
    let is_formula = cell.starts_with(['\t', '\r', '\n']) || cell.starts_with(FORMULA);
    if !is_formula && !cell.contains([';', '\t']) {
        return cell;
    }
    let mut safe = String::with_capacity(cell.len() + 1);
    if is_formula {
        safe.push('\'');
    }
    let mut begins = false;
    for character in cell.chars() {
        if begins && FORMULA.contains(&character) {
            safe.push('\'');
        }
        begins = matches!(character, ';' | '\t') || (begins && character == ' ');
        safe.push(character);
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMAS: Style = Style { delimiter: b',', has_bom: false };

    /// Writes a row of two cells, of which the second one is empty.
    fn row(cell: &str, style: Style) -> String {
        let mut writer = writer(Vec::new(), style);
        writer.write_record([cell.to_owned(), String::new()].map(without_formulas)).unwrap();
        String::from_utf8(finished(writer).unwrap()).unwrap()
    }

    fn written(cell: &str) -> String {
        row(cell, COMMAS).strip_suffix(",\r\n").unwrap().to_owned()
    }

    #[test]
    fn a_cell_with_special_characters_is_quoted() {
        for (cell, expected) in [
            ("", ""),
            ("plain text", "plain text"),
            ("it's", "\"it's\""),
            ("a,b", "\"a,b\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\""),
            ("\"", "\"\"\"\""),
            ("two\nlines", "\"two\nlines\""),
            ("two\r\nlines", "\"two\r\nlines\""),
            ("a;b\tc 👩‍👩‍👧", "a;b\tc 👩‍👩‍👧"),
        ] {
            assert_eq!(written(cell), expected);
        }
    }

    #[test]
    fn a_formula_gets_a_leading_apostrophe() {
        for (cell, expected) in [
            ("=HYPERLINK(\"http://evil.example\")", "\"'=HYPERLINK(\"\"http://evil.example\"\")\""),
            ("+1", "\"'+1\""),
            ("-2+3", "\"'-2+3\""),
            ("@SUM(A1)", "\"'@SUM(A1)\""),
            ("＝1+1", "\"'＝1+1\""),
            ("＋1", "\"'＋1\""),
            ("－1", "\"'－1\""),
            ("＠A", "\"'＠A\""),
            ("x;＝1", "\"x;'＝1\""),
            ("\nx", "\"'\nx\""),
            ("\tx", "\"'\tx\""),
            ("\rx", "\"'\rx\""),
            ("x;=cmd|' /C calc'!A0", "\"x;'=cmd|' /C calc'!A0\""),
            ("x; \t+1", "\"x; \t'+1\""),
        ] {
            assert_eq!(written(cell), expected);
        }
        assert_eq!(written("1=1"), "1=1");
    }

    #[test]
    fn only_the_chosen_delimiter_is_quoted() {
        let style = Style { delimiter: b';', has_bom: false };
        assert_eq!(row("a,b", style), "a,b;\r\n");
        assert_eq!(row("a;b", style), "\"a;b\";\r\n");
    }

    #[test]
    fn the_first_line_names_every_column() {
        let text = String::from_utf8(head(COMMAS).unwrap()).unwrap();
        assert!(text.starts_with("caseNumber,subject,"), "{text}");
        assert!(text.ends_with(",lastUpdated,source,tags\r\n"), "{text}");
        assert_eq!(text.matches(',').count() + 1, COLUMNS.len());
        let marked = head(Style { delimiter: b'\t', has_bom: true }).unwrap();
        assert_eq!(
            String::from_utf8(marked).unwrap(),
            format!("\u{feff}{}", text.replace(',', "\t"))
        );
    }
}
