//! [`CaseQueries`](engage_repository::CaseQueries).

mod filtering;
mod looking_up;
mod paging;
mod sorting;

pub use filtering::*;
pub use looking_up::*;
pub use paging::*;
pub use sorting::*;

use std::num::NonZeroU32;

use engage_repository::{CaseFilter, CaseListing, CasePage, CaseSort, Page, SortOrder};

use super::Store;

/// Everything, the smallest case number first, in one part.
fn everything() -> CaseListing {
    CaseListing {
        filter: CaseFilter::default(),
        sort: CaseSort::CaseNumber,
        order: SortOrder::Ascending,
        page: page(1, 1000),
    }
}

fn page(number: u32, limit: u32) -> Page {
    Page { number: NonZeroU32::new(number).unwrap(), limit: NonZeroU32::new(limit).unwrap() }
}

async fn list(store: &Store, listing: &CaseListing) -> CasePage {
    store.queries.list_cases(listing).await.expect("cases are listed")
}

fn numbers(page: &CasePage) -> Vec<String> {
    page.cases.iter().map(|case| case.number.to_string()).collect()
}
