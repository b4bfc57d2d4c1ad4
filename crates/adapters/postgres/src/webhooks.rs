//! Webhook endpoints.

use std::time::Duration;

use async_trait::async_trait;
use diesel::dsl::case_when;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use diesel_async::RunQueryDsl;
use engage_domain::webhook::{WebhookEndpoint, WebhookSecret};
use engage_domain::{NotificationId, Timestamp, WebhookId};
use engage_repository::{
    EndpointNotice, OutboxMessage, RepositoryError, UniqueConstraint, WebhookRepository,
};
use engage_sql::schema::webhook_endpoints;
use engage_sql::{DbId, DbTimestamp, EndpointRow, SqlId};
use serde::Serialize;

use crate::error::duplicate;
use crate::sql::Sql;
use crate::store::PostgresStore;

/// A notification of a notice as the statement reads it.
#[derive(Serialize)]
struct NoticeRow {
    id: DbId<NotificationId>,
    channel: &'static str,
    template: &'static str,
    address: String,
}

impl From<&OutboxMessage> for NoticeRow {
    fn from(message: &OutboxMessage) -> Self {
        Self {
            id: message.id.into(),
            channel: message.address.channel().as_str(),
            template: message.template.as_str(),
            address: message.address.to_string(),
        }
    }
}

const DISABLE: &str = "
    WITH disabled AS (
        UPDATE webhook_endpoints SET disabled_at = ?, disabled_reason = ?
        WHERE id = ? AND disabled_at IS NULL
        RETURNING id
    ), told AS (
        INSERT INTO notifications (id, event_id, channel, template, address, status, attempts,
            due_at, claim, created_at, endpoint_id, notice)
        SELECT message.id, about.event_id, message.channel, message.template, message.address,
            'PENDING', 0, now(), 0, now(), disabled.id, ?
        FROM disabled
        CROSS JOIN json_to_recordset(?::json)
            AS message (id uuid, channel text, template text, address text)
        JOIN notifications AS about ON about.id = ?
        ON CONFLICT (event_id, channel, template, address,
            coalesce(endpoint_id, '00000000-0000-0000-0000-000000000000'))
            WHERE template <> 'case-access-customer'
        DO UPDATE SET status = 'PENDING', attempts = 0, due_at = now(), finished_at = NULL,
            claim = notifications.claim + 1, notice = excluded.notice
    )
    SELECT id FROM disabled";

/// Writes only if something changes, because every delivery runs it.
const NOTE: &str = "
    WITH noted AS (
        UPDATE webhook_endpoints
        SET failing_since = CASE WHEN note.succeeded = 0 THEN now() END
        FROM (VALUES (?::uuid, ?::integer)) AS note (id, succeeded)
        WHERE webhook_endpoints.id = note.id
            AND (failing_since IS NULL) = (note.succeeded = 0)
    )
    SELECT coalesce(max(extract(epoch FROM now() - failing_since) * 1000), 0)::bigint
    FROM webhook_endpoints WHERE id = ?";

const ID: (&str, UniqueConstraint) = ("webhook_endpoints_pkey", UniqueConstraint::WebhookId);

#[async_trait]
impl WebhookRepository for PostgresStore {
    async fn add_endpoint(&self, endpoint: &WebhookEndpoint) -> Result<(), RepositoryError> {
        let row = EndpointRow::from(endpoint);
        let insert = diesel::insert_into(webhook_endpoints::table).values(&row);
        let added = self.try_act(async |c| insert.execute(c).await, |_| true).await?;
        added.map(drop).map_err(|error| duplicate(error, &[ID]))
    }

    async fn find_endpoint(
        &self,
        id: WebhookId,
    ) -> Result<Option<WebhookEndpoint>, RepositoryError> {
        let select = webhook_endpoints::table.find(DbId::from(id)).select(EndpointRow::as_select());
        let found = async |c: &mut _| select.first(c).await.optional();
        let found: Option<EndpointRow> = self.connections().run(found).await?;
        Ok(found.map(EndpointRow::into_endpoint).transpose()?)
    }

    async fn list_endpoints(&self) -> Result<Vec<WebhookEndpoint>, RepositoryError> {
        let oldest_first = (webhook_endpoints::created_at, webhook_endpoints::id);
        let select =
            webhook_endpoints::table.order_by(oldest_first).select(EndpointRow::as_select());
        let rows: Vec<EndpointRow> = self.connections().run(async |c| select.load(c).await).await?;
        Ok(rows.into_iter().map(EndpointRow::into_endpoint).collect::<Result<_, _>>()?)
    }

    async fn update_endpoint(&self, endpoint: &WebhookEndpoint) -> Result<bool, RepositoryError> {
        let row = EndpointRow::from(endpoint);
        // Columns on the right have the values from before.
        let failing_since =
            case_when(webhook_endpoints::disabled_at.is_null(), webhook_endpoints::failing_since);
        let update = diesel::update(webhook_endpoints::table.find(row.id))
            .set((&row, webhook_endpoints::failing_since.eq(failing_since)));
        Ok(self.act(async |c| update.execute(c).await, |changed| *changed == 1).await? == 1)
    }

    async fn replace_secret(
        &self,
        before: &WebhookSecret,
        after: &WebhookEndpoint,
    ) -> Result<bool, RepositoryError> {
        let row = EndpointRow::from(after);
        let still = webhook_endpoints::table
            .find(row.id)
            .filter(webhook_endpoints::secret.eq(before.as_bytes().to_vec()));
        let update = diesel::update(still).set(&row.secrets);
        Ok(self.act(async |c| update.execute(c).await, |changed| *changed == 1).await? == 1)
    }

    async fn disable_endpoint(
        &self,
        id: WebhookId,
        reason: &str,
        at: Timestamp,
        notice: EndpointNotice,
    ) -> Result<bool, RepositoryError> {
        let messages: Vec<_> = notice.messages.iter().map(NoticeRow::from).collect();
        let messages = serde_json::to_string(&messages).map_err(RepositoryError::internal)?;
        let disable: Sql<SqlId> = Sql::prepared(
            DISABLE,
            [
                DbTimestamp(at).into(),
                reason.into(),
                DbId::from(id).into(),
                notice.snapshot.into(),
                messages.into(),
                DbId::from(notice.about).into(),
            ],
        );
        let disabled: Vec<DbId<WebhookId>> =
            self.connections().run(async |c| disable.load(c).await).await?;
        Ok(!disabled.is_empty())
    }

    async fn remove_endpoint(&self, id: WebhookId) -> Result<bool, RepositoryError> {
        let delete = diesel::delete(webhook_endpoints::table.find(DbId::from(id)));
        Ok(self.act(async |c| delete.execute(c).await, |removed| *removed == 1).await? == 1)
    }

    async fn note_delivery(
        &self,
        id: WebhookId,
        succeeded: bool,
    ) -> Result<Duration, RepositoryError> {
        let id = DbId::from(id);
        let note: Sql<BigInt> =
            Sql::prepared(NOTE, [id.into(), i32::from(succeeded).into(), id.into()]);
        let millis: i64 = self.connections().run(async |c| note.get_result(c).await).await?;
        // The statement sees the state from before a success.
        if succeeded {
            Ok(Duration::ZERO)
        } else {
            Ok(Duration::from_millis(millis.unsigned_abs()))
        }
    }
}
