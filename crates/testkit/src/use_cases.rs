//! A ready context for tests of use cases: storage, time, ids and rules, each of which a test can
//! replace.
//!
//! An escalation that loses a race is decided anew:
//!
//! ```
//! use engage_application::{CaseCommand, EscalateCase, Proof};
//! use engage_domain::{EscalateRequest, Urgency};
//! use engage_testkit::FakeCases;
//! use engage_testkit::builders::{a_case_number, an_opened};
//! use engage_testkit::use_cases::case_changes;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let cases = FakeCases::default();
//! cases.add(an_opened(1).case);
//! cases.lose_next_race();
//! let escalate = EscalateCase::new(case_changes(&cases));
//! let command = CaseCommand::by_customer(a_case_number(1), Proof::default());
//! let request = EscalateRequest { reason: "No answer.".parse().unwrap(), new_urgency: None };
//! let changed = escalate.execute(command, request).await.unwrap().into_changed().unwrap();
//! assert_eq!(changed.case.facts().urgency, Urgency::Critical);
//! assert_eq!(cases.commits().len(), 1);
//! # }
//! ```

use std::sync::Arc;

use engage_application::{CaseChanges, CasePorts, CaseRules, Idempotency};

use crate::{FakeCases, ManualClock, SequentialIds};

/// Builds the changes of cases on a fake, with the default rules, at the time of
/// [`monday`](crate::builders::monday).
pub fn case_changes(cases: &FakeCases) -> Arc<CaseChanges> {
    case_changes_with(cases, |_, _| {})
}

/// Builds the changes of cases on a fake, after `adapt` has replaced ports or rules.
pub fn case_changes_with(
    cases: &FakeCases,
    adapt: impl FnOnce(&mut CasePorts, &mut CaseRules),
) -> Arc<CaseChanges> {
    let clock = Arc::new(ManualClock::new());
    let stored = Arc::new(cases.clone());
    let ids = Arc::new(SequentialIds::new());
    let mut ports = CasePorts::new(stored.clone(), stored.clone(), clock.clone(), ids);
    ports.idempotency = Idempotency::new(stored, clock, Idempotency::DEFAULT_RETENTION);
    let mut rules = CaseRules::default();
    adapt(&mut ports, &mut rules);
    Arc::new(CaseChanges::new(ports, rules))
}
