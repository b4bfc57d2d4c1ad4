//! The orders of lists of cases, and what surrounds the selection of a part.

use engage_domain::Timestamp;
use engage_repository::{CaseListing, CasePosition, CaseSort, PartStart, SortOrder};

use crate::case_row::LISTED_COLUMNS;
use crate::criterion::Criterion;
use crate::db_timestamp::DbTimestamp;
use crate::statement::Statement;
use crate::value::Value;

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
        i32::from(number.year()).into(),
        // A case number fits 63 bits.
        i64::try_from(number.sequence()).unwrap_or(i64::MAX).into(),
        number.prefix().to_string().into(),
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
fn sort_value(sort: CaseSort, value: i64) -> Option<Value> {
    match sort {
        CaseSort::CaseNumber => None,
        CaseSort::CreatedAt | CaseSort::LastActivity | CaseSort::EstimatedResolution => {
            Some(DbTimestamp(Timestamp::from_millis(value)).into())
        }
        CaseSort::Urgency | CaseSort::PriorityScore | CaseSort::Status | CaseSort::Relevance => {
            let beyond_all = if value < 0 { i32::MIN } else { i32::MAX };
            Some(i32::try_from(value).unwrap_or(beyond_all).into())
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

/// Begins a statement that selects the columns of a [`ListedRow`](crate::ListedRow) for the cases of a
/// part. The selection of the numbers and values of the cases follows.
pub fn begin_part<T>(listing: &CaseListing) -> Statement<T> {
    let found_in = if listing.sort == CaseSort::Relevance { "part.value" } else { "0" };
    Statement::new(&format!("SELECT {}, {found_in} FROM (", *LISTED_COLUMNS))
}

/// Ends a statement of [`begin_part`]. It selects one case more than the part has.
pub fn end_part<T>(sql: &mut Statement<T>, listing: &CaseListing) {
    sql.push(&order_by(listing, "value", ""));
    sql.push(" LIMIT ").bind(listing.sought()).push(" OFFSET ").bind(listing.skipped()).push(
        ") part JOIN cases c USING (number_year, number_sequence, number_prefix) \
         LEFT JOIN staff ON staff.id = c.assigned_to",
    );
    sql.push(&order_by(listing, "part.value", "part."));
}
