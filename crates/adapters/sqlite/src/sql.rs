//! Written-out statements, and criteria as SQLite compares them.

use diesel::prelude::*;
use engage_sql::Criterion;
pub(crate) use engage_sql::{Statement as Sql, Value};

/// Adds criteria to a condition.
pub(crate) fn push_criteria<T>(sql: &mut Sql<T>, criteria: impl IntoIterator<Item = Criterion>) {
    for criterion in criteria {
        push_criterion(sql, criterion, "");
    }
}

/// Adds criteria to a condition, and prevents SQLite from using the indexes of their columns.
pub(crate) fn push_unindexed_criteria<T>(sql: &mut Sql<T>, criteria: Vec<Criterion>) {
    for criterion in criteria {
        push_criterion(sql, criterion, "+");
    }
}

/// Adds a criterion. `sign` precedes the name of its column: `+` rules out an index.
fn push_criterion<T>(sql: &mut Sql<T>, criterion: Criterion, sign: &str) {
    sql.push(" AND ");
    match criterion {
        Criterion::Texts { column, wanted } => {
            sql.push(sign).push(column).push(" IN ").push_list(wanted);
        }
        Criterion::Ranks { column, wanted } => {
            sql.push(sign).push(column).push(" IN ").push_list(wanted);
        }
        // Written out, because a partial index is used only if its condition is in the statement.
        Criterion::Names { column, wanted } => {
            sql.push(&format!("{column} IN ('{}')", wanted.join("', '")));
        }
        Criterion::Null { column } => {
            sql.push(sign).push(column).push(" IS NULL");
        }
        Criterion::NullOrTexts { column, wanted } => {
            sql.push(&format!("({sign}{column} IS NULL OR {sign}{column} IN "));
            sql.push_list(wanted).push(")");
        }
        Criterion::Spellings { column, wanted } => {
            // One value, because the number of values in a statement is limited.
            sql.push(&format!("{column} IS NOT NULL AND lower({column}) IN "));
            sql.push("(SELECT value FROM json_each(").bind(wanted).push("))");
        }
        Criterion::StartsWith { column, prefix } => {
            sql.push(&format!("instr({column}, ")).bind(prefix).push(") = 1");
        }
        Criterion::Contains { column, text } => {
            sql.push(&format!("instr(lower({column}), lower(")).bind(text).push(")) > 0");
        }
        Criterion::Sql(text, values) => {
            sql.push_with(&text, values);
        }
    }
}

/// Runs a statement that returns no rows, with a value for each `?` in it.
pub(crate) fn execute<const N: usize>(
    connection: &mut SqliteConnection,
    statement: &str,
    values: [Value; N],
) -> QueryResult<()> {
    let statement: Sql<()> = Sql::prepared(statement, values);
    statement.execute(connection).map(drop)
}
