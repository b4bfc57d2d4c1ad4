//! Whether the service can do its work.

use std::sync::Arc;
use std::time::Duration;

use actix_web::{HttpResponse, get, web};
use engage_application::{Clock, Delay, DispatcherStatus, TrackNotifications};
use engage_domain::Timestamp;
use engage_notifier::MessageRenderer;
use engage_repository::StoreHealth;
use futures_util::future::join;
use serde::Serialize;
use tokio::time::timeout;
use utoipa::ToSchema;

use crate::error::{ApiError, ErrorBody};
use crate::middleware::NetworkSettings;
use crate::shutdown::Shutdown;

/// How the parts of the service are found out.
#[derive(Clone)]
#[allow(missing_docs)] // Each part says what it is.
pub struct HealthChecks {
    pub store: Arc<dyn StoreHealth>,
    pub renderer: Arc<dyn MessageRenderer>,
    pub dispatcher: DispatcherStatus,
    pub notifications: TrackNotifications,
    pub clock: Arc<dyn Clock>,
}

/// How long a part may take to say that it is well.
const PATIENCE: Duration = Duration::from_millis(1500);

/// How something is; from the best to the worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Health {
    Healthy,
    Degraded,
    Unhealthy,
}

/// How the service is.
#[derive(Serialize, ToSchema)]
struct HealthReport {
    /// `healthy`; `degraded` where cases work and something else fails; `unhealthy` where the
    /// database cannot be reached.
    status: Health,
    /// When this was found out.
    #[schema(value_type = String, format = DateTime)]
    timestamp: Timestamp,
    /// Always `engage-backend`.
    service: &'static str,
    /// The program's version; `null` if the operator does not tell it (`server.documentation`).
    version: Option<&'static str>,
    /// How each part is.
    components: Components,
    /// Why it is not healthy, a sentence for each cause; missing while it is.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    reasons: Vec<String>,
}

/// How each part is.
#[derive(Serialize, ToSchema)]
struct Components {
    /// Whether the database answers.
    database: Health,
    /// Whether messages are being delivered: `degraded` when a channel is stopped, or the oldest
    /// message of a channel that is not sent was written down more than a minute ago.
    notifications: Health,
    /// Whether every message can be worded.
    templates: Health,
}

impl HealthChecks {
    async fn database(&self) -> Health {
        match timeout(PATIENCE, self.store.check()).await {
            Ok(Ok(())) => Health::Healthy,
            Ok(Err(error)) => {
                let cause = std::error::Error::source(&error).map(ToString::to_string);
                tracing::warn!(%error, cause, "the database is not healthy");
                Health::Unhealthy
            }
            Err(_) => {
                tracing::warn!("the database does not answer");
                Health::Unhealthy
            }
        }
    }

    /// What keeps messages from being delivered, in words; nothing while all is well.
    ///
    /// Anybody may read it: what a server said is for the log and for staff.
    async fn notifications(&self) -> Option<String> {
        if !self.dispatcher.is_working() {
            return Some("The messages that are due cannot be read.".to_owned());
        }
        let delay = match timeout(PATIENCE, self.notifications.delay()).await {
            Ok(Ok(delay)) => delay?,
            Ok(Err(error)) => {
                let cause = std::error::Error::source(&error).map(ToString::to_string);
                tracing::warn!(%error, cause, "cannot tell how messages fare");
                return Some("It cannot be told how messages fare.".to_owned());
            }
            Err(_) => {
                tracing::warn!("it takes too long to tell how messages fare");
                return Some("It takes too long to tell how messages fare.".to_owned());
            }
        };
        Some(match delay {
            Delay::Stopped(status) => {
                let (since, reason) = status.stopped.unzip();
                let (channel, since) = (status.channel, since.map(|at| at.to_string()));
                tracing::warn!(%channel, since, reason, "a channel is stopped");
                let since = since.map(|since| format!(" since {since}")).unwrap_or_default();
                format!("The channel {channel} has taken no message{since}.")
            }
            Delay::Unsent(channel, age) => {
                let seconds = age.as_secs();
                tracing::warn!(%channel, seconds, "messages are not sent");
                format!("The oldest message of the channel {channel} has waited for {seconds} s.")
            }
            Delay::HeldBack(count) => {
                tracing::warn!(count, "text messages are held back by a limit");
                format!("{count} text messages are held back by a limit.")
            }
            Delay::Late(late) => {
                let seconds = late.as_secs();
                tracing::warn!(seconds, "messages are late");
                format!("A message has been due for {seconds} s.")
            }
        })
    }

    fn templates(&self) -> Health {
        match self.renderer.check() {
            Ok(()) => Health::Healthy,
            Err(error) => {
                tracing::error!(%error, "a template is not healthy");
                Health::Degraded
            }
        }
    }
}

/// See how the service is, part by part.
///
/// 200 as long as cases work, even if a message cannot be sent or worded. It answers within 2
/// seconds.
#[utoipa::path(
    responses(
        (status = 200, description = "Cases work.", body = HealthReport),
        (status = 503, description = "The database cannot be reached.", body = HealthReport),
    ),
)]
#[get("/health")]
pub(crate) async fn health(
    checks: web::Data<HealthChecks>,
    edge: web::Data<NetworkSettings>,
) -> HttpResponse {
    // Both look into the database, which may not answer: together they take no longer than one.
    let (database, notifications) = join(checks.database(), checks.notifications()).await;
    let fares = if notifications.is_some() { Health::Degraded } else { Health::Healthy };
    let templates = checks.templates();
    let of_database = (database != Health::Healthy).then_some("The database cannot be reached.");
    let of_templates = (templates != Health::Healthy).then_some("A message cannot be worded.");
    let reasons = [of_database.map(str::to_owned), notifications, of_templates.map(str::to_owned)];
    let reasons: Vec<String> = reasons.into_iter().flatten().collect();
    let components = Components { database, notifications: fares, templates };
    let status = components.database.max(components.notifications).max(components.templates);
    let report = HealthReport {
        status,
        timestamp: checks.clock.now(),
        service: "engage-backend",
        version: edge.documentation.then_some(env!("CARGO_PKG_VERSION")),
        components,
        reasons,
    };
    match status {
        Health::Healthy | Health::Degraded => HttpResponse::Ok().json(report),
        Health::Unhealthy => HttpResponse::ServiceUnavailable().json(report),
    }
}

/// A state in a word.
#[derive(Serialize, ToSchema)]
struct StateResponse {
    success: bool,
    status: State,
}

/// `live`: the program runs; `ready`: it wants requests.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum State {
    Live,
    Ready,
}

/// See whether the program runs at all.
///
/// It asks for nothing else, so that a program is not restarted for the sake of its database.
#[utoipa::path(
    responses((status = 200, description = "It runs.", body = StateResponse)),
)]
#[get("/health/live")]
pub(crate) async fn live() -> HttpResponse {
    HttpResponse::Ok().json(StateResponse { success: true, status: State::Live })
}

/// See whether the program wants requests.
///
/// Not while it is about to end, nor without its database.
#[utoipa::path(
    responses(
        (status = 200, description = "It wants requests.", body = StateResponse),
        (status = 503, description = "`UNAVAILABLE`: it does not.", body = ErrorBody),
    ),
)]
#[get("/health/ready")]
pub(crate) async fn ready(
    checks: web::Data<HealthChecks>,
    shutdown: web::Data<Shutdown>,
) -> Result<HttpResponse, ApiError> {
    if shutdown.has_begun() || checks.database().await == Health::Unhealthy {
        return Err(ApiError::Unavailable);
    }
    Ok(HttpResponse::Ok().json(StateResponse { success: true, status: State::Ready }))
}
