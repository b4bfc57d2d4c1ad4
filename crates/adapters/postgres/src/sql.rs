//! Written-out statements, and criteria as PostgreSQL compares them.

use diesel::QueryResult;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use engage_sql::Criterion;
pub(crate) use engage_sql::{Statement as Sql, Value};

/// Adds criteria to a condition.
pub(crate) fn push_criteria<T>(sql: &mut Sql<T>, criteria: impl IntoIterator<Item = Criterion>) {
    for criterion in criteria {
        push_criterion(sql, criterion);
    }
}

fn push_criterion<T>(sql: &mut Sql<T>, criterion: Criterion) {
    sql.push(" AND ");
    match criterion {
        Criterion::Texts { column, wanted } => {
            sql.push(column).push(" = ANY(").bind(wanted).push(")");
        }
        Criterion::Ranks { column, wanted } => {
            sql.push(column).push(" = ANY(").bind(wanted).push(")");
        }
        Criterion::Names { column, wanted } => {
            let wanted: Vec<_> = wanted.into_iter().map(str::to_owned).collect();
            sql.push(column).push(" = ANY(").bind(wanted).push(")");
        }
        Criterion::Null { column } => {
            sql.push(column).push(" IS NULL");
        }
        Criterion::NullOrTexts { column, wanted } => {
            sql.push(&format!("({column} IS NULL OR {column} = ANY(")).bind(wanted).push("))");
        }
        Criterion::Spellings { column, wanted } => {
            sql.push(&format!("{column} IS NOT NULL AND lower({column} COLLATE \"C\") = ANY("));
            sql.bind(wanted).push(")");
        }
        Criterion::StartsWith { column, prefix } => {
            sql.push(&format!("starts_with({column}, ")).bind(prefix).push(")");
        }
        Criterion::Contains { column, text } => {
            sql.push(&format!("strpos(lower({column} COLLATE \"C\"), lower(")).bind(text);
            sql.push(" COLLATE \"C\")) > 0");
        }
        Criterion::Sql(text, values) => {
            sql.push_with(&text, values);
        }
    }
}

/// Runs a statement that returns no rows, with a value for each `?` in it.
pub(crate) async fn execute<const N: usize>(
    connection: &mut AsyncPgConnection,
    statement: &str,
    values: [Value; N],
) -> QueryResult<()> {
    let statement: Sql<()> = Sql::prepared(statement, values);
    statement.execute(connection).await.map(drop)
}
