//! CSV as RFC 4180 has it, that a spreadsheet may open without harm.

use std::borrow::Cow;

use engage_domain::Timestamp;

use super::columns::ExportedCaseBody;

/// How CSV is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Style {
    /// What stands between cells.
    pub(super) delimiter: char,
    /// Whether a byte-order mark comes first.
    pub(super) has_bom: bool,
}

const COLUMNS: [&str; 25] = [
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
];

pub(super) fn head(style: Style) -> Vec<u8> {
    let mut text = Vec::new();
    if style.has_bom {
        text.extend("\u{feff}".bytes());
    }
    row(&COLUMNS.map(str::to_owned), style, &mut text);
    text
}

pub(super) fn write(case: &ExportedCaseBody, style: Style, text: &mut Vec<u8>) {
    row(&cells(case), style, text);
}

/// What stands in each column.
fn cells(exported: &ExportedCaseBody) -> [String; COLUMNS.len()] {
    let case = &exported.summary;
    let assignee = case.assigned_to.as_ref();
    let time = |time: Option<Timestamp>| time.map(|time| time.to_string()).unwrap_or_default();
    [
        case.case_number.clone(),
        case.subject.clone(),
        case.customer_name.clone(),
        case.customer_email.clone(),
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
    ]
}

fn row(cells: &[String], style: Style, text: &mut Vec<u8>) {
    let mut delimiter = [0; 4];
    let delimiter = style.delimiter.encode_utf8(&mut delimiter);
    for (place, cell) in cells.iter().enumerate() {
        if place > 0 {
            text.extend_from_slice(delimiter.as_bytes());
        }
        write_cell(cell, style.delimiter, text);
    }
    text.extend_from_slice(b"\r\n");
}

/// Writes a cell, in quotes where it needs them.
fn write_cell(cell: &str, delimiter: char, text: &mut Vec<u8>) {
    let cell = without_formulas(cell);
    if cell.starts_with('\'') || cell.contains(['"', delimiter, '\r', '\n']) {
        text.push(b'"');
        text.extend_from_slice(cell.replace('"', "\"\"").as_bytes());
        text.push(b'"');
    } else {
        text.extend_from_slice(cell.as_bytes());
    }
}

/// A cell with an apostrophe before whatever a spreadsheet would take for a formula, so that it shows
/// it as it is (OWASP, "CSV Injection"): at the beginning, and where one that separates cells by
/// semicolons or tabs would see another beginning. Signs of full width, as East Asian keyboards give
/// them, count as well.
fn without_formulas(cell: &str) -> Cow<'_, str> {
    const FORMULA: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];
    let is_sharp = cell.starts_with(['\t', '\r', '\n']) || cell.starts_with(FORMULA);
    if !is_sharp && !cell.contains([';', '\t']) {
        return Cow::Borrowed(cell);
    }
    let mut safe = String::with_capacity(cell.len() + 1);
    if is_sharp {
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
    Cow::Owned(safe)
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMAS: Style = Style { delimiter: ',', has_bom: false };

    fn written(cell: &str) -> String {
        let mut text = Vec::new();
        write_cell(cell, ',', &mut text);
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn a_cell_is_quoted_where_it_would_be_read_as_something_else() {
        for (cell, expected) in [
            ("", ""),
            ("plain text", "plain text"),
            ("it's", "it's"),
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
    fn a_cell_that_a_spreadsheet_would_take_for_a_formula_is_made_a_text() {
        for (cell, expected) in [
            ("=HYPERLINK(\"http://evil.example\")", "\"'=HYPERLINK(\"\"http://evil.example\"\")\""),
            ("+1", "\"'+1\""),
            ("-2+3", "\"'-2+3\""),
            ("@SUM(A1)", "\"'@SUM(A1)\""),
            ("＝1+1", "\"'＝1+1\""),
            ("＋1", "\"'＋1\""),
            ("－1", "\"'－1\""),
            ("＠A", "\"'＠A\""),
            ("x;＝1", "x;'＝1"),
            ("\nx", "\"'\nx\""),
            ("\tx", "\"'\tx\""),
            ("\rx", "\"'\rx\""),
            ("x;=cmd|' /C calc'!A0", "x;'=cmd|' /C calc'!A0"),
            ("x; \t+1", "x; \t'+1"),
        ] {
            assert_eq!(written(cell), expected);
        }
        assert_eq!(written("1=1"), "1=1");
    }

    #[test]
    fn the_delimiter_is_quoted_and_a_comma_is_not_where_it_is_none() {
        let mut text = Vec::new();
        let style = Style { delimiter: ';', has_bom: false };
        row(&["a,b".to_owned(), "a;b".to_owned()], style, &mut text);
        assert_eq!(String::from_utf8(text).unwrap(), "a,b;\"a;b\"\r\n");
    }

    #[test]
    fn the_head_names_every_column() {
        let text = String::from_utf8(head(COMMAS)).unwrap();
        assert!(text.starts_with("caseNumber,subject,"), "{text}");
        assert!(text.ends_with(",lastUpdated\r\n"), "{text}");
        assert_eq!(text.matches(',').count() + 1, COLUMNS.len());
        let marked = String::from_utf8(head(Style { delimiter: '\t', has_bom: true })).unwrap();
        assert_eq!(marked, format!("\u{feff}{}", text.replace(',', "\t")));
    }
}
