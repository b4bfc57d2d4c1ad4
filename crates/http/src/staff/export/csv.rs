//! CSV as RFC 4180 has it, that a spreadsheet may open without harm.

use std::borrow::Cow;

use crate::staff::list::CaseSummaryBody;

const COLUMNS: [&str; 15] = [
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
];

pub(super) fn head() -> Vec<u8> {
    let mut text = Vec::new();
    row(&COLUMNS.map(str::to_owned), &mut text);
    text
}

pub(super) fn write(case: &CaseSummaryBody, text: &mut Vec<u8>) {
    row(&cells(case), text);
}

/// What stands in each column.
fn cells(case: &CaseSummaryBody) -> [String; COLUMNS.len()] {
    let assignee = case.assigned_to.as_ref();
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
    ]
}

fn row(cells: &[String], text: &mut Vec<u8>) {
    for (place, cell) in cells.iter().enumerate() {
        if place > 0 {
            text.push(b',');
        }
        write_cell(cell, text);
    }
    text.extend_from_slice(b"\r\n");
}

/// Writes a cell, in quotes where it needs them.
fn write_cell(cell: &str, text: &mut Vec<u8>) {
    let cell = without_formulas(cell);
    if cell.starts_with('\'') || cell.contains(['"', ',', '\r', '\n']) {
        text.push(b'"');
        text.extend_from_slice(cell.replace('"', "\"\"").as_bytes());
        text.push(b'"');
    } else {
        text.extend_from_slice(cell.as_bytes());
    }
}

/// A cell with an apostrophe before whatever a spreadsheet would take for a formula, so that it shows
/// it as it is (OWASP, "CSV Injection"): at the beginning, and where one that separates cells by
/// semicolons or tabs would see another beginning.
fn without_formulas(cell: &str) -> Cow<'_, str> {
    const FORMULA: [char; 4] = ['=', '+', '-', '@'];
    let is_sharp = cell.starts_with(['\t', '\r']) || cell.starts_with(FORMULA);
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

    fn written(cell: &str) -> String {
        let mut text = Vec::new();
        write_cell(cell, &mut text);
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
    fn the_head_names_every_column() {
        let head = String::from_utf8(head()).unwrap();
        assert!(head.starts_with("caseNumber,subject,"), "{head}");
        assert!(head.ends_with(",estimatedResolution\r\n"), "{head}");
        assert_eq!(head.matches(',').count() + 1, COLUMNS.len());
    }
}
