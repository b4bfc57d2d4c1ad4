//! Webhook endpoints as rows of the table `webhook_endpoints`.

use diesel::prelude::*;
use engage_domain::WebhookId;
use engage_domain::webhook::{EndpointState, WebhookEndpoint, WebhookSecret};
use engage_repository::{headers_text, known_names, read_headers, read_secrets, secrets_octets};

use crate::column::{octets, parse, parse_option};
use crate::db_id::DbId;
use crate::db_timestamp::DbTimestamp;
use crate::error::InvalidColumn;
use crate::schema::webhook_endpoints;

/// A webhook endpoint. Updating one leaves its secrets alone.
#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = webhook_endpoints)]
#[diesel(treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct EndpointRow {
    /// Id of the endpoint.
    pub id: DbId<WebhookId>,
    url: String,
    description: Option<String>,
    event_types: String,
    /// Subtypes, and the types that programs of the release before do not know. They skip what they do
    /// not know in this column only.
    event_subtypes: String,
    includes_internal: bool,
    headers: String,
    /// Secrets of the endpoint.
    #[diesel(embed, skip_update)]
    pub secrets: SecretsRow,
    disabled_at: Option<DbTimestamp>,
    disabled_reason: Option<String>,
    #[diesel(skip_update)]
    created_at: DbTimestamp,
}

/// The secrets of an endpoint.
#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = webhook_endpoints)]
#[diesel(treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct SecretsRow {
    secret: Vec<u8>,
    previous_secret: Option<Vec<u8>>,
    previous_secret_until: Option<DbTimestamp>,
    older_secrets: Vec<u8>,
}

impl From<&WebhookEndpoint> for SecretsRow {
    fn from(endpoint: &WebhookEndpoint) -> Self {
        let previous = endpoint.previous_secrets.as_slice().first();
        Self {
            secret: endpoint.secret.as_bytes().to_vec(),
            previous_secret: previous.map(|(secret, _)| secret.as_bytes().to_vec()),
            previous_secret_until: previous.map(|(_, until)| DbTimestamp(*until)),
            // The newest previous secret has separate columns.
            older_secrets: secrets_octets(endpoint.previous_secrets.iter().skip(1)),
        }
    }
}

impl From<&WebhookEndpoint> for EndpointRow {
    fn from(endpoint: &WebhookEndpoint) -> Self {
        let (disabled_at, disabled_reason) = match &endpoint.state {
            EndpointState::Enabled => (None, None),
            EndpointState::Disabled { reason, since } => {
                (Some(DbTimestamp(*since)), Some(reason.clone()))
            }
        };
        let types = || endpoint.event_types.iter();
        let event_types: Vec<_> =
            types().filter(|one| !one.is_recent()).map(|one| one.as_str()).collect();
        let recent_types = types().filter(|one| one.is_recent()).map(|one| one.as_str());
        let subtypes = endpoint.event_subtypes.iter().map(|subtype| subtype.as_str());
        let event_subtypes: Vec<_> = subtypes.chain(recent_types).collect();
        Self {
            id: endpoint.id.into(),
            url: endpoint.url.to_string(),
            description: endpoint.description.as_ref().map(ToString::to_string),
            event_types: event_types.join(","),
            event_subtypes: event_subtypes.join(","),
            includes_internal: endpoint.includes_internal,
            headers: headers_text(&endpoint.headers),
            secrets: endpoint.into(),
            disabled_at,
            disabled_reason,
            created_at: DbTimestamp(endpoint.created_at),
        }
    }
}

fn secret(bytes: &[u8]) -> Result<WebhookSecret, InvalidColumn> {
    octets(bytes, "secret").map(WebhookSecret::from_bytes)
}

impl EndpointRow {
    /// Converts the row to an endpoint.
    pub fn into_endpoint(self) -> Result<WebhookEndpoint, InvalidColumn> {
        let secrets = self.secrets;
        let previous_secret = secrets.previous_secret.as_deref().map(secret).transpose()?;
        let until = secrets.previous_secret_until.map(|at| at.0);
        let mut previous_secrets = Vec::from_iter(previous_secret.zip(until));
        let older = read_secrets(&secrets.older_secrets);
        previous_secrets.extend(older.ok_or(InvalidColumn { column: "older_secrets" })?);
        let state = match (self.disabled_at, self.disabled_reason) {
            (Some(since), Some(reason)) => EndpointState::Disabled { reason, since: since.0 },
            _ => EndpointState::Enabled,
        };
        Ok(WebhookEndpoint {
            id: self.id.get(),
            url: parse(&self.url, "url")?,
            description: parse_option(self.description.as_deref(), "description")?,
            event_types: [&self.event_types, &self.event_subtypes]
                .into_iter()
                .flat_map(|names| known_names(names))
                .collect(),
            event_subtypes: known_names(&self.event_subtypes).collect(),
            includes_internal: self.includes_internal,
            headers: read_headers(&self.headers).ok_or(InvalidColumn { column: "headers" })?,
            secret: secret(&secrets.secret)?,
            previous_secrets,
            state,
            created_at: self.created_at.0,
        })
    }
}
