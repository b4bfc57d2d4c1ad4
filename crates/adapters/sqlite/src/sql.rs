//! Statements that are written out, since diesel has no words for them or would not prepare them.

use std::marker::PhantomData;

use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Binary, Nullable, Text};
use diesel::sqlite::Sqlite;

/// A value in a statement.
pub(crate) enum Value {
    Text(String),
    Integer(i64),
    Bytes(Vec<u8>),
    OptionalText(Option<String>),
    OptionalInteger(Option<i64>),
    OptionalBytes(Option<Vec<u8>>),
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
);

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
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
    /// A statement whose text depends on what is asked for. There are too many of them to keep.
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

    pub(crate) fn push(&mut self, text: &str) -> &mut Self {
        self.pieces.push(Piece::Text(text.to_owned()));
        self
    }

    /// A list of values, in parentheses.
    pub(crate) fn bind_list<V: Into<Value>>(
        &mut self,
        values: impl IntoIterator<Item = V>,
    ) -> &mut Self {
        self.push("(");
        for (place, value) in values.into_iter().enumerate() {
            self.push(if place == 0 { "" } else { ", " }).bind(value);
        }
        self.push(")")
    }

    pub(crate) fn bind(&mut self, value: impl Into<Value>) -> &mut Self {
        self.pieces.push(Piece::Value(value.into()));
        self
    }
}

impl<T> QueryFragment<Sqlite> for Sql<T> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        if !self.is_prepared {
            out.unsafe_to_cache_prepared();
        }
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => out.push_sql(text),
                Piece::Value(value) => match value {
                    Value::Text(text) => out.push_bind_param::<Text, _>(text)?,
                    Value::Integer(number) => out.push_bind_param::<BigInt, _>(number)?,
                    Value::Bytes(bytes) => out.push_bind_param::<Binary, _>(bytes)?,
                    Value::OptionalText(text) => out.push_bind_param::<Nullable<Text>, _>(text)?,
                    Value::OptionalBytes(bytes) => {
                        out.push_bind_param::<Nullable<Binary>, _>(bytes)?;
                    }
                    Value::OptionalInteger(number) => {
                        out.push_bind_param::<Nullable<BigInt>, _>(number)?;
                    }
                },
            }
        }
        Ok(())
    }
}

/// Runs a statement that finds nothing, with a value for each `?` in it.
pub(crate) fn execute<const N: usize>(
    connection: &mut SqliteConnection,
    statement: &str,
    values: [Value; N],
) -> QueryResult<()> {
    let statement: Sql<()> = Sql::prepared(statement, values);
    statement.execute(connection).map(drop)
}

impl<T> QueryId for Sql<T> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<T> Query for Sql<T> {
    type SqlType = T;
}

impl<T> RunQueryDsl<SqliteConnection> for Sql<T> {}
