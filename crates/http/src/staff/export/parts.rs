//! A list, part by part, as fast as the client takes it.

use std::num::NonZeroU32;

use actix_web::web::Bytes;
use engage_application::{CaseList, ListCases, ListCursor, ListRequest, ListStart};
use engage_repository::{CaseFilter, CaseSort, CaseSummary, SortOrder};
use futures_util::{Stream, StreamExt, stream};
use thiserror::Error;
use tokio::sync::OwnedSemaphorePermit;
use tracing::{Instrument, Span, error, warn};

use super::columns::ExportedCaseBody;
use super::format::Format;
use crate::deadline::in_time;
use crate::error::ApiError;

/// How many cases are read, and kept in memory, at once.
const PART: u32 = 500;

/// A list could not be read to its end.
#[derive(Debug, Error)]
#[error("the export was broken off")]
pub(super) struct BrokenOff;

/// What is left of a list.
pub(super) struct Parts {
    list: ListCases,
    filter: CaseFilter,
    next: NextPart,
    _search: Option<OwnedSemaphorePermit>,
}

/// What comes next.
enum NextPart {
    /// Cases that were read.
    Cases(Vec<CaseSummary>, Option<ListCursor>),
    /// Cases that are to be read.
    Part(ListCursor),
    /// Nothing.
    End,
}

impl NextPart {
    fn after(cursor: Option<ListCursor>) -> Self {
        cursor.map_or(Self::End, Self::Part)
    }
}

impl Parts {
    /// Reads the first part. `search` is held for as long as the list is read.
    pub(super) async fn begin(
        list: ListCases,
        filter: CaseFilter,
        sort: Option<CaseSort>,
        order: SortOrder,
        search: Option<OwnedSemaphorePermit>,
    ) -> Result<Self, ApiError> {
        let start = ListStart::Page { number: NonZeroU32::MIN, sort, order };
        let CaseList { cases, next, .. } = read(&list, &filter, start).await?;
        Ok(Self { list, filter, next: NextPart::Cases(cases, next), _search: search })
    }

    /// The list as a file. Where it cannot be read to its end, the file ends with an error, which
    /// cuts the connection: nobody takes what came for the whole.
    pub(super) fn written_as(self, format: Format) -> impl Stream<Item = Result<Bytes, BrokenOff>> {
        let head = format.head();
        let head = (!head.is_empty()).then(|| Ok(Bytes::from(head)));
        // The log names the request, which is over for the server when the file begins.
        let span = Span::current();
        let parts =
            stream::try_unfold(self, move |parts| parts.next(format).instrument(span.clone()));
        stream::iter(head).chain(parts)
    }

    async fn next(mut self, format: Format) -> Result<Option<(Bytes, Self)>, BrokenOff> {
        let (cases, next) = match self.next {
            NextPart::End => return Ok(None),
            NextPart::Cases(cases, next) => (cases, next),
            NextPart::Part(cursor) => {
                let start = ListStart::After(cursor);
                let read = read(&self.list, &self.filter, start).await;
                let CaseList { cases, next, .. } = read.map_err(|error| {
                    warn!(%error, "an export was broken off");
                    BrokenOff
                })?;
                (cases, next)
            }
        };
        self.next = NextPart::after(next);
        let mut text = Vec::new();
        for case in cases {
            format.write(&ExportedCaseBody::from(case), &mut text).map_err(|error| {
                error!(%error, "a case cannot be written");
                BrokenOff
            })?;
        }
        Ok(Some((text.into(), self)))
    }
}

async fn read(
    list: &ListCases,
    filter: &CaseFilter,
    start: ListStart,
) -> Result<CaseList, ApiError> {
    let limit = NonZeroU32::new(PART).unwrap_or(NonZeroU32::MIN);
    let request = ListRequest { filter: filter.clone(), start, limit };
    let list = list.clone();
    in_time(async move { list.execute(request).await }).await
}
