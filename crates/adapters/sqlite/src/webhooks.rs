//! Endpoints of other systems.

use std::time::Duration;

use async_trait::async_trait;
use diesel::dsl::case_when;
use diesel::prelude::*;
use engage_domain::{
    EndpointState, EventType, Timestamp, WebhookEndpoint, WebhookId, WebhookSecret,
};
use engage_repository::{
    EndpointNotice, OutboxMessage, RepositoryError, UniqueConstraint, WebhookRepository,
    headers_text, known_subtypes, read_headers, read_secrets, secrets_octets,
};

use crate::case_rows::{id_bits, id_bytes, parse, parse_option};
use crate::clock::{now, since};
use crate::error::{InvalidColumn, repository_error, violates};
use crate::schema::webhook_endpoints;
use crate::sql::Sql;
use crate::store::SqliteStore;

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = webhook_endpoints, treat_none_as_default_value = false)]
#[diesel(treat_none_as_null = true)]
struct EndpointRow {
    id: Vec<u8>,
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
    previous_secret_until: Option<i64>,
    #[diesel(skip_update)]
    older_secrets: Vec<u8>,
    disabled_at: Option<i64>,
    disabled_reason: Option<String>,
    #[diesel(skip_update)]
    created_at: i64,
}

impl From<&WebhookEndpoint> for EndpointRow {
    fn from(endpoint: &WebhookEndpoint) -> Self {
        let (disabled_at, disabled_reason) = match &endpoint.state {
            EndpointState::Enabled => (None, None),
            EndpointState::Disabled { reason, since } => {
                (Some(since.as_millis()), Some(reason.clone()))
            }
        };
        let previous = endpoint.previous_secrets.as_slice().first();
        let event_types: Vec<_> = endpoint.event_types.iter().map(|e| e.as_str()).collect();
        let event_subtypes: Vec<_> =
            endpoint.event_subtypes.iter().map(|subtype| subtype.as_str()).collect();
        Self {
            id: id_bytes(endpoint.id.as_u128()),
            url: endpoint.url.to_string(),
            description: endpoint.description.as_ref().map(ToString::to_string),
            event_types: event_types.join(","),
            event_subtypes: event_subtypes.join(","),
            includes_internal: endpoint.includes_internal,
            headers: headers_text(&endpoint.headers),
            secret: endpoint.secret.as_bytes().to_vec(),
            previous_secret: previous.map(|(secret, _)| secret.as_bytes().to_vec()),
            previous_secret_until: previous.map(|(_, until)| until.as_millis()),
            // The newest of them has columns of its own.
            older_secrets: secrets_octets(endpoint.previous_secrets.iter().skip(1)),
            disabled_at,
            disabled_reason,
            created_at: endpoint.created_at.as_millis(),
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
        let until = self.previous_secret_until.map(Timestamp::from_millis);
        let mut previous_secrets = Vec::from_iter(previous_secret.zip(until));
        let older = read_secrets(&self.older_secrets);
        previous_secrets.extend(older.ok_or(InvalidColumn { column: "older_secrets" })?);
        let state = match (self.disabled_at, self.disabled_reason) {
            (Some(since), Some(reason)) => {
                EndpointState::Disabled { reason, since: Timestamp::from_millis(since) }
            }
            _ => EndpointState::Enabled,
        };
        Ok(WebhookEndpoint {
            id: WebhookId::from_u128(id_bits(&self.id, "webhook id")?),
            url: parse(&self.url, "url")?,
            description: parse_option(self.description.as_deref(), "description")?,
            event_types: event_types(&self.event_types)?,
            event_subtypes: known_subtypes(&self.event_subtypes),
            includes_internal: self.includes_internal,
            headers: read_headers(&self.headers).ok_or(InvalidColumn { column: "headers" })?,
            secret: secret(self.secret)?,
            previous_secrets,
            state,
            created_at: Timestamp::from_millis(self.created_at),
        })
    }
}

#[async_trait]
impl WebhookRepository for SqliteStore {
    async fn add_endpoint(&self, endpoint: &WebhookEndpoint) -> Result<(), RepositoryError> {
        let row = EndpointRow::from(endpoint);
        self.act(
            move |connection| {
                let insert = diesel::insert_into(webhook_endpoints::table).values(&row);
                match insert.execute(connection) {
                    Ok(_) => Ok(()),
                    Err(error) if violates(&error, "webhook_endpoints.id") => {
                        Err(RepositoryError::Duplicate { constraint: UniqueConstraint::WebhookId })
                    }
                    Err(error) => Err(repository_error(error)),
                }
            },
            |()| true,
        )
        .await
    }

    async fn find_endpoint(
        &self,
        id: WebhookId,
    ) -> Result<Option<WebhookEndpoint>, RepositoryError> {
        let found: Option<EndpointRow> = self
            .readers()
            .read(move |connection| {
                webhook_endpoints::table
                    .find(id_bytes(id.as_u128()))
                    .select(EndpointRow::as_select())
                    .first(connection)
                    .optional()
                    .map_err(repository_error)
            })
            .await?;
        Ok(found.map(EndpointRow::into_endpoint).transpose()?)
    }

    async fn list_endpoints(&self) -> Result<Vec<WebhookEndpoint>, RepositoryError> {
        let rows: Vec<EndpointRow> = self
            .readers()
            .read(|connection| {
                webhook_endpoints::table
                    .order_by((webhook_endpoints::created_at, webhook_endpoints::id))
                    .select(EndpointRow::as_select())
                    .load(connection)
                    .map_err(repository_error)
            })
            .await?;
        Ok(rows.into_iter().map(EndpointRow::into_endpoint).collect::<Result<_, _>>()?)
    }

    async fn update_endpoint(&self, endpoint: &WebhookEndpoint) -> Result<bool, RepositoryError> {
        let row = EndpointRow::from(endpoint);
        self.act(
            move |connection| {
                // The columns on the right are those from before.
                let failing_since = case_when(
                    webhook_endpoints::disabled_at.is_null(),
                    webhook_endpoints::failing_since,
                );
                let changed = diesel::update(webhook_endpoints::table.find(&row.id))
                    .set((&row, webhook_endpoints::failing_since.eq(failing_since)))
                    .execute(connection)
                    .map_err(repository_error)?;
                Ok(changed == 1)
            },
            |is_changed| *is_changed,
        )
        .await
    }

    async fn replace_secret(
        &self,
        before: &WebhookSecret,
        after: &WebhookEndpoint,
    ) -> Result<bool, RepositoryError> {
        let (row, before) = (EndpointRow::from(after), before.as_bytes().to_vec());
        self.act(
            move |connection| {
                let still = webhook_endpoints::table
                    .find(&row.id)
                    .filter(webhook_endpoints::secret.eq(&before));
                let changed = diesel::update(still)
                    .set((
                        webhook_endpoints::secret.eq(&row.secret),
                        webhook_endpoints::previous_secret.eq(&row.previous_secret),
                        webhook_endpoints::previous_secret_until.eq(row.previous_secret_until),
                        webhook_endpoints::older_secrets.eq(&row.older_secrets),
                    ))
                    .execute(connection)
                    .map_err(repository_error)?;
                Ok(changed == 1)
            },
            |is_changed| *is_changed,
        )
        .await
    }

    async fn disable_endpoint(
        &self,
        id: WebhookId,
        reason: &str,
        at: Timestamp,
        notice: EndpointNotice,
    ) -> Result<bool, RepositoryError> {
        let (id, reason) = (id_bytes(id.as_u128()), reason.to_owned());
        self.writer()
            .write(move |connection| {
                let values = [at.as_millis().into(), reason.as_str().into(), id.clone().into()];
                let update: Sql<()> = Sql::prepared(DISABLE, values);
                if update.execute(connection).map_err(repository_error)? == 0 {
                    return Ok(false);
                }
                for message in &notice.messages {
                    write_down(connection, &id, &notice, message)?;
                }
                Ok(true)
            })
            .await
    }

    async fn remove_endpoint(&self, id: WebhookId) -> Result<bool, RepositoryError> {
        self.act(
            move |connection| {
                let removed = diesel::delete(webhook_endpoints::table.find(id_bytes(id.as_u128())))
                    .execute(connection)
                    .map_err(repository_error)?;
                Ok(removed == 1)
            },
            |is_removed| *is_removed,
        )
        .await
    }

    async fn note_delivery(
        &self,
        id: WebhookId,
        succeeded: bool,
    ) -> Result<Duration, RepositoryError> {
        let id = id_bytes(id.as_u128());
        let known = {
            let id = id.clone();
            self.readers().read(move |connection| failing_since(connection, &id)).await?
        };
        // Every delivery asks, and mostly nothing changes: that costs the writer nothing.
        let since_when = match (known, succeeded) {
            (None, true) => None,
            (Some(since_when), false) => Some(since_when),
            (Some(_), true) | (None, false) => {
                self.writer().write(move |connection| note(connection, &id, succeeded)).await?
            }
        };
        Ok(since_when.map_or(Duration::ZERO, since))
    }
}

const DISABLE: &str = "
    UPDATE webhook_endpoints SET disabled_at = ?, disabled_reason = ?
    WHERE id = ? AND disabled_at IS NULL";

const WRITE_DOWN: &str = "
    INSERT INTO notifications (id, event_id, channel, template, address, status, attempts,
        due_at, claim, created_at, endpoint_id, notice)
    SELECT message.id, about.event_id, message.channel, message.template, message.address,
        'PENDING', 0, message.now, 0, message.now, message.endpoint_id, message.notice
    FROM (
        SELECT ? AS id, ? AS channel, ? AS template, ? AS address, ? AS now, ? AS endpoint_id,
            ? AS notice
    ) AS message
    JOIN notifications AS about ON about.id = ?
    WHERE true
    ON CONFLICT (event_id, channel, template, address, coalesce(endpoint_id, x''))
    WHERE template <> 'case-access-customer'
    DO UPDATE SET status = 'PENDING', attempts = 0, due_at = excluded.due_at, finished_at = NULL,
        claim = claim + 1, notice = excluded.notice";

fn write_down(
    connection: &mut SqliteConnection,
    endpoint: &[u8],
    notice: &EndpointNotice,
    message: &OutboxMessage,
) -> Result<(), RepositoryError> {
    let insert: Sql<()> = Sql::prepared(
        WRITE_DOWN,
        [
            id_bytes(message.id.as_u128()).into(),
            message.address.channel().as_str().into(),
            message.template.as_str().into(),
            message.address.to_string().into(),
            now().into(),
            endpoint.to_vec().into(),
            notice.snapshot.as_str().into(),
            id_bytes(notice.about.as_u128()).into(),
        ],
    );
    insert.execute(connection).map_err(repository_error)?;
    Ok(())
}

const NOTE: &str = "UPDATE webhook_endpoints SET failing_since = ? WHERE id = ?";

/// Since when an endpoint has only failed.
fn failing_since(
    connection: &mut SqliteConnection,
    id: &[u8],
) -> Result<Option<i64>, RepositoryError> {
    let found = webhook_endpoints::table
        .find(id)
        .select(webhook_endpoints::failing_since)
        .first(connection)
        .optional()
        .map_err(repository_error)?;
    Ok(found.flatten())
}

/// Notes a success after failures, or the first failure, and returns since when there were only
/// failures before.
fn note(
    connection: &mut SqliteConnection,
    id: &[u8],
    succeeded: bool,
) -> Result<Option<i64>, RepositoryError> {
    let before = failing_since(connection, id)?;
    if before.is_some() == succeeded {
        let since_when = (!succeeded).then(now);
        let update: Sql<()> = Sql::prepared(NOTE, [since_when.into(), id.to_vec().into()]);
        update.execute(connection).map_err(repository_error)?;
    }
    Ok(before.filter(|_| !succeeded))
}
