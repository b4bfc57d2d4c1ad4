//! Endpoints of other systems. Works beside a running server, which hears of a change at once.

use std::sync::Arc;

use anyhow::Context;
use clap::Subcommand;
use engage_application::{Initiator, ManageWebhooks, NewEndpoint};
use engage_domain::{Line, WantedEvents, WebhookEndpoint, WebhookHeaders, WebhookId, WebhookUrl};

use super::print;
use crate::settings::Settings;
use crate::storage::Storage;
use crate::system::{SystemClock, SystemIds};
use crate::wiring::Channels;

#[derive(Subcommand)]
pub(crate) enum WebhookCommand {
    /// Register an endpoint, and print its id and its secret. The secret is not shown again.
    Add {
        /// Where it is.
        url: WebhookUrl,
        /// The events it wants, types and finer kinds, with commas between; all where none is named.
        #[arg(long, value_delimiter = ',')]
        events: Vec<WantedEvents>,
        /// Keep from it what is for staff only.
        #[arg(long)]
        no_internal: bool,
        /// What it is for.
        #[arg(long)]
        description: Option<Line<200>>,
    },
    /// List all endpoints.
    List,
    /// Remove an endpoint, and cancel the messages that wait for it.
    Remove {
        /// The endpoint's id.
        id: WebhookId,
    },
}

pub(crate) async fn run(settings: &Settings, command: WebhookCommand) -> anyhow::Result<()> {
    let storage = Storage::attach(&settings.database).await?;
    let channels = Channels::new(settings, storage.store(), storage.store())?;
    let manage = manage(&storage, &channels);
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

pub(crate) fn manage(storage: &Storage, channels: &Channels) -> ManageWebhooks {
    ManageWebhooks {
        endpoints: storage.store(),
        acts: storage.store(),
        notifications: storage.store(),
        guard: Arc::clone(&channels.guard),
        channel: Arc::clone(&channels.webhook),
        known: channels.endpoints.clone(),
        clock: Arc::new(SystemClock),
        ids: Arc::new(SystemIds),
    }
}
