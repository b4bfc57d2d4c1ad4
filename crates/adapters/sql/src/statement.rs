//! Statements that are written out, because diesel cannot express them or would not prepare them.

use std::marker::PhantomData;

use diesel::backend::Backend;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::{QueryResult, RunQueryDsl};

enum Piece<V> {
    Text(String),
    Value(V),
}

/// A statement that is put together from text and values, and whose rows have the SQL type `T`.
///
/// `V` is a value as the store binds it.
pub struct Statement<V, T> {
    pieces: Vec<Piece<V>>,
    is_prepared: bool,
    row: PhantomData<T>,
}

impl<V, T> Statement<V, T> {
    /// Begins a statement whose text depends on the request. It is planned each time, for its values.
    pub fn new(text: &str) -> Self {
        Self { pieces: vec![Piece::Text(text.to_owned())], is_prepared: false, row: PhantomData }
    }

    /// Builds a statement whose text is always the same, with a value for each `?` in it. A
    /// connection prepares it once.
    pub fn prepared<const N: usize>(text: &str, values: [V; N]) -> Self {
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
    pub fn bind(&mut self, value: impl Into<V>) -> &mut Self {
        self.pieces.push(Piece::Value(value.into()));
        self
    }

    /// Adds text with a value for each `?` in it.
    pub fn push_with(&mut self, text: &str, values: impl IntoIterator<Item = V>) -> &mut Self {
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

impl<DB: Backend, V: QueryFragment<DB>, T> QueryFragment<DB> for Statement<V, T> {
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
impl<V, T> QueryId for Statement<V, T> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<V, T> Query for Statement<V, T> {
    type SqlType = T;
}

impl<V, T, Connection> RunQueryDsl<Connection> for Statement<V, T> {}
