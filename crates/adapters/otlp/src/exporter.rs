use std::time::Duration;

use opentelemetry_proto::tonic::trace::v1::Span;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tracing::{info, warn};

use crate::collector::{Collector, Failure, OtlpError};
use crate::counters::{self, count_dropped, count_exported};
use crate::layer::SpanLayer;
use crate::request::Service;
use crate::settings::OtlpSettings;

/// Maximum number of finished spans that wait. Further ones are dropped.
const QUEUE: usize = 8192;

/// Maximum number of spans in a request.
const BATCH: usize = 512;

/// Time for which a batch waits for more spans.
const INTERVAL: Duration = Duration::from_secs(2);

/// Pause before a failed request is repeated for the first time. It doubles up to the longest.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// Starts the export. Must be called within a Tokio runtime. Fails if the URL or a header is not
/// valid, or if TLS cannot be set up.
///
/// Reads the system's certificates and therefore blocks for a few milliseconds.
pub fn start(settings: &OtlpSettings) -> Result<(SpanLayer, Exporter), OtlpError> {
    let (queue, spans) = mpsc::channel(QUEUE);
    let (stop, stopped) = watch::channel(false);
    let worker = Worker {
        spans,
        stopped,
        collector: Collector::new(settings)?,
        service: Service::new(settings),
        is_failing: false,
    };
    let exporter = Exporter { stop, worker: tokio::spawn(worker.run()) };
    Ok((SpanLayer::new(queue), exporter))
}

/// The running export.
pub struct Exporter {
    stop: watch::Sender<bool>,
    worker: JoinHandle<()>,
}

impl Exporter {
    /// Sends the spans that have ended, for at most this time, and ends the export.
    pub async fn stop(self, limit: Duration) {
        // Sending fails only if the worker has ended.
        let _ = self.stop.send(true);
        let abort = self.worker.abort_handle();
        if timeout(limit, self.worker).await.is_err() {
            abort.abort();
            warn!("stopped before all traces were exported");
        }
    }
}

/// Sends spans in batches.
struct Worker {
    spans: mpsc::Receiver<Span>,
    stopped: watch::Receiver<bool>,
    collector: Collector,
    service: Service,
    /// True if the last request failed, which was logged.
    is_failing: bool,
}

impl Worker {
    async fn run(mut self) {
        loop {
            let batch = self.next_batch().await;
            if batch.is_empty() {
                return;
            }
            self.export(batch).await;
        }
    }

    /// Waits for spans until a batch is full or its interval is over. After the stop, returns those
    /// that are left, and an empty batch at the end.
    async fn next_batch(&mut self) -> Vec<Span> {
        let mut batch = Vec::new();
        let mut due = None;
        while batch.len() < BATCH && !self.is_stopped() {
            let free = BATCH - batch.len();
            tokio::select! {
                count = self.spans.recv_many(&mut batch, free) => {
                    if count == 0 {
                        break;
                    }
                    due.get_or_insert_with(|| Instant::now() + INTERVAL);
                }
                () = until(due) => break,
                _ = self.stopped.changed() => {}
            }
        }
        while batch.len() < BATCH
            && self.is_stopped()
            && let Ok(span) = self.spans.try_recv()
        {
            batch.push(span);
        }
        batch
    }

    /// Sends a batch, again and again while the collector fails for the time being. After the stop,
    /// there is only one more attempt.
    async fn export(&mut self, batch: Vec<Span>) {
        counters::begin();
        let count = batch.len();
        let body = self.service.body(batch);
        let mut pause = FIRST_PAUSE;
        loop {
            let is_last = self.is_stopped();
            match self.collector.send(body.clone()).await {
                Ok(rejected) => {
                    self.note_success();
                    count_dropped(rejected.min(count));
                    count_exported(count.saturating_sub(rejected));
                    return;
                }
                Err(failure) => {
                    self.note_failure(&failure);
                    if is_last || !failure.is_temporary {
                        count_dropped(count);
                        return;
                    }
                }
            }
            if !self.is_stopped() {
                tokio::select! {
                    () = sleep(pause) => {}
                    _ = self.stopped.changed() => {}
                }
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Returns true if the export was told to stop, or if nobody can tell it any more.
    fn is_stopped(&self) -> bool {
        *self.stopped.borrow() || self.stopped.has_changed().is_err()
    }

    fn note_success(&mut self) {
        if std::mem::take(&mut self.is_failing) {
            info!("traces are exported again");
        }
    }

    /// Logs the first of consecutive failures.
    fn note_failure(&mut self, failure: &Failure) {
        if !std::mem::replace(&mut self.is_failing, true) {
            warn!(reason = failure.reason, "traces cannot be exported");
        }
    }
}

/// Waits until a time, or for ever if there is none.
async fn until(due: Option<Instant>) {
    match due {
        Some(due) => sleep_until(due).await,
        None => std::future::pending().await,
    }
}
