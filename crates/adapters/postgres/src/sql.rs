//! Values of written-out statements, and criteria as PostgreSQL compares them.

use diesel::QueryResult;
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, QueryFragment};
use diesel::sql_types::{Array, BigInt, Binary, Integer, Nullable, Text};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use engage_sql::{Criterion, DbId, DbTimestamp, Id, Operand, SqlId, SqlTimestamp, Statement};

/// A written-out statement whose rows have the SQL type `T`.
pub(crate) type Sql<T> = Statement<Value, T>;

/// A value in a statement.
pub(crate) enum Value {
    Text(String),
    Texts(Vec<String>),
    Bytes(Vec<u8>),
    ManyBytes(Vec<Vec<u8>>),
    Integer(i32),
    Integers(Vec<i32>),
    BigInt(i64),
    BigInts(Vec<i64>),
    Time(DbTimestamp),
    Id(DbId<u128>),
    Ids(Vec<DbId<u128>>),
    OptionalText(Option<String>),
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
    Texts(Vec<String>),
    Bytes(Vec<u8>),
    ManyBytes(Vec<Vec<u8>>),
    Integer(i32),
    Integers(Vec<i32>),
    BigInt(i64),
    BigInts(Vec<i64>),
    Time(DbTimestamp),
    OptionalText(Option<String>),
    OptionalBytes(Option<Vec<u8>>),
);

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl<T: Id> From<DbId<T>> for Value {
    fn from(id: DbId<T>) -> Self {
        Self::Id(id.untyped())
    }
}

impl<T: Id> From<Vec<DbId<T>>> for Value {
    fn from(ids: Vec<DbId<T>>) -> Self {
        Self::Ids(ids.into_iter().map(DbId::untyped).collect())
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
            Operand::Integer(number) => Self::Integer(number),
            Operand::BigInt(number) => Self::BigInt(number),
            Operand::Time(time) => Self::Time(DbTimestamp(time)),
        }
    }
}

impl QueryFragment<Pg> for Value {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        match self {
            Self::Text(text) => out.push_bind_param::<Text, _>(text),
            Self::Texts(texts) => out.push_bind_param::<Array<Text>, _>(texts),
            Self::Bytes(bytes) => out.push_bind_param::<Binary, _>(bytes),
            Self::ManyBytes(list) => out.push_bind_param::<Array<Binary>, _>(list),
            Self::Integer(number) => out.push_bind_param::<Integer, _>(number),
            Self::Integers(list) => out.push_bind_param::<Array<Integer>, _>(list),
            Self::BigInt(number) => out.push_bind_param::<BigInt, _>(number),
            Self::BigInts(list) => out.push_bind_param::<Array<BigInt>, _>(list),
            Self::Time(time) => out.push_bind_param::<SqlTimestamp, _>(time),
            Self::Id(id) => out.push_bind_param::<SqlId, _>(id),
            Self::Ids(ids) => out.push_bind_param::<Array<SqlId>, _>(ids),
            Self::OptionalText(text) => out.push_bind_param::<Nullable<Text>, _>(text),
            Self::OptionalBytes(bytes) => out.push_bind_param::<Nullable<Binary>, _>(bytes),
            Self::OptionalId(id) => out.push_bind_param::<Nullable<SqlId>, _>(id),
        }
    }
}

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
            sql.push_with(&text, values.into_iter().map(Value::from));
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
