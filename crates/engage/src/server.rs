//! Runs an assembled server until it is told to stop.

use std::io::{self, Error, ErrorKind};
use std::net::{SocketAddr, TcpListener};

use engage_application::AuditSealer;
use engage_http::{Api, Listeners};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::assembly::{Background, Engage};
use crate::error::EngageError;

impl Engage {
    /// Serves the API on one or more sockets and delivers notifications, until `stop` completes.
    ///
    /// Then requests and deliveries in progress are finished, within 25 seconds. Must be called
    /// within a Tokio runtime. Fails if the server cannot listen, ends by itself, or panics.
    pub async fn serve(
        self,
        listeners: impl Into<Listeners>,
        stop: impl Future<Output = ()>,
    ) -> Result<(), EngageError> {
        self.run(listeners.into(), stop, true).await
    }

    /// Serves at an address, such as `127.0.0.1:3000`, until the process receives SIGINT or SIGTERM.
    /// Otherwise like [`serve`](Self::serve).
    pub async fn serve_at(self, address: SocketAddr) -> Result<(), EngageError> {
        let stop = told_to_stop().map_err(EngageError::Server)?;
        let listener = TcpListener::bind(address).map_err(EngageError::Server)?;
        // Large, as it holds the whole server.
        Box::pin(self.serve(listener, stop)).await
    }

    /// Serves the API until `stop` completes, and leaves notifications and other background work to
    /// other servers. Otherwise like [`serve`](Self::serve).
    pub async fn serve_api(
        self,
        listeners: impl Into<Listeners>,
        stop: impl Future<Output = ()>,
    ) -> Result<(), EngageError> {
        self.run(listeners.into(), stop, false).await
    }

    /// Delivers notifications and does the other background work, until `stop` completes. Serves the
    /// health checks and the metrics on the sockets, of which there may be none
    /// ([`Listeners::default`]), but no API.
    pub async fn dispatch(
        self,
        listeners: impl Into<Listeners>,
        stop: impl Future<Output = ()>,
    ) -> Result<(), EngageError> {
        let (api, listeners) = (self.api, listeners.into());
        let handle = if listeners.is_empty() {
            api.liveness.expect_threads(0);
            None
        } else {
            let Api { health, metrics, network, shutdown, liveness, .. } = api.clone();
            let server =
                engage_http::service(listeners, health, metrics, network, shutdown, liveness);
            let server = server.map_err(EngageError::Server)?;
            let handle = server.handle();
            tokio::spawn(server);
            Some(handle)
        };
        let running = Running::start(self.sealer, Some(self.background));
        stop.await;
        api.shutdown.begin();
        running.stop().await?;
        if let Some(handle) = handle {
            handle.stop(false).await;
        }
        Ok(())
    }

    async fn run(
        self,
        listeners: Listeners,
        stop: impl Future<Output = ()>,
        dispatches: bool,
    ) -> Result<(), EngageError> {
        if listeners.is_empty() {
            let none = Error::new(ErrorKind::InvalidInput, "there is no socket to listen on");
            return Err(EngageError::Server(none));
        }
        let shutdown = self.api.shutdown.clone();
        let server = engage_http::server(listeners, self.workers, self.api);
        let server = server.map_err(EngageError::Server)?;
        let handle = server.handle();
        let running = Running::start(self.sealer, dispatches.then_some(self.background));
        let mut serving = tokio::spawn(server);
        tokio::select! {
            () = stop => {}
            ended = &mut serving => {
                ended.map_err(|_| EngageError::Panicked("the HTTP server"))?
                    .map_err(EngageError::Server)?;
                return Err(EngageError::Ended);
            }
        }
        // First, so that event streams end and requests can be finished.
        shutdown.begin();
        running.tell();
        handle.stop(true).await;
        running.stop().await
    }
}

/// Returns a future that completes when the process is told to stop.
fn told_to_stop() -> io::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// Started workers.
struct Running {
    stop: watch::Sender<bool>,
    workers: Vec<(&'static str, JoinHandle<()>)>,
}

impl Running {
    fn start(sealer: AuditSealer, background: Option<Background>) -> Self {
        let (stop, stopped) = watch::channel(false);
        let mut workers = vec![("the audit sealer", tokio::spawn(sealer.run(stopped.clone())))];
        if let Some(background) = background {
            let Background { dispatcher, due_case_worker, retention_worker, person_erasure_worker } =
                background;
            workers.extend([
                ("the retention worker", tokio::spawn(retention_worker.run(stopped.clone()))),
                ("the due-case worker", tokio::spawn(due_case_worker.run(stopped.clone()))),
                (
                    "the worker that erases persons",
                    tokio::spawn(person_erasure_worker.run(stopped.clone())),
                ),
                ("the dispatcher", tokio::spawn(dispatcher.run(stopped))),
            ]);
        }
        Self { stop, workers }
    }

    /// Tells the workers to stop.
    fn tell(&self) {
        // Sending fails only if all workers have ended, and then there is nothing to stop.
        let _ = self.stop.send(true);
    }

    /// Stops the workers and waits until all of them have ended.
    async fn stop(self) -> Result<(), EngageError> {
        self.tell();
        for (worker, ended) in self.workers {
            ended.await.map_err(|_| EngageError::Panicked(worker))?;
        }
        Ok(())
    }
}
