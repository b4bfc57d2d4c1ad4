//! Values of written-out statements.

use diesel::QueryResult;
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::{Array, SqlType};
use diesel::sqlite::Sqlite;
use serde::Serialize;

use crate::db_id::{DbId, Id};
use crate::db_timestamp::DbTimestamp;
use crate::sql_types::{BigInt, Binary, Integer, Nullable, SqlId, SqlTimestamp, Text};

/// A value in a statement, or null. A list is an array in PostgreSQL and JSON in SQLite.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A text.
    Text(Option<String>),
    /// Bytes.
    Bytes(Option<Vec<u8>>),
    /// A 32-bit number.
    Integer(Option<i32>),
    /// A 64-bit number.
    BigInt(Option<i64>),
    /// A point in time.
    Time(Option<DbTimestamp>),
    /// An id.
    Id(Option<DbId<u128>>),
    /// A list of texts.
    Texts(Option<Vec<String>>),
    /// A list of bytes.
    ManyBytes(Option<Vec<Vec<u8>>>),
    /// A list of 32-bit numbers.
    Integers(Option<Vec<i32>>),
    /// A list of 64-bit numbers.
    BigInts(Option<Vec<i64>>),
    /// A list of ids.
    Ids(Option<Vec<DbId<u128>>>),
}

macro_rules! values {
    ($($variant:ident($type:ty)),+ $(,)?) => {
        $(impl From<$type> for Value {
            fn from(value: $type) -> Self {
                Self::$variant(Some(value))
            }
        }
        impl From<Option<$type>> for Value {
            fn from(value: Option<$type>) -> Self {
                Self::$variant(value)
            }
        })+
    };
}

values!(
    Text(String),
    Bytes(Vec<u8>),
    Integer(i32),
    BigInt(i64),
    Time(DbTimestamp),
    Texts(Vec<String>),
    ManyBytes(Vec<Vec<u8>>),
    Integers(Vec<i32>),
    BigInts(Vec<i64>),
);

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl<T: Id> From<DbId<T>> for Value {
    fn from(id: DbId<T>) -> Self {
        Some(id).into()
    }
}

impl<T: Id> From<Option<DbId<T>>> for Value {
    fn from(id: Option<DbId<T>>) -> Self {
        Self::Id(id.map(DbId::untyped))
    }
}

impl<T: Id> From<Vec<DbId<T>>> for Value {
    fn from(ids: Vec<DbId<T>>) -> Self {
        Self::Ids(Some(ids.into_iter().map(DbId::untyped).collect()))
    }
}

impl QueryFragment<Pg> for Value {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        match self {
            Self::Text(text) => out.push_bind_param::<Nullable<Text>, _>(text),
            Self::Bytes(bytes) => out.push_bind_param::<Nullable<Binary>, _>(bytes),
            Self::Integer(number) => out.push_bind_param::<Nullable<Integer>, _>(number),
            Self::BigInt(number) => out.push_bind_param::<Nullable<BigInt>, _>(number),
            Self::Time(time) => out.push_bind_param::<Nullable<SqlTimestamp>, _>(time),
            Self::Id(id) => out.push_bind_param::<Nullable<SqlId>, _>(id),
            Self::Texts(list) => out.push_bind_param::<Nullable<Array<Text>>, _>(list),
            Self::ManyBytes(list) => out.push_bind_param::<Nullable<Array<Binary>>, _>(list),
            Self::Integers(list) => out.push_bind_param::<Nullable<Array<Integer>>, _>(list),
            Self::BigInts(list) => out.push_bind_param::<Nullable<Array<BigInt>>, _>(list),
            Self::Ids(list) => out.push_bind_param::<Nullable<Array<SqlId>>, _>(list),
        }
    }
}

impl QueryFragment<Sqlite> for Value {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        match self {
            Self::Text(text) => out.push_bind_param::<Nullable<Text>, _>(text),
            Self::Bytes(bytes) => out.push_bind_param::<Nullable<Binary>, _>(bytes),
            Self::Integer(number) => out.push_bind_param::<Nullable<Integer>, _>(number),
            Self::BigInt(number) => out.push_bind_param::<Nullable<BigInt>, _>(number),
            Self::Time(time) => out.push_bind_param::<Nullable<SqlTimestamp>, _>(time),
            Self::Id(id) => out.push_bind_param::<Nullable<SqlId>, _>(id),
            Self::Texts(list) => out.push_bind_param::<Nullable<Json>, _>(list),
            Self::ManyBytes(list) => out.push_bind_param::<Nullable<Json>, _>(list),
            Self::Integers(list) => out.push_bind_param::<Nullable<Json>, _>(list),
            Self::BigInts(list) => out.push_bind_param::<Nullable<Json>, _>(list),
            Self::Ids(list) => out.push_bind_param::<Nullable<Json>, _>(list),
        }
    }
}

/// A list as SQLite reads it by `json_each`.
#[derive(QueryId, SqlType)]
#[diesel(sqlite_type(name = "Text"))]
struct Json;

impl<T: Serialize + std::fmt::Debug> ToSql<Json, Sqlite> for Vec<T> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(serde_json::to_string(self)?);
        Ok(IsNull::No)
    }
}
