use std::env;
use std::process;
use std::time::Duration;

use engage_http::Liveness;
use sd_notify::NotifyState;
use tokio::time::sleep;
use tracing::{error, warn};

use super::notify_socket::NotifySocket;

/// Receiver of the program's state, as `sd_notify(3)` describes. Without one, nothing is sent.
#[derive(Debug, Clone, Default)]
pub(crate) struct Supervisor {
    socket: Option<NotifySocket>,
    /// Time after which the program is restarted if it does not say that it is alive.
    watchdog: Option<Duration>,
}

impl Supervisor {
    /// Reads the variables, and removes them.
    pub(super) fn take() -> Self {
        let socket = env::var_os("NOTIFY_SOCKET").filter(|name| !name.is_empty()).map(NotifySocket);
        let watchdog = watchdog();
        // They remove the variables. The first fails if the name is abstract, but only after that.
        let _ = sd_notify::notify(true, &[NotifyState::Status("Starting")]);
        let _ = sd_notify::watchdog_enabled(true, &mut 0);
        Self { socket, watchdog }
    }

    /// Reports what the program is doing, for people.
    pub(crate) fn status(&self, text: &str) {
        self.send(&format!("STATUS={text}"));
    }

    /// Reports in the background that the server is ready, once it is. From then on, reports that it
    /// is alive, as long as its threads respond.
    ///
    /// The database is not asked. A restart would not bring it back, and without the server, requests
    /// would be refused instead of answered.
    pub(crate) fn follow(&self, liveness: Liveness, status: String) {
        if self.socket.is_none() {
            return;
        }
        let supervisor = self.clone();
        tokio::spawn(async move {
            liveness.ready().await;
            supervisor.send(&format!("READY=1\nSTATUS={status}"));
            if let Some(limit) = supervisor.watchdog {
                // This task shows that the runtime of the background work responds.
                supervisor.report_life(&liveness, limit / 2).await;
            }
        });
    }

    async fn report_life(&self, liveness: &Liveness, interval: Duration) {
        let mut was_alive = true;
        loop {
            let is_alive = liveness.is_alive(interval);
            if is_alive {
                self.send("WATCHDOG=1");
            } else if was_alive {
                error!("threads that serve requests do not respond: the watchdog is not fed");
            }
            was_alive = is_alive;
            sleep(interval).await;
        }
    }

    /// Reports that the server begins to stop.
    pub(crate) fn stopping(&self) {
        self.send("STOPPING=1\nSTATUS=Finishing requests and deliveries");
    }

    fn send(&self, message: &str) {
        let Some(socket) = &self.socket else { return };
        if let Err(error) = socket.send(message) {
            warn!(%error, state = message, "cannot report to the service manager (NOTIFY_SOCKET)");
        }
    }
}

/// Returns the time limit of the watchdog, if it is meant for this process.
fn watchdog() -> Option<Duration> {
    let is_ours = env::var("WATCHDOG_PID").map_or(true, |pid| pid.parse() == Ok(process::id()));
    let limit = env::var("WATCHDOG_USEC").ok()?.parse().ok().map(Duration::from_micros)?;
    (is_ours && !limit.is_zero()).then_some(limit)
}
