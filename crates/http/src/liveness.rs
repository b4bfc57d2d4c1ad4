use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep};

/// Interval at which each thread reports.
const REPORT_EVERY: Duration = Duration::from_secs(1);

/// Reports of the threads that serve requests. They show when a server is ready, and whether its
/// threads still respond.
///
/// A thread reports each second, between requests. It cannot while it is blocked. The reports do not
/// depend on the database or on other services.
#[derive(Debug, Clone, Default)]
pub struct Liveness(Arc<watch::Sender<Reports>>);

#[derive(Debug, Default)]
struct Reports {
    /// Number of threads that a ready server has. `None` until it is known.
    expected: Option<usize>,
    /// Number of threads that have reported.
    begun: usize,
    /// Time of the last report of each running thread.
    last: BTreeMap<usize, Instant>,
}

impl Liveness {
    /// Returns once every thread of the server serves requests.
    pub async fn ready(&self) {
        // `self` holds the sender, so it cannot be dropped meanwhile.
        let is_ready = |reports: &Reports| reports.expected.is_some_and(|n| reports.begun >= n);
        let _ = self.0.subscribe().wait_for(is_ready).await;
    }

    /// Checks whether every running thread has reported within a time. Three seconds are always
    /// granted, since a report may be late on a busy machine.
    pub fn is_alive(&self, within: Duration) -> bool {
        let within = within.max(3 * REPORT_EVERY);
        self.0.borrow().last.values().all(|at| at.elapsed() < within)
    }

    /// Sets the number of threads that a ready server has.
    pub fn expect_threads(&self, threads: usize) {
        self.0.send_modify(|reports| reports.expected = Some(threads));
    }

    /// Reports from this thread until its runtime ends.
    pub(crate) fn report_from_this_thread(&self) {
        let thread = self.begin();
        actix_web::rt::spawn(async move {
            loop {
                sleep(REPORT_EVERY).await;
                thread.report();
            }
        });
    }

    fn begin(&self) -> ReportingThread {
        let mut number = 0;
        self.0.send_modify(|reports| {
            number = reports.begun;
            reports.begun += 1;
            reports.last.insert(number, Instant::now());
        });
        ReportingThread { liveness: self.clone(), number }
    }
}

/// A thread that reports. It is not expected to once it has ended.
struct ReportingThread {
    liveness: Liveness,
    number: usize,
}

impl ReportingThread {
    fn report(&self) {
        self.liveness.0.send_modify(|reports| {
            reports.last.insert(self.number, Instant::now());
        });
    }
}

impl Drop for ReportingThread {
    fn drop(&mut self) {
        self.liveness.0.send_modify(|reports| {
            reports.last.remove(&self.number);
        });
    }
}

#[cfg(test)]
mod tests {
    use tokio::task::{LocalSet, yield_now};
    use tokio::time::{advance, timeout};

    use super::*;

    const LONG: Duration = Duration::from_mins(1);

    #[tokio::test(start_paused = true)]
    async fn a_server_is_ready_once_all_threads_have_begun() {
        let liveness = Liveness::default();
        let is_ready = async || timeout(LONG, liveness.ready()).await.is_ok();
        let first = liveness.begin();
        assert!(!is_ready().await);
        liveness.expect_threads(2);
        assert!(!is_ready().await);
        let _second = liveness.begin();
        assert!(is_ready().await);
        drop(first);
        assert!(is_ready().await);
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_without_threads_is_ready_and_alive() {
        let liveness = Liveness::default();
        liveness.expect_threads(0);
        liveness.ready().await;
        assert!(liveness.is_alive(Duration::ZERO));
    }

    #[tokio::test(start_paused = true)]
    async fn a_blocked_thread_is_noticed_until_it_goes_on() {
        let liveness = Liveness::default();
        let threads = LocalSet::new();
        let begin = async {
            liveness.report_from_this_thread();
            yield_now().await;
        };
        threads.run_until(begin).await;
        // The task runs only with its set, as that of a blocked thread would not.
        advance(Duration::from_secs(9)).await;
        assert!(liveness.is_alive(Duration::from_secs(10)));
        advance(Duration::from_secs(1)).await;
        assert!(!liveness.is_alive(Duration::from_secs(10)));
        threads
            .run_until(async {
                while !liveness.is_alive(Duration::from_secs(10)) {
                    yield_now().await;
                }
            })
            .await;
        drop(threads);
        advance(LONG).await;
        assert!(liveness.is_alive(Duration::ZERO), "a thread that has ended is not waited for");
    }
}
