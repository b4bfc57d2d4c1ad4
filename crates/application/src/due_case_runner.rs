//! Looks for cases with which something has become due by itself.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use engage_domain::CaseId;
use engage_repository::{DueCase, DueCases};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};
use tracing::{error, warn};

use crate::error_cause::cause_of;
use crate::{Clock, ProcessDueCase};

/// How a runner works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DueCaseSettings {
    /// How often to look.
    pub poll: Duration,
    /// How many cases to read at once.
    pub page: NonZeroU32,
    /// How many cases to work on at once.
    pub at_once: NonZeroU32,
    /// For how long to leave a case alone with which it failed.
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

/// Does with all cases what becomes due by itself. Any number of runners may work on the same.
pub struct DueCaseRunner {
    apply_due_action: ProcessDueCase,
    due_cases: Arc<dyn DueCases>,
    clock: Arc<dyn Clock>,
    settings: DueCaseSettings,
    /// The cases that are left alone, and until when.
    failed: HashMap<CaseId, Instant>,
}

impl DueCaseRunner {
    /// Looks there for cases that are due by this clock, which has to be that of the use case.
    pub fn new(
        apply_due_action: ProcessDueCase,
        due_cases: Arc<dyn DueCases>,
        clock: Arc<dyn Clock>,
        settings: DueCaseSettings,
    ) -> Self {
        Self { apply_due_action, due_cases, clock, settings, failed: HashMap::new() }
    }

    /// Works until `stop` becomes true (or its sender is gone), then begins with no more cases.
    pub async fn run(mut self, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            self.look(&stop).await;
            tokio::select! {
                changed = stop.changed() => if changed.is_err() { break },
                () = sleep(self.settings.poll) => {}
            }
        }
    }

    /// Goes through all cases that are due, those with which it fails left behind.
    async fn look(&mut self, stop: &watch::Receiver<bool>) {
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
                    warn!(%failure, cause = cause_of(&failure), "cannot look for cases that are due");
                    return;
                }
            };
            last = due.last().cloned();
            let is_last_page = due.len() < self.settings.page.get() as usize;
            due.retain(|case| !self.failed.contains_key(&case.id));
            if !due.is_empty() {
                // Others who look at the same time begin elsewhere.
                let places = due.len();
                due.rotate_left(rand::random_range(0..places));
            }
            for part in due.chunks(self.settings.at_once.get() as usize) {
                if *stop.borrow() {
                    return;
                }
                self.work_on(part).await;
            }
            if is_last_page || *stop.borrow() {
                return;
            }
        }
    }

    async fn work_on(&mut self, part: &[DueCase]) {
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
                        "cannot do what is due with a case"
                    );
                    self.failed.insert(due.id, Instant::now() + self.settings.pause_after_failure);
                }
                // Which case it was is lost with it: it is looked at again.
                Err(failure) => error!(%failure, "what was due with a case ended in a panic"),
            }
        }
    }
}
