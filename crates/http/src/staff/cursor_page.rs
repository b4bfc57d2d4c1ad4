//! Lists in the order of ids, whose parts start after an id.

use std::fmt::Display;
use std::num::NonZeroU32;
use std::str::FromStr;

use serde::Serialize;
use utoipa::ToSchema;

use super::page::{DEFAULT_LIMIT, LARGEST_LIMIT};
use crate::query::Query;
use crate::validation::Validation;

/// The requested part of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CursorPage<I> {
    /// Id after which the part starts.
    pub(crate) after: Option<I>,
    pub(crate) limit: NonZeroU32,
}

impl<I: FromStr> CursorPage<I> {
    pub(crate) fn read(query: &Query, v: &mut Validation) -> Option<Self> {
        let after = query.one("cursor", v).map(str::parse);
        if matches!(after, Some(Err(_))) {
            v.problem("cursor", "must be the nextCursor of an earlier response, unchanged");
        }
        let limit = query.whole_number("limit", DEFAULT_LIMIT, LARGEST_LIMIT, v)?;
        Some(Self { after: after.and_then(Result::ok), limit })
    }
}

/// Position within the list.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CursorPagination {
    /// Requested number of entries.
    #[schema(minimum = 1, maximum = 100, example = 20)]
    limit: u32,
    /// Value of `cursor` for the entries after these. It is null if there are none.
    next_cursor: Option<String>,
}

impl CursorPagination {
    pub(crate) fn new(limit: NonZeroU32, next: Option<impl Display>) -> Self {
        Self { limit: limit.get(), next_cursor: next.map(|id| id.to_string()) }
    }
}
