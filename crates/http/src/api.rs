//! Assembles the actix-web application: routes, middleware and shared data.

use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::middleware::{Condition, from_fn};
use actix_web::{App, HttpServer, web};
use engage_application::{Authenticate, TraceSampler};
use utoipa_actix_web::AppExt;

use crate::book::Book;
use crate::fallback::Routes;
use crate::health::HealthChecks;
use crate::inspection::{Operations, inspect, inspect_customers};
use crate::listener::{Listener, Listeners};
use crate::liveness::Liveness;
use crate::metrics::Metrics;
use crate::middleware::{
    Connections, Limiter, NetworkSettings, cors, discard_excess_connections, exchange,
    hide_documentation, limit, reject_foreign_pages, secure,
};
use crate::request_metrics::RequestMetrics;
use crate::routes::{STAFF, public_routes, service_routes, staff_routes};
use crate::shutdown::Shutdown;
use crate::sms_status::SmsCallbacks;
use crate::staff::access::{self, StaffGate};
use crate::staff::feed::EventStreams;
use crate::staff::member_limits::{MemberLimits, Searches};
use crate::support_page::SupportPage;
use crate::use_cases::{CustomerUseCases, StaffUseCases};
use crate::{fallback, openapi, request_context};

/// Adds routes to each worker of the server.
pub type ConfigureRoutes = Arc<dyn Fn(&mut web::ServiceConfig) + Send + Sync>;

/// Everything that the API needs to serve requests.
#[derive(Clone)]
pub struct Api {
    /// Use cases for customers.
    pub customers: CustomerUseCases,
    /// Use cases for staff.
    pub staff: StaffUseCases,
    /// Web page for customers.
    pub support_page: SupportPage,
    /// The book, if the program embeds it.
    pub book: Book,
    /// Authenticates members of staff.
    pub authenticate: Authenticate,
    /// Health checks of the components.
    pub health: HealthChecks,
    /// Metrics endpoint.
    pub metrics: Metrics,
    /// Receiver of the SMS provider's delivery reports.
    pub sms_callbacks: SmsCallbacks,
    /// Limits on the concurrent requests of one member of staff.
    pub member_limits: MemberLimits,
    /// Network settings, such as trusted proxies, allowed origins and rate limits.
    pub network: NetworkSettings,
    /// Decides which of the traces that start with a request are sampled.
    pub sampler: TraceSampler,
    /// Signal that the program is shutting down.
    pub shutdown: Shutdown,
    /// Reports of the threads.
    pub liveness: Liveness,
    /// Further routes, behind the same middleware. Routes of the API come first.
    pub routes: Option<ConfigureRoutes>,
}

/// Time limit for the head of a request. It is also the keep-alive timeout between two requests.
const HEAD_PATIENCE: Duration = Duration::from_secs(10);
const KEEP_ALIVE: Duration = Duration::from_secs(75);

/// Grace period for responses in flight when the server stops, in seconds.
const DRAIN: u64 = 25;

/// Serves the API on sockets, of which there is at least one, until the server is stopped through its
/// handle.
///
/// ```no_run
/// # fn assembled() -> engage_http::Api { unimplemented!() }
/// use std::net::TcpListener;
///
/// use engage_http::Api;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let api: Api = assembled(); // The crate `engage` does this.
/// let shutdown = api.shutdown.clone();
/// let server = engage_http::server(TcpListener::bind("127.0.0.1:3000")?.into(), 2, api)?;
/// let handle = server.handle();
/// let serving = tokio::spawn(server);
///
/// tokio::signal::ctrl_c().await?;
/// shutdown.begin();
/// handle.stop(true).await;
/// assert!(serving.await?.is_ok());
/// # Ok(())
/// # }
/// ```
pub fn server(listeners: Listeners, workers: usize, api: Api) -> std::io::Result<Server> {
    let whole = described();
    let request_metrics = web::Data::new(RequestMetrics::new(&whole));
    let known_routes = web::Data::new(Routes::new(&whole));
    let operations = web::Data::new(Operations::new(&whole));
    let document = web::Data::new(openapi::of_api(whole));
    let Api {
        customers,
        support_page,
        book,
        staff,
        authenticate,
        health,
        metrics,
        sms_callbacks,
        member_limits,
        network,
        sampler,
        shutdown,
        liveness,
        routes: further_routes,
    } = api;
    liveness.expect_threads(workers * listeners.count());
    let connections = Connections::new(network.connections, network.proxies.clone());
    let limiter = limiter(&network, &shutdown);
    let network = web::Data::new(network);
    let customers = web::Data::new(customers);
    let support_page = web::Data::new(support_page);
    let the_book = web::Data::new(book);
    let gate = web::Data::new(StaffGate::new(authenticate, staff));
    let health = web::Data::new(health);
    let metrics = web::Data::new(metrics);
    let sms_callbacks = web::Data::new(sms_callbacks);
    let event_streams = web::Data::new(EventStreams::new(member_limits, shutdown.clone()));
    let searches = web::Data::new(Searches::new(member_limits));
    let shutdown = web::Data::new(shutdown);
    let mut server = HttpServer::new(move || {
        liveness.report_from_this_thread();
        let internal = staff_routes(web::scope(STAFF))
            .default_service(web::to(fallback::respond))
            .wrap(from_fn(inspect))
            .wrap(from_fn(access::authenticate));
        let app = public_routes(App::new()).service(internal);
        let app = match &limiter {
            Some(limiter) => app.app_data(limiter.clone()),
            None => app,
        };
        app.app_data(document.clone())
            .app_data(sampler)
            .app_data(network.clone())
            .app_data(known_routes.clone())
            .app_data(operations.clone())
            .app_data(customers.clone())
            .app_data(support_page.clone())
            .app_data(the_book.clone())
            .app_data(gate.clone())
            .app_data(health.clone())
            .app_data(metrics.clone())
            .app_data(request_metrics.clone())
            .app_data(sms_callbacks.clone())
            .app_data(event_streams.clone())
            .app_data(searches.clone())
            .app_data(shutdown.clone())
            .configure(|config| further_routes.iter().for_each(|add_to| add_to(config)))
            .default_service(web::to(fallback::respond))
            .wrap(from_fn(inspect_customers))
            .wrap(from_fn(hide_documentation))
            .wrap(from_fn(limit))
            .wrap(from_fn(reject_foreign_pages))
            .wrap(Condition::new(!network.origins.is_empty(), cors(network.origins.clone())))
            .wrap(from_fn(secure))
            .wrap(from_fn(request_context::serve))
            .wrap(from_fn(discard_excess_connections))
    })
    .on_connect(move |io, extensions| connections.begin(io, extensions))
    .workers(workers)
    .client_request_timeout(HEAD_PATIENCE)
    .keep_alive(KEEP_ALIVE)
    .shutdown_timeout(DRAIN)
    .disable_signals();
    for listener in listeners {
        server = match listener {
            Listener::Tcp(listener) => server.listen(listener)?,
            Listener::Unix(listener) => server.listen_uds(listener)?,
        };
    }
    Ok(server.run())
}

/// Builds the rate limiter, if limits are configured. Counts are shared with the other servers on
/// the same database, if there are any.
fn limiter(network: &NetworkSettings, shutdown: &Shutdown) -> Option<web::Data<Limiter>> {
    let limits = network.limits.as_ref()?;
    let limiter = web::Data::new(Limiter::new(limits));
    if let Some(shared) = &limits.shared {
        tokio::spawn(exchange(limiter.clone(), shared.clone(), shutdown.clone()));
    }
    Some(limiter)
}

/// Serves only the health checks and metrics, for a program that offers no API, until the server is
/// stopped through its handle. There is at least one socket.
///
/// ```
/// # use std::net::TcpListener;
/// # use std::sync::Arc;
/// # use engage_application::{AuditRecorder, DispatcherStatus, GaugePorts, Gauges, TrackNotifications};
/// use engage_http::{HealthChecks, Liveness, Metrics, MetricsAccess, NetworkSettings, Shutdown};
/// # use engage_sqlite::SqliteStore;
/// # use engage_templates::Templates;
/// # use engage_testkit::{ManualClock, SequentialIds};
/// use tokio::io::{AsyncReadExt, AsyncWriteExt};
/// use tokio::net::TcpStream;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let (store, clock) = (Arc::new(SqliteStore::in_memory()?), Arc::new(ManualClock::new()));
/// # let recorder = AuditRecorder::new(clock.clone(), Arc::new(SequentialIds::new()));
/// # let notifications =
/// #     TrackNotifications::new(store.clone(), store.clone(), store.clone(), recorder);
/// # let health = HealthChecks {
/// #     store: store.clone(),
/// #     renderer: Arc::new(Templates::default()),
/// #     dispatcher: DispatcherStatus::default(),
/// #     notifications,
/// #     clock,
/// # };
/// # let gauges = Arc::new(Gauges::new(GaugePorts {
/// #     queries: store.clone(),
/// #     due_cases: store.clone(),
/// #     notifications: store.clone(),
/// #     outbox: store.clone(),
/// #     audit: store.clone(),
/// #     store,
/// #     clock: Arc::new(ManualClock::new()),
/// # }));
/// # let (access, render) = (MetricsAccess::Closed, Arc::new(String::new));
/// # let metrics = Metrics { access, gauges, render };
/// # let (network, shutdown) = (NetworkSettings::default(), Shutdown::default());
/// let listener = TcpListener::bind("127.0.0.1:0")?;
/// let address = listener.local_addr()?;
/// let server = engage_http::service(
///     listener.into(), health, metrics, network, shutdown, Liveness::default(),
/// )?;
/// let handle = server.handle();
/// tokio::spawn(server);
///
/// let (mut client, mut response) = (TcpStream::connect(address).await?, String::new());
/// client.write_all(b"GET /health/live HTTP/1.0\r\n\r\n").await?;
/// client.read_to_string(&mut response).await?;
/// assert!(response.contains(" 200 OK"), "{response}");
/// handle.stop(true).await;
/// # Ok(())
/// # }
/// ```
pub fn service(
    listeners: Listeners,
    health: HealthChecks,
    metrics: Metrics,
    network: NetworkSettings,
    shutdown: Shutdown,
    liveness: Liveness,
) -> std::io::Result<Server> {
    liveness.expect_threads(listeners.count());
    let limiter = limiter(&network, &shutdown);
    let connections = Connections::new(network.connections, network.proxies.clone());
    let network = web::Data::new(network);
    let (_, document) = service_routes(App::new().into_utoipa_app()).split_for_parts();
    let known_routes = web::Data::new(Routes::new(&document));
    let request_metrics = web::Data::new(RequestMetrics::new(&document));
    let health = web::Data::new(health);
    let metrics = web::Data::new(metrics);
    let shutdown = web::Data::new(shutdown);
    let mut server = HttpServer::new(move || {
        liveness.report_from_this_thread();
        let app = service_routes(App::new());
        let app = match &limiter {
            Some(limiter) => app.app_data(limiter.clone()),
            None => app,
        };
        app.app_data(network.clone())
            .app_data(known_routes.clone())
            .app_data(health.clone())
            .app_data(metrics.clone())
            .app_data(request_metrics.clone())
            .app_data(shutdown.clone())
            .default_service(web::to(fallback::respond))
            .wrap(from_fn(limit))
            .wrap(from_fn(secure))
            .wrap(from_fn(request_context::serve))
            .wrap(from_fn(discard_excess_connections))
    })
    .on_connect(move |io, extensions| connections.begin(io, extensions))
    .workers(1)
    .client_request_timeout(HEAD_PATIENCE)
    .keep_alive(KEEP_ALIVE)
    .disable_signals();
    for listener in listeners {
        server = match listener {
            Listener::Tcp(listener) => server.listen(listener)?,
            Listener::Unix(listener) => server.listen_uds(listener)?,
        };
    }
    Ok(server.run())
}

/// Returns the OpenAPI description of the API, generated from its handlers.
///
/// ```
/// let document = engage_http::openapi_document();
/// assert!(document.paths.paths.contains_key("/api/support/case"));
/// let json = document.to_pretty_json()?; // For a generator of clients.
/// assert!(json.contains("\"openapi\": \"3.1.0\""));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn openapi_document() -> utoipa::openapi::OpenApi {
    openapi::of_api(described())
}

/// Returns the description of every route, including the pages.
fn described() -> utoipa::openapi::OpenApi {
    let app = App::new().into_utoipa_app().openapi(openapi::preamble());
    let internal = staff_routes(utoipa_actix_web::scope(STAFF));
    let (_, mut document) = public_routes(app).service(internal).split_for_parts();
    openapi::complete(&mut document);
    document
}
