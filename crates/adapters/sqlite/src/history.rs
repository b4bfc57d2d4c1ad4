//! What happened, to be read. One connection writes, so that an event's place is that of its row.

use std::net::IpAddr;
use std::num::NonZeroU32;

use async_trait::async_trait;
use diesel::prelude::*;
use engage_domain::{CaseNumber, Version};
use engage_repository::{EventHistory, EventOrigin, EventPosition, FeedEvent, RepositoryError};

use crate::case_rows::{checked, number_columns};
use crate::error::{InvalidColumn, repository_error};
use crate::schema::{cases, events};
use crate::store::SqliteStore;

#[async_trait]
impl EventHistory for SqliteStore {
    async fn list_case_events(
        &self,
        number: &CaseNumber,
        after: Option<Version>,
        limit: NonZeroU32,
    ) -> Result<Option<Vec<String>>, RepositoryError> {
        let Ok((prefix, year, sequence)) = number_columns(number) else { return Ok(None) };
        let after = after.map_or(0, |version| i64::from(version.get()));
        let find = move |connection: &mut SqliteConnection| {
            let case: Option<Vec<u8>> = cases::table
                .filter(cases::number_year.eq(year))
                .filter(cases::number_sequence.eq(sequence))
                .filter(cases::number_prefix.eq(prefix))
                .select(cases::id)
                .first(connection)
                .optional()
                .map_err(repository_error)?;
            let Some(case) = case else { return Ok(None) };
            events::table
                .filter(events::case_id.eq(case))
                .filter(events::sequence.gt(after))
                .order_by(events::sequence)
                .limit(limit.get().into())
                .select(events::snapshot)
                .load(connection)
                .map(Some)
                .map_err(repository_error)
        };
        self.readers().read(find).await
    }

    async fn list_event_origins(
        &self,
        number: &CaseNumber,
        after: Option<Version>,
        limit: NonZeroU32,
    ) -> Result<Option<Vec<(Version, EventOrigin)>>, RepositoryError> {
        let Ok((prefix, year, sequence)) = number_columns(number) else { return Ok(None) };
        let after = after.map_or(0, |version| i64::from(version.get()));
        let find = move |connection: &mut SqliteConnection| {
            let case: Option<Vec<u8>> = cases::table
                .filter(cases::number_year.eq(year))
                .filter(cases::number_sequence.eq(sequence))
                .filter(cases::number_prefix.eq(prefix))
                .select(cases::id)
                .first(connection)
                .optional()
                .map_err(repository_error)?;
            let Some(case) = case else { return Ok(None) };
            let rows: Vec<(i64, Option<String>, Option<String>, Option<String>)> = events::table
                .filter(events::case_id.eq(case))
                .filter(events::sequence.gt(after))
                .order_by(events::sequence)
                .limit(limit.get().into())
                .select((events::sequence, events::credential, events::address, events::request_id))
                .load(connection)
                .map_err(repository_error)?;
            let origins = rows.into_iter().map(|(sequence, credential, address, request_id)| {
                let address = address.map(|text| ip_address(&text)).transpose()?;
                let origin = EventOrigin { credential, address, request_id };
                Ok((checked(sequence, Version::new, "sequence")?, origin))
            });
            Ok(Some(origins.collect::<Result<_, InvalidColumn>>()?))
        };
        self.readers().read(find).await
    }

    async fn list_events(
        &self,
        after: EventPosition,
        limit: NonZeroU32,
    ) -> Result<Vec<FeedEvent>, RepositoryError> {
        // No event is beyond the last place that a row can have.
        let after = i64::try_from(after.0).unwrap_or(i64::MAX);
        let load = move |connection: &mut SqliteConnection| {
            let rows: Vec<(i64, String)> = events::table
                .filter(events::position.gt(after))
                .order_by(events::position)
                .limit(limit.get().into())
                .select((events::position, events::snapshot))
                .load(connection)
                .map_err(repository_error)?;
            rows.into_iter().map(|(place, snapshot)| placed(place, snapshot)).collect()
        };
        self.readers().read(load).await
    }

    async fn last_position(&self) -> Result<EventPosition, RepositoryError> {
        let read = move |connection: &mut SqliteConnection| {
            let last: Option<i64> = events::table
                .select(diesel::dsl::max(events::position))
                .first(connection)
                .map_err(repository_error)?;
            position(last.unwrap_or(0))
        };
        self.readers().read(read).await
    }
}

fn placed(place: i64, snapshot: String) -> Result<FeedEvent, RepositoryError> {
    Ok(FeedEvent { position: position(place)?, snapshot })
}

fn position(place: i64) -> Result<EventPosition, RepositoryError> {
    place.try_into().map(EventPosition).map_err(RepositoryError::internal)
}

fn ip_address(text: &str) -> Result<IpAddr, InvalidColumn> {
    text.parse().map_err(|_| InvalidColumn { column: "event address" })
}
