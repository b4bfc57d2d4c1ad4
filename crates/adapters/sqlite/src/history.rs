//! The history of cases and the feed of events.
//!
//! One connection writes, so the position of an event is that of its row.

use std::num::NonZeroU32;

use async_trait::async_trait;
use diesel::prelude::*;
use engage_domain::{CaseId, CaseNumber, Version};
use engage_repository::{EventHistory, EventOrigin, EventPosition, FeedEvent, RepositoryError};
use engage_sql::schema::{cases, events};
use engage_sql::{DbId, EventOriginRow, HasNumber, event_position, events_after, has_number};

use crate::schema::feed;
use crate::store::SqliteStore;

fn find_case(
    connection: &mut SqliteConnection,
    has_number: HasNumber,
) -> QueryResult<Option<DbId<CaseId>>> {
    cases::table.filter(has_number).select(cases::id).first(connection).optional()
}

#[async_trait]
impl EventHistory for SqliteStore {
    async fn list_case_events(
        &self,
        number: &CaseNumber,
        after: Option<Version>,
        limit: NonZeroU32,
    ) -> Result<Option<Vec<String>>, RepositoryError> {
        let Some(has_number) = has_number(number) else { return Ok(None) };
        let after = after.map_or(0, |version| i64::from(version.get()));
        let find = move |connection: &mut SqliteConnection| {
            let Some(case) = find_case(connection, has_number)? else { return Ok(None) };
            let found = events_after(case, after, limit.get().into()).select(events::snapshot);
            Ok(Some(found.load(connection)?))
        };
        self.readers().read(find).await
    }

    async fn list_event_origins(
        &self,
        number: &CaseNumber,
        after: Option<Version>,
        limit: NonZeroU32,
    ) -> Result<Option<Vec<(Version, EventOrigin)>>, RepositoryError> {
        let Some(has_number) = has_number(number) else { return Ok(None) };
        let after = after.map_or(0, |version| i64::from(version.get()));
        let find = move |connection: &mut SqliteConnection| {
            let Some(case) = find_case(connection, has_number)? else { return Ok(None) };
            let select =
                events_after(case, after, limit.get().into()).select(EventOriginRow::as_select());
            Ok(Some(select.load(connection)?))
        };
        let rows: Option<Vec<EventOriginRow>> = self.readers().read(find).await?;
        let Some(rows) = rows else { return Ok(None) };
        let origins = rows.into_iter().map(EventOriginRow::into_origin);
        Ok(Some(origins.collect::<Result<_, _>>()?))
    }

    async fn list_events(
        &self,
        after: EventPosition,
        limit: NonZeroU32,
    ) -> Result<Vec<FeedEvent>, RepositoryError> {
        // No event is beyond the largest position that a row can have.
        let after = i64::try_from(after.0).unwrap_or(i64::MAX);
        let select = feed::table
            .filter(feed::position.gt(after))
            .order_by(feed::position)
            .limit(limit.get().into())
            .select((feed::position, feed::snapshot));
        let rows: Vec<(i64, String)> = self.readers().read(move |c| Ok(select.load(c)?)).await?;
        let event =
            |(position, snapshot)| Ok(FeedEvent { position: event_position(position)?, snapshot });
        rows.into_iter().map(event).collect()
    }

    async fn last_position(&self) -> Result<EventPosition, RepositoryError> {
        let select = feed::table.select(diesel::dsl::max(feed::position));
        let last: Option<i64> = self.readers().read(move |c| Ok(select.first(c)?)).await?;
        event_position(last.unwrap_or(0))
    }
}
