//! Reads a list in parts, no faster than the client receives it.

use std::io;
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

/// Number of cases that are read, and held in memory, at a time.
const PART: u32 = 500;

/// Error returned when an export could not be completed.
#[derive(Debug, Error)]
#[error("the export could not be completed")]
pub(super) struct BrokenOff;

/// The remaining parts of a list.
pub(super) struct Parts {
    list: ListCases,
    filter: CaseFilter,
    next: NextPart,
    _search: Option<OwnedSemaphorePermit>,
}

/// The next part of a list.
enum NextPart {
    /// Cases that have been read.
    Cases(Vec<CaseSummary>, Option<ListCursor>),
    /// Cases that have yet to be read.
    Part(ListCursor),
    /// No more cases.
    End,
}

impl NextPart {
    fn after(cursor: Option<ListCursor>) -> Self {
        cursor.map_or(Self::End, Self::Part)
    }
}

impl Parts {
    /// Reads the first part. `search` is held until the list has been read.
    pub(super) async fn begin(
        list: ListCases,
        filter: CaseFilter,
        sort: Option<CaseSort>,
        order: SortOrder,
        search: Option<OwnedSemaphorePermit>,
    ) -> Result<Self, ApiError> {
        let start = ListStart::Page { number: NonZeroU32::MIN, sort, order };
        let CaseList { cases, next, .. } = Box::pin(read(&list, &filter, start)).await?;
        Ok(Self { list, filter, next: NextPart::Cases(cases, next), _search: search })
    }

    /// Streams the list as a file. If it cannot be completed, the stream ends with an error, which
    /// cuts the connection, so that no client mistakes the file for a complete one.
    pub(super) fn written_as(self, format: Format) -> impl Stream<Item = Result<Bytes, BrokenOff>> {
        let head = format.head().map(Bytes::from).map_err(|error| not_formatted(&error));
        let head = (!matches!(&head, Ok(head) if head.is_empty())).then_some(head);
        // For the server, the request is over when the file begins. The log should still name it.
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
                    warn!(%error, "failed to read the next part of an export");
                    BrokenOff
                })?;
                (cases, next)
            }
        };
        self.next = NextPart::after(next);
        let cases = cases.into_iter().map(ExportedCaseBody::from);
        let text = format.lines(cases).map_err(|error| not_formatted(&error))?;
        Ok(Some((text.into(), self)))
    }
}

fn not_formatted(error: &io::Error) -> BrokenOff {
    error!(%error, "failed to format an export");
    BrokenOff
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
