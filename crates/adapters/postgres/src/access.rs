//! What customers prove their ownership of cases with.

use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use engage_domain::CaseNumber;
use engage_repository::{AccessGeneration, AccessRepository, RepositoryError};

use crate::case_rows::{checked, number_columns};
use crate::error::InvalidColumn;
use crate::schema::cases;
use crate::store::PostgresStore;

pub(crate) fn access_generation(stored: i32) -> Result<AccessGeneration, InvalidColumn> {
    checked(stored, |count| Some(AccessGeneration(count)), "access_generation")
}

#[async_trait]
impl AccessRepository for PostgresStore {
    async fn rotate_access(
        &self,
        number: &CaseNumber,
    ) -> Result<Option<AccessGeneration>, RepositoryError> {
        let Ok((prefix, year, sequence)) = number_columns(number) else { return Ok(None) };
        let case = cases::table
            .filter(cases::number_year.eq(year))
            .filter(cases::number_sequence.eq(sequence))
            .filter(cases::number_prefix.eq(prefix));
        let update = diesel::update(case)
            .set(cases::access_generation.eq(cases::access_generation + 1))
            .returning(cases::access_generation);
        let rotated = async |c: &mut _| update.get_result(c).await.optional();
        let rotated: Option<i32> = self.connections().run(rotated).await?;
        Ok(rotated.map(access_generation).transpose()?)
    }
}
