//! Pagination by page number.

use std::num::NonZeroU32;

use serde::Serialize;
use utoipa::ToSchema;

use crate::query::Query;
use crate::validation::Validation;

pub(crate) const DEFAULT_LIMIT: u32 = 20;
pub(crate) const LARGEST_LIMIT: u32 = 100;

/// The requested page.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Page {
    pub(crate) number: NonZeroU32,
    pub(crate) limit: NonZeroU32,
}

impl Page {
    pub(crate) fn read(query: &Query, v: &mut Validation) -> Option<Self> {
        let number = query.whole_number("page", 1, u32::MAX, v);
        let limit = query.whole_number("limit", DEFAULT_LIMIT, LARGEST_LIMIT, v);
        number.zip(limit).map(|(number, limit)| Self { number, limit })
    }

    /// Returns the position within a list with `total` entries.
    pub(crate) fn of(self, total: u64) -> PageBody {
        PageBody {
            page: self.number.get(),
            limit: self.limit.get(),
            total,
            pages: total.div_ceil(self.limit.get().into()),
        }
    }
}

/// Position within the list.
#[derive(Serialize, ToSchema)]
pub(crate) struct PageBody {
    /// Page number.
    #[schema(minimum = 1, example = 1)]
    page: u32,
    /// Requested number of entries.
    #[schema(minimum = 1, maximum = 100, example = 20)]
    limit: u32,
    /// Number of matching entries.
    #[schema(example = 1)]
    total: u64,
    /// Number of pages.
    #[schema(example = 1)]
    pages: u64,
}
