//! Statements whose text depends on what is asked for.

use std::marker::PhantomData;

use diesel::QueryResult;
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{Array, BigInt, Integer, Text, Timestamptz};

use crate::instant::Instant;

/// A value in a statement.
pub(crate) enum Value {
    Text(String),
    Texts(Vec<String>),
    Integer(i32),
    Integers(Vec<i32>),
    BigInt(i64),
    Instant(Instant),
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
    Integer(i32),
    Integers(Vec<i32>),
    BigInt(i64),
    Instant(Instant),
);

enum Piece {
    Text(String),
    Value(Value),
}

/// A statement put together from text and values, whose rows have the SQL type `T`.
///
/// It is planned for its values each time: which way is best depends on them.
pub(crate) struct Sql<T> {
    pieces: Vec<Piece>,
    row: PhantomData<T>,
}

impl<T> Sql<T> {
    pub(crate) fn new(text: &str) -> Self {
        Self { pieces: vec![Piece::Text(text.to_owned())], row: PhantomData }
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
        out.unsafe_to_cache_prepared();
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => out.push_sql(text),
                Piece::Value(value) => match value {
                    Value::Text(text) => out.push_bind_param::<Text, _>(text)?,
                    Value::Texts(texts) => out.push_bind_param::<Array<Text>, _>(texts)?,
                    Value::Integer(number) => out.push_bind_param::<Integer, _>(number)?,
                    Value::Integers(list) => out.push_bind_param::<Array<Integer>, _>(list)?,
                    Value::BigInt(number) => out.push_bind_param::<BigInt, _>(number)?,
                    Value::Instant(instant) => out.push_bind_param::<Timestamptz, _>(instant)?,
                },
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
