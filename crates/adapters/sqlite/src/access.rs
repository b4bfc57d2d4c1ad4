//! What customers prove their ownership of cases with.

use async_trait::async_trait;
use diesel::prelude::*;
use engage_domain::CaseNumber;
use engage_repository::{AccessGeneration, AccessRepository, RepositoryError};

use crate::case_rows::{checked, number_columns};
use crate::error::{InvalidColumn, repository_error};
use crate::schema::cases;
use crate::store::SqliteStore;

pub(crate) fn access_generation(stored: i32) -> Result<AccessGeneration, InvalidColumn> {
    checked(stored, |count| Some(AccessGeneration(count)), "access_generation")
}

#[async_trait]
impl AccessRepository for SqliteStore {
    async fn rotate_access(
        &self,
        number: &CaseNumber,
    ) -> Result<Option<AccessGeneration>, RepositoryError> {
        let Ok((prefix, year, sequence)) = number_columns(number) else { return Ok(None) };
        let rotated: Option<i32> = self
            .writer()
            .write(move |connection| {
                let case = cases::table
                    .filter(cases::number_year.eq(year))
                    .filter(cases::number_sequence.eq(sequence))
                    .filter(cases::number_prefix.eq(&prefix));
                diesel::update(case)
                    .set(cases::access_generation.eq(cases::access_generation + 1))
                    .returning(cases::access_generation)
                    .get_result(connection)
                    .optional()
                    .map_err(repository_error)
            })
            .await?;
        Ok(rotated.map(access_generation).transpose()?)
    }
}
