//! What happened, to be read, and the places of events among those of all cases.

use std::net::IpAddr;
use std::num::NonZeroU32;

use async_trait::async_trait;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Text, Uuid as SqlUuid};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use engage_domain::{CaseNumber, Version};
use engage_repository::{EventHistory, EventOrigin, EventPosition, FeedEvent, RepositoryError};
use uuid::Uuid;

use crate::case_rows::{checked, number_columns};
use crate::error::InvalidColumn;
use crate::schema::{cases, events};
use crate::sql::Sql;
use crate::store::PostgresStore;

/// One at a time places events, whichever server it works for. A statement of its own: the one that
/// places has to see what the one before it placed.
const TAKE_TURN: &str = "SELECT pg_advisory_xact_lock(4986221604771)";

/// Gives places to the oldest events that have none. Those of one case get theirs in order: a change
/// is only made when the one before it is kept, and time never runs backwards on a case.
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

/// Places every event whose commit has ended.
async fn place_events(connection: &mut AsyncPgConnection) -> QueryResult<()> {
    loop {
        let any: Sql<Bool> = Sql::prepared(ANY_UNPLACED, []);
        if !any.get_result::<bool>(connection).await? {
            return Ok(());
        }
        connection
            .transaction(async |c| {
                c.batch_execute(TAKE_TURN).await?;
                let place: Sql<SqlUuid> = Sql::prepared(PLACE, []);
                place.load::<Uuid>(c).await.map(drop)
            })
            .await?;
    }
}

#[async_trait]
impl EventHistory for PostgresStore {
    async fn list_case_events(
        &self,
        number: &CaseNumber,
        after: Option<Version>,
        limit: NonZeroU32,
    ) -> Result<Option<Vec<String>>, RepositoryError> {
        let Ok((prefix, year, sequence)) = number_columns(number) else { return Ok(None) };
        let after = after.map_or(0, |version| i64::from(version.get()));
        let case = cases::table
            .filter(cases::number_year.eq(year))
            .filter(cases::number_sequence.eq(sequence))
            .filter(cases::number_prefix.eq(prefix))
            .select(cases::id);
        let find = async |c: &mut AsyncPgConnection| {
            let case: Option<Uuid> = case.first(c).await.optional()?;
            let Some(case) = case else { return Ok(None) };
            let found = events::table
                .filter(events::case_id.eq(case))
                .filter(events::sequence.gt(after))
                .order_by(events::sequence)
                .limit(limit.get().into())
                .select(events::snapshot);
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
        let Ok((prefix, year, sequence)) = number_columns(number) else { return Ok(None) };
        let after = after.map_or(0, |version| i64::from(version.get()));
        let case = cases::table
            .filter(cases::number_year.eq(year))
            .filter(cases::number_sequence.eq(sequence))
            .filter(cases::number_prefix.eq(prefix))
            .select(cases::id);
        let found = async |c: &mut AsyncPgConnection| {
            let case: Option<Uuid> = case.first(&mut *c).await.optional()?;
            let Some(case) = case else { return Ok(None) };
            let columns =
                (events::sequence, events::credential, events::address, events::request_id);
            let select = events::table
                .filter(events::case_id.eq(case))
                .filter(events::sequence.gt(after))
                .order_by(events::sequence)
                .limit(limit.get().into())
                .select(columns);
            Ok(Some(select.load(c).await?))
        };
        let rows: Option<Vec<(i64, Option<String>, Option<String>, Option<String>)>> =
            self.connections().run(found).await?;
        let Some(rows) = rows else { return Ok(None) };
        let origins = rows.into_iter().map(|(sequence, credential, address, request_id)| {
            let address = address.map(|text| ip_address(&text)).transpose()?;
            let origin = EventOrigin { credential, address, request_id };
            Ok((checked(sequence, Version::new, "sequence")?, origin))
        });
        Ok(Some(origins.collect::<Result<_, InvalidColumn>>()?))
    }

    async fn list_events(
        &self,
        after: EventPosition,
        limit: NonZeroU32,
    ) -> Result<Vec<FeedEvent>, RepositoryError> {
        // No event is beyond the last place that a row can have.
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
        rows.into_iter()
            .map(|(place, snapshot)| Ok(FeedEvent { position: position(place)?, snapshot }))
            .collect()
    }

    async fn last_position(&self) -> Result<EventPosition, RepositoryError> {
        let last: Sql<BigInt> = Sql::prepared(LAST, []);
        let place = self
            .connections()
            .run(async |c: &mut AsyncPgConnection| {
                place_events(c).await?;
                last.get_result::<i64>(c).await
            })
            .await?;
        position(place)
    }
}

fn position(place: i64) -> Result<EventPosition, RepositoryError> {
    place.try_into().map(EventPosition).map_err(RepositoryError::internal)
}

fn ip_address(text: &str) -> Result<IpAddr, InvalidColumn> {
    text.parse().map_err(|_| InvalidColumn { column: "event address" })
}
