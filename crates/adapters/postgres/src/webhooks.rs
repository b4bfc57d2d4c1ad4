//! Endpoints of other systems.

use std::time::Duration;

use async_trait::async_trait;
use diesel::dsl::case_when;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use engage_domain::{
    EndpointState, EventType, Timestamp, WebhookEndpoint, WebhookId, WebhookSecret,
};
use engage_repository::{
    EndpointNotice, OutboxMessage, RepositoryError, UniqueConstraint, WebhookRepository,
    headers_text, known_subtypes, read_headers, read_secrets, secrets_octets,
};
use serde::Serialize;
use uuid::Uuid;

use crate::case_rows::{parse, parse_option};
use crate::db_timestamp::DbTimestamp;
use crate::error::{InvalidColumn, repository_error, violates};
use crate::schema::webhook_endpoints;
use crate::sql::Sql;
use crate::store::PostgresStore;

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = webhook_endpoints, treat_none_as_default_value = false)]
#[diesel(treat_none_as_null = true)]
struct EndpointRow {
    id: Uuid,
    url: String,
    description: Option<String>,
    event_types: String,
    event_subtypes: String,
    includes_internal: bool,
    headers: String,
    #[diesel(skip_update)]
    secret: Vec<u8>,
    #[diesel(skip_update)]
    previous_secret: Option<Vec<u8>>,
    #[diesel(skip_update)]
    previous_secret_until: Option<DbTimestamp>,
    #[diesel(skip_update)]
    older_secrets: Vec<u8>,
    disabled_at: Option<DbTimestamp>,
    disabled_reason: Option<String>,
    #[diesel(skip_update)]
    created_at: DbTimestamp,
}

impl From<&WebhookEndpoint> for EndpointRow {
    fn from(endpoint: &WebhookEndpoint) -> Self {
        let (disabled_at, disabled_reason) = match &endpoint.state {
            EndpointState::Enabled => (None, None),
            EndpointState::Disabled { reason, since } => {
                (Some(DbTimestamp(*since)), Some(reason.clone()))
            }
        };
        let previous = endpoint.previous_secrets.as_slice().first();
        let event_types: Vec<_> = endpoint.event_types.iter().map(|e| e.as_str()).collect();
        let event_subtypes: Vec<_> =
            endpoint.event_subtypes.iter().map(|subtype| subtype.as_str()).collect();
        Self {
            id: Uuid::from_u128(endpoint.id.as_u128()),
            url: endpoint.url.to_string(),
            description: endpoint.description.as_ref().map(ToString::to_string),
            event_types: event_types.join(","),
            event_subtypes: event_subtypes.join(","),
            includes_internal: endpoint.includes_internal,
            headers: headers_text(&endpoint.headers),
            secret: endpoint.secret.as_bytes().to_vec(),
            previous_secret: previous.map(|(secret, _)| secret.as_bytes().to_vec()),
            previous_secret_until: previous.map(|(_, until)| DbTimestamp(*until)),
            // The newest of them has columns of its own.
            older_secrets: secrets_octets(endpoint.previous_secrets.iter().skip(1)),
            disabled_at,
            disabled_reason,
            created_at: DbTimestamp(endpoint.created_at),
        }
    }
}

fn secret(bytes: Vec<u8>) -> Result<WebhookSecret, InvalidColumn> {
    let bytes = bytes.try_into().map_err(|_| InvalidColumn { column: "secret" })?;
    Ok(WebhookSecret::from_bytes(bytes))
}

fn event_types(text: &str) -> Result<Vec<EventType>, InvalidColumn> {
    let names = text.split(',').filter(|name| !name.is_empty());
    names.map(|name| parse(name, "event_types")).collect()
}

impl EndpointRow {
    fn into_endpoint(self) -> Result<WebhookEndpoint, InvalidColumn> {
        let previous_secret = self.previous_secret.map(secret).transpose()?;
        let until = self.previous_secret_until.map(|at| at.0);
        let mut previous_secrets = Vec::from_iter(previous_secret.zip(until));
        let older = read_secrets(&self.older_secrets);
        previous_secrets.extend(older.ok_or(InvalidColumn { column: "older_secrets" })?);
        let state = match (self.disabled_at, self.disabled_reason) {
            (Some(since), Some(reason)) => EndpointState::Disabled { reason, since: since.0 },
            _ => EndpointState::Enabled,
        };
        Ok(WebhookEndpoint {
            id: WebhookId::from_u128(self.id.as_u128()),
            url: parse(&self.url, "url")?,
            description: parse_option(self.description.as_deref(), "description")?,
            event_types: event_types(&self.event_types)?,
            event_subtypes: known_subtypes(&self.event_subtypes),
            includes_internal: self.includes_internal,
            headers: read_headers(&self.headers).ok_or(InvalidColumn { column: "headers" })?,
            secret: secret(self.secret)?,
            previous_secrets,
            state,
            created_at: self.created_at.0,
        })
    }
}

/// A message of a notice as the statement reads it.
#[derive(Serialize)]
struct NoticeRow {
    id: Uuid,
    channel: &'static str,
    template: &'static str,
    address: String,
}

impl From<&OutboxMessage> for NoticeRow {
    fn from(message: &OutboxMessage) -> Self {
        Self {
            id: Uuid::from_u128(message.id.as_u128()),
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

/// Writes only where something changes, since every delivery asks.
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

#[async_trait]
impl WebhookRepository for PostgresStore {
    async fn add_endpoint(&self, endpoint: &WebhookEndpoint) -> Result<(), RepositoryError> {
        let row = EndpointRow::from(endpoint);
        let insert = diesel::insert_into(webhook_endpoints::table).values(&row);
        match self.try_act(async |c| insert.execute(c).await, |_| true).await? {
            Ok(_) => Ok(()),
            Err(error) if violates(&error, "webhook_endpoints_pkey") => {
                Err(RepositoryError::Duplicate { constraint: UniqueConstraint::WebhookId })
            }
            Err(error) => Err(repository_error(error)),
        }
    }

    async fn find_endpoint(
        &self,
        id: WebhookId,
    ) -> Result<Option<WebhookEndpoint>, RepositoryError> {
        let id = Uuid::from_u128(id.as_u128());
        let select = webhook_endpoints::table.find(id).select(EndpointRow::as_select());
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
        // The columns on the right are those from before.
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
        let update = diesel::update(still).set((
            webhook_endpoints::secret.eq(row.secret),
            webhook_endpoints::previous_secret.eq(row.previous_secret),
            webhook_endpoints::previous_secret_until.eq(row.previous_secret_until),
            webhook_endpoints::older_secrets.eq(row.older_secrets),
        ));
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
        let disable: Sql<SqlUuid> = Sql::prepared(
            DISABLE,
            [
                DbTimestamp(at).into(),
                reason.to_owned().into(),
                Uuid::from_u128(id.as_u128()).into(),
                notice.snapshot.into(),
                messages.into(),
                Uuid::from_u128(notice.about.as_u128()).into(),
            ],
        );
        let disabled: Vec<Uuid> = self.connections().run(async |c| disable.load(c).await).await?;
        Ok(!disabled.is_empty())
    }

    async fn remove_endpoint(&self, id: WebhookId) -> Result<bool, RepositoryError> {
        let id = Uuid::from_u128(id.as_u128());
        let delete = diesel::delete(webhook_endpoints::table.find(id));
        Ok(self.act(async |c| delete.execute(c).await, |removed| *removed == 1).await? == 1)
    }

    async fn note_delivery(
        &self,
        id: WebhookId,
        succeeded: bool,
    ) -> Result<Duration, RepositoryError> {
        let id = Uuid::from_u128(id.as_u128());
        let note: Sql<BigInt> =
            Sql::prepared(NOTE, [id.into(), i32::from(succeeded).into(), id.into()]);
        let millis: i64 = self.connections().run(async |c| note.get_result(c).await).await?;
        // The statement sees what was before a success.
        if succeeded {
            Ok(Duration::ZERO)
        } else {
            Ok(Duration::from_millis(millis.unsigned_abs()))
        }
    }
}
