//! Access codes and the proofs with which people show that a case is theirs, or that they take part.

mod generations;
mod participants;

use std::time::Duration;

use async_trait::async_trait;
use diesel::prelude::*;
use diesel::sql_types::Integer;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use engage_domain::{CaseId, CaseNumber, NotificationId, PersonId};
use engage_repository::{
    AccessGeneration, AccessRepository, NewAccessCode, RepositoryError, RotatedAccess,
};
use engage_sql::schema::cases;
use engage_sql::{
    AccessRow, DbId, HasNumber, SqlId, access_generation, count_column, customer_address,
    has_number, millis,
};

use generations::write_generations;

use crate::sql::Sql;
use crate::store::PostgresStore;

/// The condition is checked again for a row that another statement has just written.
const ADD: &str = "
    WITH code AS (
        INSERT INTO access_codes AS last (case_id, notification_id, created_at, tries, is_redeemed,
            counted_since, counted)
        SELECT id, ?::uuid, now(), 0, false, now(), 1 FROM cases
        WHERE id = ? AND customer_email = ? FOR SHARE
        ON CONFLICT (case_id) DO UPDATE SET notification_id = excluded.notification_id,
            created_at = now(), tries = 0, is_redeemed = false,
            counted_since = CASE WHEN last.counted_since <= now() - ?::bigint * interval '1 millisecond'
                THEN now() ELSE last.counted_since END,
            counted = CASE WHEN last.counted_since <= now() - ?::bigint * interval '1 millisecond'
                THEN 1 ELSE last.counted + 1 END
        WHERE last.created_at <= now() - ?::bigint * interval '1 millisecond'
            AND (last.counted_since <= now() - ?::bigint * interval '1 millisecond' OR last.counted < ?)
        RETURNING case_id, notification_id
    )
    INSERT INTO notifications (id, event_id, channel, template, address, status, attempts, due_at,
        claim, created_at, expires_at)
    SELECT code.notification_id, events.id, ?, ?, ?, 'PENDING', 0, now(), 0, now(),
        now() + ?::bigint * interval '1 millisecond'
    FROM code JOIN events ON events.case_id = code.case_id AND events.sequence = 1
    RETURNING id";

const TRY: &str = "
    UPDATE access_codes SET tries = tries + 1
    WHERE case_id = ? AND NOT is_redeemed AND tries < ?
        AND created_at > now() - ?::bigint * interval '1 millisecond'
    RETURNING notification_id";

/// Locks the case before its code, as the other statements do.
const REDEEM: &str = "
    WITH own AS (
        SELECT id FROM cases WHERE id = ? FOR NO KEY UPDATE
    ), code AS (
        UPDATE access_codes SET is_redeemed = true
        FROM own WHERE case_id = own.id AND notification_id = ? AND NOT is_redeemed
        RETURNING case_id
    )
    UPDATE cases SET access_generation = access_generation + 1
    FROM code WHERE cases.id = code.case_id
    RETURNING access_generation";

/// Starts new generations of the proofs of a case.
async fn rotate(
    connection: &mut AsyncPgConnection,
    of_case: HasNumber,
    person: Option<PersonId>,
) -> QueryResult<RotatedAccess> {
    let row = cases::table.filter(of_case).select(AccessRow::as_select()).for_update();
    let Some(row) = row.first(connection).await.optional()? else {
        return Ok(RotatedAccess::NoSuchCase);
    };
    write_generations(connection, &row, person).await
}

#[async_trait]
impl AccessRepository for PostgresStore {
    async fn rotate_access(
        &self,
        number: &CaseNumber,
        person: Option<PersonId>,
    ) -> Result<RotatedAccess, RepositoryError> {
        let Some(of_case) = has_number(number) else { return Ok(RotatedAccess::NoSuchCase) };
        let rotated = async |c: &mut AsyncPgConnection| {
            c.transaction(async |c| rotate(c, of_case, person).await).await
        };
        self.act(rotated, |rotated| matches!(rotated, RotatedAccess::To(_))).await
    }

    async fn add_code(&self, code: NewAccessCode) -> Result<bool, RepositoryError> {
        if !code.person.is_customer_of(code.case) {
            let added = async |c: &mut AsyncPgConnection| participants::add(c, &code).await;
            return self.connections().run(added).await;
        }
        let NewAccessCode { case, person: _, message, limit, valid_for } = code;
        let within = millis(limit.within);
        let insert: Sql<SqlId> = Sql::prepared(
            ADD,
            [
                DbId::from(message.id).into(),
                DbId::from(case).into(),
                customer_address(&message.address).into(),
                within.into(),
                within.into(),
                millis(limit.apart).into(),
                within.into(),
                count_column(limit.most).into(),
                message.address.channel().as_str().into(),
                message.template.as_str().into(),
                message.address.to_string().into(),
                millis(valid_for).into(),
            ],
        );
        let added = async |c: &mut _| insert.get_result(c).await.optional();
        let added: Option<DbId<NotificationId>> = self.connections().run(added).await?;
        Ok(added.is_some())
    }

    async fn try_code(
        &self,
        case: CaseId,
        person: PersonId,
        valid_for: Duration,
        most_tries: u32,
    ) -> Result<Option<NotificationId>, RepositoryError> {
        if !person.is_customer_of(case) {
            let update = participants::attempt(case, person, valid_for, most_tries);
            let tried = async |c: &mut _| update.get_result(c).await.optional();
            let tried: Option<DbId<NotificationId>> = self.connections().run(tried).await?;
            return Ok(tried.map(DbId::get));
        }
        let values =
            [DbId::from(case).into(), count_column(most_tries).into(), millis(valid_for).into()];
        let update: Sql<SqlId> = Sql::prepared(TRY, values);
        let tried = async |c: &mut _| update.get_result(c).await.optional();
        let tried: Option<DbId<NotificationId>> = self.connections().run(tried).await?;
        Ok(tried.map(DbId::get))
    }

    async fn redeem_code(
        &self,
        case: CaseId,
        person: PersonId,
        code: NotificationId,
    ) -> Result<Option<AccessGeneration>, RepositoryError> {
        if !person.is_customer_of(case) {
            let redeemed = async |c: &mut AsyncPgConnection| {
                c.transaction(async |c| participants::redeem(c, case, person, code).await).await
            };
            return self.connections().run(redeemed).await;
        }
        let values = [DbId::from(case).into(), DbId::from(code).into()];
        let redeem: Sql<Integer> = Sql::prepared(REDEEM, values);
        let rotated = async |c: &mut _| redeem.get_result(c).await.optional();
        let rotated: Option<i32> = self.connections().run(rotated).await?;
        Ok(rotated.map(access_generation).transpose()?)
    }
}
