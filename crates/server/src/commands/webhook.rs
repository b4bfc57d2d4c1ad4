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
use engage_domain::webhook::{WebhookEndpoint, WebhookHeaders, WebhookUrl};

use super::print;
use crate::settings::Settings;
use crate::storage::Storage;
use crate::wiring;
use engage_system::{SystemClock, SystemIds};

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
    List,
    /// Remove an endpoint and cancel its pending notifications.
    Remove {
        /// ID of the endpoint.
        id: WebhookId,
    },
}

pub(crate) async fn run(settings: &Settings, command: WebhookCommand) -> anyhow::Result<()> {
    let storage = Storage::attach(&settings.database).await?;
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
        WebhookCommand::List => list(manage.list().await.context("cannot list the endpoints")?),
        WebhookCommand::Remove { id } => {
            manage.remove(id, &Initiator::command_line()).await?;
            print(&format!("Removed {id}."))
        }
    }
}

fn list(endpoints: Vec<WebhookEndpoint>) -> anyhow::Result<()> {
    for endpoint in endpoints {
        let state = if endpoint.is_enabled() { "enabled" } else { "disabled" };
        let types = endpoint.event_types.iter().map(|event| event.as_str());
        let subtypes = endpoint.event_subtypes.iter().map(|subtype| subtype.as_str());
        let events: Vec<_> = types.chain(subtypes).collect();
        let events = if events.is_empty() { "all".to_owned() } else { events.join(",") };
        print(&format!("{}\t{state}\t{events}\t{}", endpoint.id, endpoint.url))?;
    }
    Ok(())
}

fn manage(settings: &Settings, storage: &Storage) -> anyhow::Result<ManageWebhooks> {
    let known = EndpointCache::new(storage.store(), storage.store());
    let directory = EndpointDirectory::new(known.clone(), Arc::new(SystemClock));
    let (channel, guard) = wiring::channels::webhooks(settings, Arc::new(directory))?;
    Ok(ManageWebhooks {
        endpoints: storage.store(),
        acts: storage.store(),
        notifications: storage.store(),
        guard,
        channel,
        known,
        clock: Arc::new(SystemClock),
        ids: Arc::new(SystemIds),
    })
}
