//! Health checks.

use std::sync::Arc;
use std::time::Duration;

use actix_web::{HttpResponse, get, web};
use engage_application::{Delay, DispatcherStatus, TrackNotifications};
use engage_domain::Timestamp;
use engage_environment::Clock;
use engage_notifier::MessageRenderer;
use engage_repository::StoreHealth;
use futures_util::future::join;
use serde::Serialize;
use tokio::time::timeout;
use utoipa::ToSchema;

use crate::error::{ApiError, ErrorBody};
use crate::middleware::NetworkSettings;
use crate::shutdown::Shutdown;

/// Components whose health is checked.
#[derive(Clone)]
#[allow(missing_docs)] // Each part says what it is.
pub struct HealthChecks {
    pub store: Arc<dyn StoreHealth>,
    pub renderer: Arc<dyn MessageRenderer>,
    pub dispatcher: DispatcherStatus,
    pub notifications: TrackNotifications,
    pub clock: Arc<dyn Clock>,
}

/// Time limit for the check of one component.
const PATIENCE: Duration = Duration::from_millis(1500);

/// Health of a component, from best to worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Health {
    Healthy,
    Degraded,
    Unhealthy,
}

/// Health of the service.
#[derive(Serialize, ToSchema)]
struct HealthReport {
    /// `healthy`. `degraded` if cases work but something else fails. `unhealthy` if the database
    /// cannot be reached.
    status: Health,
    /// Time of the check.
    #[schema(value_type = String, format = DateTime)]
    timestamp: Timestamp,
    /// Always `engage-backend`.
    service: &'static str,
    /// Version of the program. It is `null` if `server.documentation` is off.
    version: Option<&'static str>,
    /// Health of each component.
    components: Components,
    /// Causes of a status other than `healthy`, one sentence each. Absent if the service is
    /// healthy.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    reasons: Vec<String>,
}

/// Health of each component.
#[derive(Serialize, ToSchema)]
struct Components {
    /// Health of the database.
    database: Health,
    /// Health of notifications. It is `degraded` when a channel is stopped, or when the oldest
    /// unsent notification of a channel was created more than a minute ago.
    notifications: Health,
    /// Health of the notification templates.
    templates: Health,
}

impl HealthChecks {
    async fn database(&self) -> Health {
        match timeout(PATIENCE, self.store.check()).await {
            Ok(Ok(())) => Health::Healthy,
            Ok(Err(error)) => {
                let cause = std::error::Error::source(&error).map(ToString::to_string);
                tracing::warn!(%error, cause, "the database check failed");
                Health::Unhealthy
            }
            Err(_) => {
                tracing::warn!("the database check timed out");
                Health::Unhealthy
            }
        }
    }

    /// Returns a sentence if notifications are delayed.
    ///
    /// The endpoint is public, so the replies of mail servers and providers go only to the log and
    /// to staff.
    async fn notifications(&self) -> Option<String> {
        if !self.dispatcher.is_working() {
            return Some("Due notifications cannot be read.".to_owned());
        }
        let delay = match timeout(PATIENCE, self.notifications.delay()).await {
            Ok(Ok(delay)) => delay?,
            Ok(Err(error)) => {
                let cause = std::error::Error::source(&error).map(ToString::to_string);
                tracing::warn!(%error, cause, "the status of notifications cannot be read");
                return Some("The status of notifications cannot be read.".to_owned());
            }
            Err(_) => {
                tracing::warn!("reading the status of notifications timed out");
                return Some("Reading the status of notifications timed out.".to_owned());
            }
        };
        Some(match delay {
            Delay::Stopped(status) => {
                let (since, reason) = status.stopped.unzip();
                let (channel, since) = (status.channel, since.map(|at| at.to_string()));
                tracing::warn!(%channel, since, reason, "a channel is stopped");
                let since = since.map(|since| format!(" since {since}")).unwrap_or_default();
                format!("The channel {channel} has been unable to send notifications{since}.")
            }
            Delay::Unsent(channel, age) => {
                let seconds = age.as_secs();
                tracing::warn!(%channel, seconds, "notifications are not being sent");
                format!(
                    "The oldest notification of the channel {channel} has been waiting for \
                    {seconds} s."
                )
            }
            Delay::HeldBack(count) => {
                tracing::warn!(count, "text messages are held back by a limit");
                format!("{count} text messages are held back by a limit.")
            }
            Delay::Late(late) => {
                let seconds = late.as_secs();
                tracing::warn!(seconds, "notifications are late");
                format!("A notification has been due for {seconds} s.")
            }
        })
    }

    fn templates(&self) -> Health {
        match self.renderer.check() {
            Ok(()) => Health::Healthy,
            Err(error) => {
                tracing::error!(%error, "a template is invalid");
                Health::Degraded
            }
        }
    }
}

/// Check the health of the service and its components.
///
/// The status is 200 as long as cases work, even if notifications fail. The response takes at most
/// 2 seconds.
#[utoipa::path(
    responses(
        (status = 200, description = "Cases work.", body = HealthReport),
        (status = 503, description = "The database is unreachable.", body = HealthReport),
    ),
)]
#[get("/health")]
pub(crate) async fn health(
    checks: web::Data<HealthChecks>,
    edge: web::Data<NetworkSettings>,
) -> HttpResponse {
    // Both query the database, which may hang. Concurrently, they take no longer than one.
    let (database, notifications) = join(checks.database(), checks.notifications()).await;
    let fares = if notifications.is_some() { Health::Degraded } else { Health::Healthy };
    let templates = checks.templates();
    let of_database = (database != Health::Healthy).then_some("The database is unreachable.");
    let of_templates = (templates != Health::Healthy).then_some(
        "A notification template is \
        invalid.",
    );
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

/// A state.
#[derive(Serialize, ToSchema)]
struct StateResponse {
    success: bool,
    status: State,
}

/// `live`: the program is running. `ready`: it accepts requests.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum State {
    Live,
    Ready,
}

/// Check whether the program is running.
///
/// It checks nothing else, so that a program is not restarted because its database is down.
#[utoipa::path(
    responses((status = 200, description = "The program is running.", body = StateResponse)),
)]
#[get("/health/live")]
pub(crate) async fn live() -> HttpResponse {
    HttpResponse::Ok().json(StateResponse { success: true, status: State::Live })
}

/// Check whether the program accepts requests.
///
/// It does not while it is shutting down or its database is unreachable.
#[utoipa::path(
    responses(
        (status = 200, description = "The program accepts requests.", body = StateResponse),
        (status = 503, description = "`UNAVAILABLE`: the program is shutting down, or its database is unreachable.", body = ErrorBody),
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
