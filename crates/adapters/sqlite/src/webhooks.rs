//! Webhook endpoints.

use std::time::Duration;

use async_trait::async_trait;
use diesel::dsl::case_when;
use diesel::prelude::*;
use engage_domain::{Timestamp, WebhookEndpoint, WebhookId, WebhookSecret};
use engage_repository::{
    EndpointNotice, OutboxMessage, RepositoryError, UniqueConstraint, WebhookRepository,
};
use engage_sql::schema::webhook_endpoints;
use engage_sql::{DbId, DbTimestamp, EndpointRow, repository_error};

use crate::clock::{now, since};
use crate::error::violates;
use crate::sql::{Sql, execute};
use crate::store::SqliteStore;

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
                    .find(DbId::from(id))
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
                // Columns on the right have the values from before.
                let failing_since = case_when(
                    webhook_endpoints::disabled_at.is_null(),
                    webhook_endpoints::failing_since,
                );
                let changed = diesel::update(webhook_endpoints::table.find(row.id))
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
                    .find(row.id)
                    .filter(webhook_endpoints::secret.eq(&before));
                let changed = diesel::update(still)
                    .set(&row.secrets)
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
        let (id, reason) = (DbId::from(id), reason.to_owned());
        self.writer()
            .write(move |connection| {
                let values = [DbTimestamp(at).into(), reason.as_str().into(), id.into()];
                let update: Sql<()> = Sql::prepared(DISABLE, values);
                if update.execute(connection).map_err(repository_error)? == 0 {
                    return Ok(false);
                }
                for message in &notice.messages {
                    write_down(connection, id, &notice, message).map_err(repository_error)?;
                }
                Ok(true)
            })
            .await
    }

    async fn remove_endpoint(&self, id: WebhookId) -> Result<bool, RepositoryError> {
        self.act(
            move |connection| {
                let removed = diesel::delete(webhook_endpoints::table.find(DbId::from(id)))
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
        let id = DbId::from(id);
        let known = self.readers().read(move |connection| failing_since(connection, id)).await?;
        // Every delivery comes here, and most change nothing. Those cost the writer nothing.
        let since_when = match (known, succeeded) {
            (None, true) => None,
            (Some(since_when), false) => Some(since_when),
            (Some(_), true) | (None, false) => {
                self.writer().write(move |connection| note(connection, id, succeeded)).await?
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
    endpoint: DbId<WebhookId>,
    notice: &EndpointNotice,
    message: &OutboxMessage,
) -> QueryResult<()> {
    let values = [
        DbId::from(message.id).into(),
        message.address.channel().as_str().into(),
        message.template.as_str().into(),
        message.address.to_string().into(),
        now().into(),
        endpoint.into(),
        notice.snapshot.as_str().into(),
        DbId::from(notice.about).into(),
    ];
    execute(connection, WRITE_DOWN, values)
}

const NOTE: &str = "UPDATE webhook_endpoints SET failing_since = ? WHERE id = ?";

/// Returns the time since which all deliveries to an endpoint have failed.
fn failing_since(
    connection: &mut SqliteConnection,
    id: DbId<WebhookId>,
) -> Result<Option<DbTimestamp>, RepositoryError> {
    let found = webhook_endpoints::table
        .find(id)
        .select(webhook_endpoints::failing_since)
        .first(connection)
        .optional()
        .map_err(repository_error)?;
    Ok(found.flatten())
}

/// Records a success after failures, or the first failure. Returns the time since which deliveries had
/// failed before, unless this one succeeded.
fn note(
    connection: &mut SqliteConnection,
    id: DbId<WebhookId>,
    succeeded: bool,
) -> Result<Option<DbTimestamp>, RepositoryError> {
    let before = failing_since(connection, id)?;
    if before.is_some() == succeeded {
        let since_when = (!succeeded).then(now);
        execute(connection, NOTE, [since_when.into(), id.into()]).map_err(repository_error)?;
    }
    Ok(before.filter(|_| !succeeded))
}
