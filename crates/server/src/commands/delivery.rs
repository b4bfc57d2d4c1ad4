//! What delivers messages, and what shows how that goes: the same in `serve` and in `dispatch`.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use engage_application::{
    AccessTokens, Attachments, CaseChanges, CustomerLinks, DELIVERY_BUCKETS, Dispatcher,
    DispatcherSettings, DispatcherStatus, DueCaseRunner, DueCaseSettings, EndpointHealth, Gauges,
    Housekeeper, OutboxBell, PassTime, Retention, SuccessesNoted, TrackNotifications,
};
use engage_attachments::AttachmentContents;
use engage_http::{
    Edge, HealthChecks, Metrics, MetricsAccess, MetricsToken, Origin, Origins, REQUEST_BUCKETS,
    RateLimits, SharedCounts,
};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tokio::task::JoinHandle;

use super::audit;
use crate::channels::Channels;
use crate::exposure::is_exposed;
use crate::settings::{RateLimiting, Settings};
use crate::storage::Storage;
use crate::system::{SystemClock, SystemIds};
use crate::{process_metrics, secret};

/// How often the samples of histograms are put into their buckets.
const METRICS_UPKEEP: Duration = Duration::from_secs(5);

pub(crate) fn dispatcher(
    settings: &Settings,
    storage: &Storage,
    channels: &Channels,
    links: CustomerLinks,
    bell: OutboxBell,
) -> Dispatcher {
    let endpoints = EndpointHealth {
        endpoints: Arc::clone(&storage.webhooks),
        known: channels.endpoints.clone(),
        staff: Arc::clone(&storage.staff),
        clock: Arc::new(SystemClock),
        ids: Arc::new(SystemIds),
        noted: SuccessesNoted::default(),
    };
    let (outbox, notifiers) = (Arc::clone(&storage.outbox), channels.notifiers.clone());
    let settings =
        DispatcherSettings { limits: settings.limits.sending(), ..DispatcherSettings::default() };
    Dispatcher::new(outbox, notifiers, endpoints, links, bell, settings)
}

/// The links in e-mails to customers.
pub(crate) fn links(settings: &Settings, tokens: AccessTokens) -> anyhow::Result<CustomerLinks> {
    let url = settings.public_url();
    anyhow::ensure!(
        !url.contains(['?', '#']),
        "server.public_url: leave out what begins at the ? or the #, since paths are added to it"
    );
    Ok(CustomerLinks::new(tokens, format!("{}/support", url.trim_end_matches('/'))))
}

/// What does with cases what becomes due by itself.
pub(crate) fn due_cases(storage: &Storage, changes: Arc<CaseChanges>) -> DueCaseRunner {
    let pass_time = PassTime::new(changes, Arc::clone(&storage.due_cases));
    DueCaseRunner::new(
        pass_time,
        Arc::clone(&storage.due_cases),
        Arc::new(SystemClock),
        DueCaseSettings::default(),
    )
}

/// What deletes what nobody needs any more.
pub(crate) fn housekeeper(
    settings: &Settings,
    storage: &Storage,
    attachments: Attachments,
) -> Housekeeper {
    let retention = Retention {
        messages: settings.retention.messages,
        audit: settings.retention.audit,
        interval: settings.retention.interval,
    };
    Housekeeper::new(
        attachments,
        Arc::clone(&storage.retention),
        Arc::clone(&storage.index),
        Arc::clone(&storage.audit),
        retention,
    )
}

/// What works beside the API until it is told to stop.
pub(crate) struct Background {
    pub(crate) dispatching: JoinHandle<()>,
    pub(crate) keeping_time: JoinHandle<()>,
    pub(crate) keeping_house: JoinHandle<()>,
}

impl Background {
    /// Waits for the end of all of it.
    pub(crate) async fn ended(self) -> anyhow::Result<()> {
        self.keeping_house.await.context("the housekeeper ended in a panic")?;
        self.keeping_time.await.context("what keeps the time of cases ended in a panic")?;
        self.dispatching.await.context("the dispatcher ended in a panic")
    }
}

/// What attachments are kept with.
pub(crate) fn attachments(settings: &Settings, storage: &Storage) -> anyhow::Result<Attachments> {
    let contents = AttachmentContents::open(&settings.attachments.url, &settings.attachments.s3())
        .context("attachments cannot be kept (attachments.url)")?;
    Ok(Attachments {
        contents: Arc::new(contents),
        uploads: Arc::clone(&storage.uploads),
        clock: Arc::new(SystemClock),
        ids: Arc::new(SystemIds),
        lifetime: settings.retention.uploads,
        floor: settings.limits.space_floor(),
    })
}

pub(crate) fn tracking(storage: &Storage) -> TrackNotifications {
    TrackNotifications::new(
        Arc::clone(&storage.notifications),
        Arc::clone(&storage.outbox),
        Arc::clone(&storage.acts),
        audit::recorder(),
    )
}

pub(crate) fn health(
    storage: &Storage,
    channels: &Channels,
    dispatcher: DispatcherStatus,
) -> HealthChecks {
    HealthChecks {
        store: Arc::clone(&storage.health),
        renderer: Arc::clone(&channels.renderer),
        dispatcher,
        notifications: tracking(storage),
        clock: Arc::new(SystemClock),
    }
}

/// How an address meets the network.
pub(crate) fn edge(
    settings: &Settings,
    storage: &Storage,
    address: SocketAddr,
) -> anyhow::Result<Edge> {
    let server = &settings.server;
    let limits = &settings.rate_limit;
    let is_limited = match limits.enabled {
        RateLimiting::Auto => is_exposed(settings, address),
        RateLimiting::On => true,
        RateLimiting::Off => false,
    };
    let shared = match &storage.request_counts {
        Some(counts) if is_limited => {
            let key = secret::count_key(settings)?;
            Some(SharedCounts { counts: Arc::clone(counts), key })
        }
        _ => None,
    };
    let public_url = settings.public_url();
    Ok(Edge {
        proxies: server.trusted_proxies.iter().map(|network| network.0).collect::<Vec<_>>().into(),
        limits: is_limited.then_some(RateLimits {
            creations: limits.creations,
            customer_calls: limits.customer_calls,
            staff_calls: limits.staff_calls,
            failed_tokens: limits.failed_tokens,
            file_kibibytes: settings.limits.file_kibibytes(),
            site_factor: limits.site_factor,
            shared,
        }),
        origins: Origins {
            customers: server.allowed_origins.iter().cloned().collect(),
            staff: server.staff_origins.iter().cloned().collect(),
            own: Origin::of_url(&public_url),
        },
        connections: is_limited.then_some(settings.limits.connections),
        documentation: server.documentation,
        is_https: public_url.starts_with("https://"),
    })
}

/// Begins to count, and says who may read what is counted at an address.
pub(crate) fn metrics(
    settings: &Settings,
    storage: &Storage,
    address: SocketAddr,
) -> anyhow::Result<Metrics> {
    let mut builder = PrometheusBuilder::new();
    for (histogram, buckets) in [DELIVERY_BUCKETS, REQUEST_BUCKETS] {
        let histogram = Matcher::Full(histogram.to_owned());
        builder = builder
            .set_buckets_for_metric(histogram, buckets)
            .context("a histogram has no buckets")?;
    }
    let recorder = builder.install_recorder().context("cannot count")?;
    tokio::spawn(keep_up(recorder.clone()));
    process_metrics::begin();
    let access = match &settings.metrics.token {
        Some(token) => MetricsAccess::Token(MetricsToken::new(token.expose())),
        None if is_exposed(settings, address) => MetricsAccess::Closed,
        None => MetricsAccess::Open,
    };
    let gauges = Gauges::new(
        Arc::clone(&storage.queries),
        Arc::clone(&storage.notifications),
        Arc::clone(&storage.outbox),
        Arc::clone(&storage.health),
    );
    let render = Arc::new(move || recorder.render() + &process_metrics::render());
    Ok(Metrics { access, gauges: Arc::new(gauges), render })
}

/// Takes in the samples of histograms, which pile up while nobody reads the metrics.
async fn keep_up(recorder: PrometheusHandle) {
    loop {
        tokio::time::sleep(METRICS_UPKEEP).await;
        recorder.run_upkeep();
    }
}

/// Rings for the dispatcher when other processes commit messages.
pub(crate) fn listen(
    settings: &Settings,
    bell: OutboxBell,
) -> anyhow::Result<Option<JoinHandle<()>>> {
    let listener = Storage::listener(&settings.database)?;
    Ok(listener.map(|listener| tokio::spawn(listener.run(move || bell.ring()))))
}
