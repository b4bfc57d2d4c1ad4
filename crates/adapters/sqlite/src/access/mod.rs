//! Access codes and the proofs with which people show that a case is theirs, or that they take part.

mod generations;
mod message;
mod participants;

use std::time::Duration;

use async_trait::async_trait;
use diesel::prelude::*;
use diesel::sql_types::Integer;
use engage_domain::{CaseId, CaseNumber, NotificationId, PersonId};
use engage_repository::{
    AccessGeneration, AccessRepository, NewAccessCode, RepositoryError, RotatedAccess,
};
use engage_sql::schema::cases;
use engage_sql::{
    AccessRow, DbId, HasNumber, SqlId, access_generation, customer_address, has_number, millis,
};

use generations::write_generations;
use message::write_message;

use crate::clock::now;
use crate::error::WorkResult;
use crate::sql::Sql;
use crate::store::SqliteStore;

/// In the update, columns on the right have the values from before.
const ADD: &str = "
    INSERT INTO access_codes (case_id, notification_id, created_at, tries, is_redeemed,
        counted_since, counted)
    SELECT cases.id, code.id, code.now, 0, 0, code.now, 1
    FROM (
        SELECT ? AS case_id, ? AS address, ? AS id, ? AS now, ? AS within, ? AS apart, ? AS most
    ) AS code
    JOIN cases ON cases.id = code.case_id AND cases.customer_email = code.address
    LEFT JOIN access_codes AS last ON last.case_id = code.case_id
    WHERE last.case_id IS NULL
        OR last.created_at <= code.now - code.apart
            AND (last.counted_since <= code.now - code.within OR last.counted < code.most)
    ON CONFLICT (case_id) DO UPDATE SET notification_id = excluded.notification_id,
        created_at = excluded.created_at, tries = 0, is_redeemed = 0,
        counted_since = CASE WHEN counted_since <= excluded.created_at - ?
            THEN excluded.created_at ELSE counted_since END,
        counted = CASE WHEN counted_since <= excluded.created_at - ? THEN 1 ELSE counted + 1 END";

const TRY: &str = "
    UPDATE access_codes SET tries = tries + 1
    WHERE case_id = ? AND is_redeemed = 0 AND created_at > ? AND tries < ?
    RETURNING notification_id";

const REDEEM: &str = "
    UPDATE access_codes SET is_redeemed = 1
    WHERE case_id = ? AND notification_id = ? AND is_redeemed = 0";

const ROTATE: &str = "
    UPDATE cases SET access_generation = access_generation + 1 WHERE id = ?
    RETURNING access_generation";

/// Starts new generations of the proofs of a case.
fn rotate(
    connection: &mut SqliteConnection,
    of_case: HasNumber,
    person: Option<PersonId>,
) -> WorkResult<RotatedAccess> {
    let row = cases::table.filter(of_case).select(AccessRow::as_select());
    let Some(row) = row.first(connection).optional()? else {
        return Ok(RotatedAccess::NoSuchCase);
    };
    write_generations(connection, &row, person)
}

/// Stores a code of the customer and its notification.
fn add(connection: &mut SqliteConnection, code: &NewAccessCode) -> QueryResult<bool> {
    let NewAccessCode { case, message, limit, .. } = code;
    let (case, id, now) = (DbId::from(*case), DbId::from(message.id), now());
    let within = millis(limit.within);
    let insert: Sql<()> = Sql::prepared(
        ADD,
        [
            case.into(),
            customer_address(&message.address).into(),
            id.into(),
            now.into(),
            within.into(),
            millis(limit.apart).into(),
            i64::from(limit.most).into(),
            within.into(),
            within.into(),
        ],
    );
    if insert.execute(connection)? == 0 {
        return Ok(false);
    }
    write_message(connection, code, now)?;
    Ok(true)
}

#[async_trait]
impl AccessRepository for SqliteStore {
    async fn rotate_access(
        &self,
        number: &CaseNumber,
        person: Option<PersonId>,
    ) -> Result<RotatedAccess, RepositoryError> {
        let Some(of_case) = has_number(number) else { return Ok(RotatedAccess::NoSuchCase) };
        let rotated =
            move |connection: &mut SqliteConnection| rotate(connection, of_case.clone(), person);
        self.act(rotated, |rotated| matches!(rotated, RotatedAccess::To(_))).await
    }

    async fn add_code(&self, code: NewAccessCode) -> Result<bool, RepositoryError> {
        let is_customer = code.person.is_customer_of(code.case);
        self.writer()
            .write(move |connection| {
                if is_customer {
                    Ok(add(connection, &code)?)
                } else {
                    participants::add(connection, &code)
                }
            })
            .await
    }

    async fn try_code(
        &self,
        case: CaseId,
        person: PersonId,
        valid_for: Duration,
        most_tries: u32,
    ) -> Result<Option<NotificationId>, RepositoryError> {
        if !person.is_customer_of(case) {
            let tried = move |c: &mut SqliteConnection| {
                participants::count_attempt(c, case, person, valid_for, most_tries)
            };
            return Ok(self.writer().write(tried).await?.map(DbId::get));
        }
        let case = DbId::from(case);
        let attempt = move |connection: &mut SqliteConnection| {
            let since = now().saturating_sub(millis(valid_for));
            let values = [case.into(), since.into(), i64::from(most_tries).into()];
            let update: Sql<SqlId> = Sql::prepared(TRY, values);
            Ok(update.get_result(connection).optional()?)
        };
        let tried: Option<DbId<NotificationId>> = self.writer().write(attempt).await?;
        Ok(tried.map(DbId::get))
    }

    async fn redeem_code(
        &self,
        case: CaseId,
        person: PersonId,
        code: NotificationId,
    ) -> Result<Option<AccessGeneration>, RepositoryError> {
        if !person.is_customer_of(case) {
            let redeem =
                move |c: &mut SqliteConnection| participants::redeem(c, case, person, code);
            return self.writer().write(redeem).await;
        }
        let (case, code) = (DbId::from(case), DbId::from(code));
        let redeem = move |connection: &mut SqliteConnection| {
            let redeem: Sql<()> = Sql::prepared(REDEEM, [case.into(), code.into()]);
            if redeem.execute(connection)? == 0 {
                return Ok(None);
            }
            let rotate: Sql<Integer> = Sql::prepared(ROTATE, [case.into()]);
            Ok(Some(rotate.get_result(connection)?))
        };
        let rotated: Option<i32> = self.writer().write(redeem).await?;
        Ok(rotated.map(access_generation).transpose()?)
    }
}
