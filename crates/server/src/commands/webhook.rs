//! Commands for the webhook endpoints of other systems. They work while a server is running, which
//! notices changes immediately.

use std::sync::Arc;

use anyhow::Context;
use clap::Subcommand;
use engage_application::{
    EndpointCache, EndpointDirectory, Initiator, ManageWebhooks, NewEndpoint,
};
use engage_domain::WebhookId;
use engage_domain::event::WantedEvents;
use engage_domain::text::Line;
use engage_domain::webhook::{EndpointState, WebhookEndpoint, WebhookHeaders, WebhookUrl};
use serde_json::{Value, json};

use super::administration;
use super::output::{ListOptions, print, print_json, print_table};
use crate::settings::Settings;
use crate::storage::Storage;
use crate::wiring;
use engage_system::SystemClock;

#[derive(Subcommand)]
pub(crate) enum WebhookCommand {
    /// Register an endpoint and print its ID and secret. The secret is not shown again.
    Add {
        /// URL of the endpoint.
        url: WebhookUrl,
        /// Comma-separated event types and subtypes to send. By default, all events are sent.
        #[arg(long, value_delimiter = ',')]
        events: Vec<WantedEvents>,
        /// Exclude information that is for staff only.
        #[arg(long)]
        no_internal: bool,
        /// Purpose of the endpoint.
        #[arg(long)]
        description: Option<Line<200>>,
    },
    /// List all endpoints.
    List(ListOptions),
    /// Remove an endpoint and cancel its pending notifications.
    Remove {
        /// ID of the endpoint.
        id: WebhookId,
    },
}

pub(crate) async fn run(settings: &Settings, command: WebhookCommand) -> anyhow::Result<()> {
    let storage = Storage::attach(settings).await?;
    let manage = manage(settings, &storage)?;
    match command {
        WebhookCommand::Add { url, events, no_internal, description } => {
            let (event_types, event_subtypes) = WantedEvents::split(events);
            let new = NewEndpoint {
                url,
                event_types,
                event_subtypes,
                includes_internal: !no_internal,
                headers: WebhookHeaders::default(),
                description,
            };
            let registered =
                manage.register(new, &Initiator::command_line()).await.context("the URL")?;
            print(&format!("{}\t{}", registered.endpoint.id, registered.secret))
        }
        WebhookCommand::List(options) => {
            list(&manage.list().await.context("cannot list the endpoints")?, &options)
        }
        WebhookCommand::Remove { id } => {
            manage.remove(id, &Initiator::command_line()).await?;
            print(&format!("Removed {id}."))
        }
    }
}

fn list(endpoints: &[WebhookEndpoint], options: &ListOptions) -> anyhow::Result<()> {
    if options.json {
        return print_json(endpoints.iter().map(as_json).collect());
    }
    print_table(["ID", "STATE", "EVENTS", "URL"], endpoints.iter().map(row).collect())
}

fn row(endpoint: &WebhookEndpoint) -> [String; 4] {
    let state = if endpoint.is_enabled() { "enabled" } else { "disabled" };
    let events = events(endpoint);
    let events = if events.is_empty() { "all".to_owned() } else { events.join(",") };
    [endpoint.id.to_string(), state.to_owned(), events, endpoint.url.to_string()]
}

/// Returns the types and subtypes of the events that are sent. Empty means all.
fn events(endpoint: &WebhookEndpoint) -> Vec<&'static str> {
    let types = endpoint.event_types.iter().map(|event| event.as_str());
    types.chain(endpoint.event_subtypes.iter().map(|subtype| subtype.as_str())).collect()
}

/// Returns an endpoint as in the API, without its secrets.
fn as_json(endpoint: &WebhookEndpoint) -> Value {
    let (reason, since) = match &endpoint.state {
        EndpointState::Enabled => (None, None),
        EndpointState::Disabled { reason, since } => (Some(reason), Some(since.to_string())),
    };
    let headers = endpoint.headers.iter().map(|(name, _)| name.as_str());
    json!({
        "id": endpoint.id.to_string(),
        "url": endpoint.url.to_string(),
        "description": endpoint.description.as_ref().map(ToString::to_string),
        "eventTypes": events(endpoint),
        "includeInternal": endpoint.includes_internal,
        "headerNames": headers.collect::<Vec<_>>(),
        "state": if endpoint.is_enabled() { "ENABLED" } else { "DISABLED" },
        "disabledReason": reason,
        "disabledSince": since,
        "createdAt": endpoint.created_at.to_string(),
    })
}

fn manage(settings: &Settings, storage: &Storage) -> anyhow::Result<ManageWebhooks> {
    let known = EndpointCache::new(storage.store(), storage.store());
    let directory = EndpointDirectory::new(known.clone(), Arc::new(SystemClock));
    let (channel, guard) = wiring::channels::webhooks(settings, Arc::new(directory))?;
    Ok(administration(storage).webhooks(known, channel, guard))
}
