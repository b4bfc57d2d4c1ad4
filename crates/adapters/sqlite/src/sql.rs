//! Values of written-out statements, and criteria as SQLite compares them.

use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment};
use diesel::sql_types::{BigInt, Binary, Nullable, Text};
use diesel::sqlite::Sqlite;
use engage_sql::{Criterion, DbId, DbTimestamp, Id, Operand, SqlId, Statement};

/// A written-out statement whose rows have the SQL type `T`.
pub(crate) type Sql<T> = Statement<Value, T>;

/// A value in a statement.
pub(crate) enum Value {
    Text(String),
    Integer(i64),
    Bytes(Vec<u8>),
    Id(DbId<u128>),
    OptionalText(Option<String>),
    OptionalInteger(Option<i64>),
    OptionalBytes(Option<Vec<u8>>),
    OptionalId(Option<DbId<u128>>),
}

macro_rules! values {
    ($($variant:ident($type:ty)),+ $(,)?) => {
        $(impl From<$type> for Value {
            fn from(value: $type) -> Self {
                Self::$variant(value)
            }
        })+
    };
}

values!(
    Text(String),
    Integer(i64),
    Bytes(Vec<u8>),
    OptionalText(Option<String>),
    OptionalInteger(Option<i64>),
    OptionalBytes(Option<Vec<u8>>),
);

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<DbTimestamp> for Value {
    fn from(time: DbTimestamp) -> Self {
        Self::Integer(time.as_millis())
    }
}

impl<T: Id> From<DbId<T>> for Value {
    fn from(id: DbId<T>) -> Self {
        Self::Id(id.untyped())
    }
}

impl<T: Id> From<Option<DbId<T>>> for Value {
    fn from(id: Option<DbId<T>>) -> Self {
        Self::OptionalId(id.map(DbId::untyped))
    }
}

impl From<Operand> for Value {
    fn from(operand: Operand) -> Self {
        match operand {
            Operand::Text(text) => Self::Text(text),
            Operand::Integer(number) => Self::Integer(number.into()),
            Operand::BigInt(number) => Self::Integer(number),
            Operand::Time(time) => Self::Integer(time.as_millis()),
        }
    }
}

impl QueryFragment<Sqlite> for Value {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        match self {
            Self::Text(text) => out.push_bind_param::<Text, _>(text),
            Self::Integer(number) => out.push_bind_param::<BigInt, _>(number),
            Self::Bytes(bytes) => out.push_bind_param::<Binary, _>(bytes),
            Self::Id(id) => out.push_bind_param::<SqlId, _>(id),
            Self::OptionalText(text) => out.push_bind_param::<Nullable<Text>, _>(text),
            Self::OptionalInteger(number) => out.push_bind_param::<Nullable<BigInt>, _>(number),
            Self::OptionalBytes(bytes) => out.push_bind_param::<Nullable<Binary>, _>(bytes),
            Self::OptionalId(id) => out.push_bind_param::<Nullable<SqlId>, _>(id),
        }
    }
}

/// Adds a list of values in parentheses.
pub(crate) fn push_list<T, V: Into<Value>>(
    sql: &mut Sql<T>,
    values: impl IntoIterator<Item = V>,
) -> &mut Sql<T> {
    sql.push("(");
    for (place, value) in values.into_iter().enumerate() {
        sql.push(if place == 0 { "" } else { ", " }).bind(value);
    }
    sql.push(")")
}

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
            push_list(sql.push(sign).push(column).push(" IN "), wanted);
        }
        Criterion::Ranks { column, wanted } => {
            let wanted = wanted.into_iter().map(i64::from);
            push_list(sql.push(sign).push(column).push(" IN "), wanted);
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
            push_list(sql, wanted).push(")");
        }
        Criterion::Spellings { column, wanted } => {
            // One value, because the number of values in a statement is limited.
            let wanted = serde_json::Value::from(wanted).to_string();
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
            sql.push_with(&text, values.into_iter().map(Value::from));
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
