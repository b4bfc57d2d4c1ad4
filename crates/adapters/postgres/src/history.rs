//! The history of cases and the feed of events, in which each event has a position.

use std::num::NonZeroU32;

use async_trait::async_trait;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Text};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use engage_domain::{CaseId, CaseNumber, EventId, Version};
use engage_repository::{EventHistory, EventOrigin, EventPosition, FeedEvent, RepositoryError};
use engage_sql::schema::{cases, events};
use engage_sql::{
    DbId, EventOriginRow, HasNumber, SqlId, event_position, events_after, has_number,
};

use crate::sql::Sql;
use crate::store::PostgresStore;

/// The lock under which one task of all servers assigns positions. It is acquired by a separate
/// statement, because the one that assigns positions has to see those assigned before.
const TAKE_TURN: &str = "SELECT pg_advisory_xact_lock(4986221604771)";

/// Assigns positions to the oldest events that have none. The events of a case get theirs in order: a
/// change is made only after the one before is committed, and the time of a case never goes back.
const PLACE: &str = "
    WITH taken AS (
        DELETE FROM unplaced_events
        WHERE ctid = ANY (ARRAY(
            SELECT unplaced.ctid FROM unplaced_events AS unplaced
            JOIN events ON events.id = unplaced.event_id
            ORDER BY events.timestamp, events.sequence, events.id LIMIT 5000
        ))
        RETURNING event_id
    )
    INSERT INTO event_places (position, event_id)
    SELECT (SELECT coalesce(max(position), 0) FROM event_places)
        + row_number() OVER (ORDER BY events.timestamp, events.sequence, events.id), events.id
    FROM taken JOIN events ON events.id = taken.event_id
    RETURNING event_id";

const ANY_UNPLACED: &str = "SELECT EXISTS (SELECT FROM unplaced_events)";

const LIST: &str = "
    SELECT event_places.position, events.snapshot
    FROM event_places JOIN events ON events.id = event_places.event_id
    WHERE event_places.position > ? ORDER BY event_places.position LIMIT ?";

const LAST: &str = "SELECT coalesce(max(position), 0) FROM event_places";

/// Assigns a position to every committed event.
async fn place_events(connection: &mut AsyncPgConnection) -> QueryResult<()> {
    loop {
        let any: Sql<Bool> = Sql::prepared(ANY_UNPLACED, []);
        if !any.get_result::<bool>(connection).await? {
            return Ok(());
        }
        connection
            .transaction(async |c| {
                c.batch_execute(TAKE_TURN).await?;
                let place: Sql<SqlId> = Sql::prepared(PLACE, []);
                place.load::<DbId<EventId>>(c).await.map(drop)
            })
            .await?;
    }
}

async fn find_case(
    connection: &mut AsyncPgConnection,
    has_number: HasNumber,
) -> QueryResult<Option<DbId<CaseId>>> {
    let case = cases::table.filter(has_number).select(cases::id);
    case.first(connection).await.optional()
}

#[async_trait]
impl EventHistory for PostgresStore {
    async fn list_case_events(
        &self,
        number: &CaseNumber,
        after: Option<Version>,
        limit: NonZeroU32,
    ) -> Result<Option<Vec<String>>, RepositoryError> {
        let Some(has_number) = has_number(number) else { return Ok(None) };
        let after = after.map_or(0, |version| i64::from(version.get()));
        let find = async |c: &mut AsyncPgConnection| {
            let Some(case) = find_case(c, has_number).await? else { return Ok(None) };
            let found = events_after(case, after, limit.get().into()).select(events::snapshot);
            found.load(c).await.map(Some)
        };
        self.connections().run(find).await
    }

    async fn list_event_origins(
        &self,
        number: &CaseNumber,
        after: Option<Version>,
        limit: NonZeroU32,
    ) -> Result<Option<Vec<(Version, EventOrigin)>>, RepositoryError> {
        let Some(has_number) = has_number(number) else { return Ok(None) };
        let after = after.map_or(0, |version| i64::from(version.get()));
        let found = async |c: &mut AsyncPgConnection| {
            let Some(case) = find_case(c, has_number).await? else { return Ok(None) };
            let select =
                events_after(case, after, limit.get().into()).select(EventOriginRow::as_select());
            select.load(c).await.map(Some)
        };
        let rows: Option<Vec<EventOriginRow>> = self.connections().run(found).await?;
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
        let list: Sql<(BigInt, Text)> =
            Sql::prepared(LIST, [after.into(), i64::from(limit.get()).into()]);
        let rows: Vec<(i64, String)> = self
            .connections()
            .run(async |c: &mut AsyncPgConnection| {
                place_events(c).await?;
                list.load(c).await
            })
            .await?;
        let event =
            |(position, snapshot)| Ok(FeedEvent { position: event_position(position)?, snapshot });
        rows.into_iter().map(event).collect()
    }

    async fn last_position(&self) -> Result<EventPosition, RepositoryError> {
        let last: Sql<BigInt> = Sql::prepared(LAST, []);
        let position = self
            .connections()
            .run(async |c: &mut AsyncPgConnection| {
                place_events(c).await?;
                last.get_result::<i64>(c).await
            })
            .await?;
        event_position(position)
    }
}
