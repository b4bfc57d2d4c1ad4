//! Tests of [`CaseQueries`](engage_repository::CaseQueries).

mod conversing;
mod filtering;
mod looking_up;
mod paging;
mod people;
mod searching;
mod sorting;

pub use conversing::*;
pub use filtering::*;
pub use looking_up::*;
pub use paging::*;
pub use people::*;
pub use searching::*;
pub use sorting::*;

use std::num::NonZeroU32;

use engage_repository::{
    CaseFilter, CaseListing, CasePosition, CaseSort, CaseSummary, ListSize, PartStart, SortOrder,
};

use super::Store;

/// Lists all cases on one page, the smallest case number first.
fn everything() -> CaseListing {
    CaseListing {
        filter: CaseFilter::default(),
        sort: CaseSort::CaseNumber,
        order: SortOrder::Ascending,
        start: PartStart::Page(NonZeroU32::MIN),
        limit: NonZeroU32::new(1000).unwrap(),
        size: ListSize::Small,
    }
}

/// Selects one page of a list.
fn page(listing: CaseListing, number: u32, limit: u32) -> CaseListing {
    let start = PartStart::Page(NonZeroU32::new(number).unwrap());
    CaseListing { start, limit: NonZeroU32::new(limit).unwrap(), ..listing }
}

/// A listed page with its total.
struct Listed {
    cases: Vec<CaseSummary>,
    next: Option<CasePosition>,
    total: u64,
}

/// Lists cases once for each assumed size of the list. All results must agree.
async fn list(store: &Store, listing: &CaseListing) -> Listed {
    let sized = async |size| {
        let listing = CaseListing { size, ..listing.clone() };
        store.queries.list_cases(&listing).await.expect("cases are listed")
    };
    let part = sized(ListSize::Small).await;
    assert_eq!(part, sized(ListSize::Medium).await, "{listing:?}");
    assert_eq!(part, sized(ListSize::Large).await, "{listing:?}");
    let total = store.queries.count_cases(&listing.filter).await.expect("cases are counted");
    Listed { cases: part.cases, next: part.next, total }
}

fn numbers(listed: &Listed) -> Vec<String> {
    listed.cases.iter().map(|case| case.number.to_string()).collect()
}
