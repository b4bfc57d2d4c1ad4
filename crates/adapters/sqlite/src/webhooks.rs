//! Webhook endpoints.

use std::time::Duration;

use async_trait::async_trait;
use diesel::dsl::case_when;
use diesel::prelude::*;
use engage_domain::webhook::{WebhookEndpoint, WebhookSecret};
use engage_domain::{Timestamp, WebhookId};
use engage_repository::{
    EndpointNotice, OutboxMessage, RepositoryError, UniqueConstraint, WebhookRepository,
};
use engage_sql::schema::webhook_endpoints;
use engage_sql::{DbId, DbTimestamp, EndpointRow};

use crate::clock::{now, since};
use crate::error::duplicate;
use crate::sql::{Sql, execute};
use crate::store::SqliteStore;

const ID: (&str, UniqueConstraint) = ("webhook_endpoints.id", UniqueConstraint::WebhookId);

#[async_trait]
impl WebhookRepository for SqliteStore {
    async fn add_endpoint(&self, endpoint: &WebhookEndpoint) -> Result<(), RepositoryError> {
        let row = EndpointRow::from(endpoint);
        let add = move |connection: &mut SqliteConnection| {
            let insert = diesel::insert_into(webhook_endpoints::table).values(&row);
            insert.execute(connection).map_err(|error| duplicate(error, &[ID]))
        };
        self.act(add, |_| true).await.map(drop)
    }

    async fn find_endpoint(
        &self,
        id: WebhookId,
    ) -> Result<Option<WebhookEndpoint>, RepositoryError> {
        let select = webhook_endpoints::table.find(DbId::from(id)).select(EndpointRow::as_select());
        let found: Option<EndpointRow> =
            self.readers().read(move |c| Ok(select.first(c).optional()?)).await?;
        Ok(found.map(EndpointRow::into_endpoint).transpose()?)
    }

    async fn list_endpoints(&self) -> Result<Vec<WebhookEndpoint>, RepositoryError> {
        let oldest_first = (webhook_endpoints::created_at, webhook_endpoints::id);
        let select =
            webhook_endpoints::table.order_by(oldest_first).select(EndpointRow::as_select());
        let rows: Vec<EndpointRow> = self.readers().read(move |c| Ok(select.load(c)?)).await?;
        Ok(rows.into_iter().map(EndpointRow::into_endpoint).collect::<Result<_, _>>()?)
    }

    async fn update_endpoint(&self, endpoint: &WebhookEndpoint) -> Result<bool, RepositoryError> {
        let row = EndpointRow::from(endpoint);
        let update = move |connection: &mut SqliteConnection| {
            // Columns on the right have the values from before.
            let failing_since = case_when(
                webhook_endpoints::disabled_at.is_null(),
                webhook_endpoints::failing_since,
            );
            Ok(diesel::update(webhook_endpoints::table.find(row.id))
                .set((&row, webhook_endpoints::failing_since.eq(failing_since)))
                .execute(connection)?)
        };
        Ok(self.act(update, |changed| *changed == 1).await? == 1)
    }

    async fn replace_secret(
        &self,
        before: &WebhookSecret,
        after: &WebhookEndpoint,
    ) -> Result<bool, RepositoryError> {
        let (row, before) = (EndpointRow::from(after), before.as_bytes().to_vec());
        let replace = move |connection: &mut SqliteConnection| {
            let still =
                webhook_endpoints::table.find(row.id).filter(webhook_endpoints::secret.eq(&before));
            Ok(diesel::update(still).set(&row.secrets).execute(connection)?)
        };
        Ok(self.act(replace, |changed| *changed == 1).await? == 1)
    }

    async fn disable_endpoint(
        &self,
        id: WebhookId,
        reason: &str,
        at: Timestamp,
        notice: EndpointNotice,
    ) -> Result<bool, RepositoryError> {
        let (id, reason) = (DbId::from(id), reason.to_owned());
        let disable = move |connection: &mut SqliteConnection| {
            let values = [DbTimestamp(at).into(), reason.as_str().into(), id.into()];
            let update: Sql<()> = Sql::prepared(DISABLE, values);
            let is_disabled = update.execute(connection)? == 1;
            if is_disabled {
                for message in &notice.messages {
                    write_down(connection, id, &notice, message)?;
                }
            }
            Ok(is_disabled)
        };
        self.writer().write(disable).await
    }

    async fn remove_endpoint(&self, id: WebhookId) -> Result<bool, RepositoryError> {
        let remove = move |connection: &mut SqliteConnection| {
            Ok(diesel::delete(webhook_endpoints::table.find(DbId::from(id))).execute(connection)?)
        };
        Ok(self.act(remove, |removed| *removed == 1).await? == 1)
    }

    async fn note_delivery(
        &self,
        id: WebhookId,
        succeeded: bool,
    ) -> Result<Duration, RepositoryError> {
        let id = DbId::from(id);
        let known = self.readers().read(move |c| Ok(failing_since(c, id)?)).await?;
        // Every delivery comes here, and most change nothing. Those cost the writer nothing.
        let since_when = match (known, succeeded) {
            (None, true) => None,
            (Some(since_when), false) => Some(since_when),
            (Some(_), true) | (None, false) => {
                self.writer().write(move |c| Ok(note(c, id, succeeded)?)).await?
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
) -> QueryResult<Option<DbTimestamp>> {
    let found = webhook_endpoints::table
        .find(id)
        .select(webhook_endpoints::failing_since)
        .first(connection)
        .optional()?;
    Ok(found.flatten())
}

/// Records a success after failures, or the first failure. Returns the time since which deliveries had
/// failed before, unless this one succeeded.
fn note(
    connection: &mut SqliteConnection,
    id: DbId<WebhookId>,
    succeeded: bool,
) -> QueryResult<Option<DbTimestamp>> {
    let before = failing_since(connection, id)?;
    if before.is_some() == succeeded {
        let since_when = (!succeeded).then(now);
        execute(connection, NOTE, [since_when.into(), id.into()])?;
    }
    Ok(before.filter(|_| !succeeded))
}
