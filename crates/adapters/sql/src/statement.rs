//! Statements that are written out, because diesel cannot express them or would not prepare them.

use std::marker::PhantomData;

use diesel::backend::Backend;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::{QueryResult, RunQueryDsl};

use crate::value::Value;

enum Piece {
    Text(String),
    Value(Value),
}

/// A statement that is put together from text and values, and whose rows have the SQL type `T`.
pub struct Statement<T> {
    pieces: Vec<Piece>,
    is_prepared: bool,
    row: PhantomData<T>,
}

impl<T> Statement<T> {
    /// Begins a statement whose text depends on the request. It is planned each time, for its values.
    pub fn new(text: &str) -> Self {
        Self { pieces: vec![Piece::Text(text.to_owned())], is_prepared: false, row: PhantomData }
    }

    /// Builds a statement whose text is always the same, with a value for each `?` in it. A
    /// connection prepares it once.
    pub fn prepared<const N: usize>(text: &str, values: [Value; N]) -> Self {
        let mut pieces = text.split('?').map(str::to_owned).map(Piece::Text);
        let mut all = Vec::from_iter(pieces.next());
        for (value, text) in values.into_iter().zip(pieces) {
            all.extend([Piece::Value(value), text]);
        }
        Self { pieces: all, is_prepared: true, row: PhantomData }
    }

    /// Has a connection prepare the statement once.
    #[must_use]
    pub fn prepare_once(self) -> Self {
        Self { is_prepared: true, ..self }
    }

    /// Adds text.
    pub fn push(&mut self, text: &str) -> &mut Self {
        self.pieces.push(Piece::Text(text.to_owned()));
        self
    }

    /// Adds a value.
    pub fn bind(&mut self, value: impl Into<Value>) -> &mut Self {
        self.pieces.push(Piece::Value(value.into()));
        self
    }

    /// Adds a list of values in parentheses.
    pub fn push_list<V: Into<Value>>(&mut self, values: impl IntoIterator<Item = V>) -> &mut Self {
        self.push("(");
        for (place, value) in values.into_iter().enumerate() {
            self.push(if place == 0 { "" } else { ", " }).bind(value);
        }
        self.push(")")
    }

    /// Adds text with a value for each `?` in it.
    pub fn push_with(&mut self, text: &str, values: impl IntoIterator<Item = Value>) -> &mut Self {
        let mut values = values.into_iter();
        for (place, text) in text.split('?').enumerate() {
            if place > 0 {
                self.pieces.extend(values.next().map(Piece::Value));
            }
            self.push(text);
        }
        self
    }
}

impl<DB: Backend, T> QueryFragment<DB> for Statement<T>
where
    Value: QueryFragment<DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        if !self.is_prepared {
            out.unsafe_to_cache_prepared();
        }
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => out.push_sql(text),
                Piece::Value(value) => value.walk_ast(out.reborrow())?,
            }
        }
        Ok(())
    }
}

// Without a static id diesel caches by the text.
impl<T> QueryId for Statement<T> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<T> Query for Statement<T> {
    type SqlType = T;
}

impl<T, Connection> RunQueryDsl<Connection> for Statement<T> {}
