//! Background worker for due cases.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use engage_domain::CaseId;
use engage_environment::Clock;
use engage_repository::{DueCase, DueCases};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};
use tracing::{error, warn};

use crate::ProcessDueCase;

/// Settings of a [`DueCaseRunner`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DueCaseSettings {
    /// Polling interval.
    pub poll: Duration,
    /// Number of cases read per query.
    pub page: NonZeroU32,
    /// Maximum number of cases processed concurrently.
    pub at_once: NonZeroU32,
    /// Time for which a case is skipped after a failure.
    pub pause_after_failure: Duration,
}

impl Default for DueCaseSettings {
    fn default() -> Self {
        Self {
            poll: Duration::from_secs(1),
            page: NonZeroU32::MIN.saturating_add(99),
            at_once: NonZeroU32::MIN.saturating_add(7),
            pause_after_failure: Duration::from_mins(1),
        }
    }
}

/// Processes due cases in the background. Several runners may share a database.
///
/// ```
/// # use std::{sync::Arc, time::Duration};
/// use engage_application::{DueCaseRunner, DueCaseSettings, ProcessDueCase};
/// # use engage_application::{CaseChanges, CasePorts, CaseRules};
/// use engage_domain::sla::ServiceAlert;
/// # use engage_repository::CaseRepository;
/// # use engage_sqlite::SqliteStore;
/// # use engage_system::SystemIds;
/// # use engage_testkit::ManualClock;
/// # use engage_testkit::builders::{a_case_number, a_change_set, an_opened};
/// use tokio::sync::watch;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let store = Arc::new(SqliteStore::in_memory()?);
/// # store.commit(a_change_set(an_opened(1), Vec::new())).await?;
/// # let clock = Arc::new(ManualClock::new());
/// # clock.advance(Duration::from_secs(5 * 3600));
/// # let ports = CasePorts::new(store.clone(), store.clone(), clock.clone(), Arc::new(SystemIds));
/// # let changes = Arc::new(CaseChanges::new(ports, CaseRules::default()));
/// let process = ProcessDueCase::new(changes, store.clone());
/// let settings = DueCaseSettings::default();
/// let runner = DueCaseRunner::new(process, store.clone(), clock, settings);
/// let (stop, stopped) = watch::channel(false);
/// let running = tokio::spawn(runner.run(stopped));
///
/// # let find = async || store.find_case(&a_case_number(1)).await.unwrap().unwrap().case;
/// # engage_testkit::contract::in_time(async {
/// #     while find().await.facts().first_response_alert != Some(ServiceAlert::Breach) {
/// #         tokio::task::yield_now().await;
/// #     }
/// # })
/// # .await;
/// // Nobody has answered an urgent case of a business for five hours, so staff are alerted.
/// stop.send(true)?;
/// running.await?;
/// let stored = store.find_case(&a_case_number(1)).await?.expect("the case is stored");
/// assert_eq!(stored.case.facts().first_response_alert, Some(ServiceAlert::Breach));
/// # Ok(())
/// # }
/// ```
pub struct DueCaseRunner {
    apply_due_action: ProcessDueCase,
    due_cases: Arc<dyn DueCases>,
    clock: Arc<dyn Clock>,
    settings: DueCaseSettings,
    /// Cases to skip after a failure, until the given time.
    failed: HashMap<CaseId, Instant>,
}

impl DueCaseRunner {
    /// Creates a runner. `clock` must be the clock of the use case.
    pub fn new(
        apply_due_action: ProcessDueCase,
        due_cases: Arc<dyn DueCases>,
        clock: Arc<dyn Clock>,
        settings: DueCaseSettings,
    ) -> Self {
        Self { apply_due_action, due_cases, clock, settings, failed: HashMap::new() }
    }

    /// Runs until `stop` becomes true or its sender is dropped. Cases already being processed are
    /// finished.
    pub async fn run(mut self, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            self.process_due_cases(&stop).await;
            tokio::select! {
                changed = stop.changed() => if changed.is_err() { break },
                () = sleep(self.settings.poll) => {}
            }
        }
    }

    /// Processes all due cases, except those that failed recently.
    async fn process_due_cases(&mut self, stop: &watch::Receiver<bool>) {
        let now = Instant::now();
        self.failed.retain(|_, until| *until > now);
        let mut last = None;
        loop {
            let listed = self
                .due_cases
                .list_due_cases(self.clock.now(), last.clone(), self.settings.page)
                .await;
            let mut due = match listed {
                Ok(due) => due,
                Err(failure) => {
                    warn!(%failure, cause = failure.causes(), "failed to list due cases");
                    return;
                }
            };
            last = due.last().cloned();
            let is_last_page = due.len() < self.settings.page.get() as usize;
            due.retain(|case| !self.failed.contains_key(&case.id));
            if !due.is_empty() {
                // A random start keeps concurrent runners out of each other's way.
                let count = due.len();
                due.rotate_left(rand::random_range(0..count));
            }
            for part in due.chunks(self.settings.at_once.get() as usize) {
                if *stop.borrow() {
                    return;
                }
                self.process(part).await;
            }
            if is_last_page || *stop.borrow() {
                return;
            }
        }
    }

    async fn process(&mut self, part: &[DueCase]) {
        let mut tasks = JoinSet::new();
        for due in part {
            let (apply_due_action, due) = (self.apply_due_action.clone(), due.clone());
            tasks.spawn(async move {
                let outcome = apply_due_action.execute(&due).await;
                (due, outcome)
            });
        }
        while let Some(ended) = tasks.join_next().await {
            match ended {
                Ok((_, Ok(_))) => {}
                Ok((due, Err(failure))) => {
                    let cause = std::error::Error::source(&failure).map(ToString::to_string);
                    warn!(
                        case = %due.number,
                        %failure,
                        cause = cause.unwrap_or_default(),
                        "failed to process a due case"
                    );
                    self.failed.insert(due.id, Instant::now() + self.settings.pause_after_failure);
                }
                // The panic loses the case number. The case stays due and is tried again.
                Err(failure) => error!(%failure, "processing a due case panicked"),
            }
        }
    }
}
