use std::sync::Arc;

use engage_domain::EscalateRequest;
use engage_domain::case::EscalateError;

use crate::{CaseChanges, CaseCommand, CaseError, ChangeOutcome};

/// Escalates a case at the request of its customer or of staff.
///
/// ```
/// use engage_application::{CaseCommand, CaseError, EscalateCase, Proof};
/// use engage_domain::case::EscalateError;
/// use engage_domain::{EscalateRequest, Urgency};
/// # use engage_testkit::builders::{a_case_number, an_opened};
/// # use engage_testkit::{FakeCases, use_cases::case_changes};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let cases = FakeCases::default();
/// # cases.add(an_opened(1).case);
/// let escalate_case = EscalateCase::new(case_changes(&cases));
/// let command = CaseCommand::by_customer(a_case_number(1), Proof::default());
/// let request = EscalateRequest::new("Nobody can work.".parse()?);
/// let outcome = escalate_case.execute(command.clone(), request.clone()).await?;
/// let case = outcome.into_changed().expect("it is the first request").case;
/// assert_eq!(case.facts().urgency, Urgency::Critical);
///
/// // The customer has to wait before they can escalate the case again.
/// let refused = escalate_case.execute(command, request).await;
/// assert!(matches!(refused, Err(CaseError::Refused(EscalateError::CoolingDown { .. }))));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct EscalateCase {
    changes: Arc<CaseChanges>,
}

impl EscalateCase {
    /// Creates the use case.
    pub fn new(changes: Arc<CaseChanges>) -> Self {
        Self { changes }
    }

    /// Raises the urgency and the escalation level of an active case.
    pub async fn execute(
        &self,
        command: CaseCommand,
        request: EscalateRequest,
    ) -> Result<ChangeOutcome, CaseError<EscalateError>> {
        self.changes
            .change(command, |case, policies, stamp| {
                case.escalate(request.clone(), policies, stamp).map(Some)
            })
            .await
    }
}
