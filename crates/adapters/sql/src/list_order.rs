//! The orders of lists of cases.

use engage_domain::Timestamp;
use engage_repository::{CaseListing, CasePosition, CaseSort, PartStart, SortOrder};

use crate::criterion::{Criterion, Operand};

/// Returns the column of the cases `c` by which a list is sorted before its number.
pub fn sort_column(sort: CaseSort) -> &'static str {
    match sort {
        CaseSort::CreatedAt => "c.created_at",
        CaseSort::LastActivity => "c.last_activity",
        CaseSort::Urgency => "c.urgency_rank",
        CaseSort::PriorityScore => "c.priority_score",
        CaseSort::EstimatedResolution => "c.estimated_resolution",
        CaseSort::Status => "c.status_rank",
        CaseSort::CaseNumber | CaseSort::Relevance => "0",
    }
}

/// Returns the criterion that a case of the table `c` is after the start of a part, if the part starts
/// after a case. `column` has the value by which the list is sorted.
pub fn after_start(listing: &CaseListing, column: &str) -> Option<Criterion> {
    let PartStart::After(CasePosition { value, number }) = &listing.start else { return None };
    let comparison = match listing.order {
        SortOrder::Ascending => ">",
        SortOrder::Descending => "<",
    };
    let number = [
        Operand::Integer(number.year().into()),
        // A case number fits 63 bits.
        Operand::BigInt(i64::try_from(number.sequence()).unwrap_or(i64::MAX)),
        Operand::Text(number.prefix().to_string()),
    ];
    let columns = "c.number_year, c.number_sequence, c.number_prefix";
    let Some(value) = sort_value(listing.sort, *value) else {
        return Some(Criterion::sql(format!("({columns}) {comparison} (?, ?, ?)"), number));
    };
    let [year, sequence, prefix] = number;
    let text = format!("({column}, {columns}) {comparison} (?, ?, ?, ?)");
    Some(Criterion::sql(text, [value, year, sequence, prefix]))
}

/// Returns the value by which a list is sorted before its number, as its column has it.
fn sort_value(sort: CaseSort, value: i64) -> Option<Operand> {
    match sort {
        CaseSort::CaseNumber => None,
        CaseSort::CreatedAt | CaseSort::LastActivity | CaseSort::EstimatedResolution => {
            Some(Operand::Time(Timestamp::from_millis(value)))
        }
        CaseSort::Urgency | CaseSort::PriorityScore | CaseSort::Status | CaseSort::Relevance => {
            let beyond_all = if value < 0 { i32::MIN } else { i32::MAX };
            Some(Operand::Integer(i32::try_from(value).unwrap_or(beyond_all)))
        }
    }
}

/// Returns the order of a list as SQL. `table` precedes the columns of the number.
pub fn order_by(listing: &CaseListing, column: &str, table: &str) -> String {
    let direction = match listing.order {
        SortOrder::Ascending => "ASC",
        SortOrder::Descending => "DESC",
    };
    let value = match listing.sort {
        CaseSort::CaseNumber => String::new(),
        _ => format!("{column} {direction}, "),
    };
    format!(
        " ORDER BY {value}{table}number_year {direction}, {table}number_sequence {direction}, \
         {table}number_prefix {direction}"
    )
}
