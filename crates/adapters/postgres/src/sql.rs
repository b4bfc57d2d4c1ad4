//! Statements that are written out, since diesel has no words for them or would not prepare them.

use std::marker::PhantomData;

use diesel::QueryResult;
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{
    Array, BigInt, Binary, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid,
};
use uuid::Uuid;

use crate::db_timestamp::DbTimestamp;

/// A value in a statement.
pub(crate) enum Value {
    Text(String),
    Texts(Vec<String>),
    Bytes(Vec<u8>),
    Integer(i32),
    Integers(Vec<i32>),
    BigInt(i64),
    DbTimestamp(DbTimestamp),
    BigInts(Vec<i64>),
    Uuid(Uuid),
    Uuids(Vec<Uuid>),
    OptionalText(Option<String>),
    OptionalBigInt(Option<i64>),
    OptionalBytes(Option<Vec<u8>>),
    ManyBytes(Vec<Vec<u8>>),
    OptionalUuid(Option<Uuid>),
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
    Integer(i32),
    Integers(Vec<i32>),
    BigInt(i64),
    DbTimestamp(DbTimestamp),
    BigInts(Vec<i64>),
    Uuid(Uuid),
    Uuids(Vec<Uuid>),
    OptionalText(Option<String>),
    OptionalBigInt(Option<i64>),
);

impl Value {
    fn push_to<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        match self {
            Self::Text(text) => out.push_bind_param::<Text, _>(text),
            Self::Texts(texts) => out.push_bind_param::<Array<Text>, _>(texts),
            Self::Bytes(bytes) => out.push_bind_param::<Binary, _>(bytes),
            Self::Integer(number) => out.push_bind_param::<Integer, _>(number),
            Self::Integers(list) => out.push_bind_param::<Array<Integer>, _>(list),
            Self::BigInt(number) => out.push_bind_param::<BigInt, _>(number),
            Self::DbTimestamp(instant) => out.push_bind_param::<Timestamptz, _>(instant),
            Self::BigInts(list) => out.push_bind_param::<Array<BigInt>, _>(list),
            Self::Uuids(ids) => out.push_bind_param::<Array<SqlUuid>, _>(ids),
            Self::Uuid(id) => out.push_bind_param::<SqlUuid, _>(id),
            Self::OptionalText(text) => out.push_bind_param::<Nullable<Text>, _>(text),
            Self::OptionalBigInt(number) => out.push_bind_param::<Nullable<BigInt>, _>(number),
            Self::OptionalBytes(bytes) => out.push_bind_param::<Nullable<Binary>, _>(bytes),
            Self::ManyBytes(list) => out.push_bind_param::<Array<Binary>, _>(list),
            Self::OptionalUuid(id) => out.push_bind_param::<Nullable<SqlUuid>, _>(id),
        }
    }
}

enum Piece {
    Text(String),
    Value(Value),
}

/// A statement put together from text and values, whose rows have the SQL type `T`.
pub(crate) struct Sql<T> {
    pieces: Vec<Piece>,
    is_prepared: bool,
    row: PhantomData<T>,
}

impl<T> Sql<T> {
    /// A statement that is planned for its values each time, since they decide which way is best.
    pub(crate) fn new(text: &str) -> Self {
        Self { pieces: vec![Piece::Text(text.to_owned())], is_prepared: false, row: PhantomData }
    }

    /// A statement whose text is always the same, with a value for each `?` in it. A connection
    /// prepares it once.
    pub(crate) fn prepared<const N: usize>(text: &str, values: [Value; N]) -> Self {
        let mut pieces = text.split('?').map(str::to_owned).map(Piece::Text);
        let mut all = Vec::from_iter(pieces.next());
        for (value, text) in values.into_iter().zip(pieces) {
            all.extend([Piece::Value(value), text]);
        }
        Self { pieces: all, is_prepared: true, row: PhantomData }
    }

    /// The same statement, prepared once on a connection.
    pub(crate) fn prepare_once(self) -> Self {
        Self { is_prepared: true, ..self }
    }

    pub(crate) fn push(&mut self, text: &str) -> &mut Self {
        self.pieces.push(Piece::Text(text.to_owned()));
        self
    }

    pub(crate) fn bind(&mut self, value: impl Into<Value>) -> &mut Self {
        self.pieces.push(Piece::Value(value.into()));
        self
    }
}

impl<T> QueryFragment<Pg> for Sql<T> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        if !self.is_prepared {
            out.unsafe_to_cache_prepared();
        }
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => out.push_sql(text),
                Piece::Value(value) => value.push_to(&mut out)?,
            }
        }
        Ok(())
    }
}

impl<T> QueryId for Sql<T> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<T> Query for Sql<T> {
    type SqlType = T;
}
