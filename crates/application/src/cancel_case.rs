use std::sync::Arc;

use engage_domain::Reason;
use engage_domain::case::CancelError;

use crate::{CaseChanges, CaseCommand, CaseError, ChangeOutcome};

/// Cancels a case at the request of its customer.
///
/// ```
/// use engage_application::{CancelCase, CaseCommand, Proof};
/// use engage_domain::{Status, Template};
/// use engage_testkit::builders::{a_case_number, an_opened};
/// # use engage_testkit::use_cases::case_changes;
/// use engage_testkit::FakeCases;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let cases = FakeCases::default();
/// cases.add(an_opened(1).case);
/// let cancel_case = CancelCase::new(case_changes(&cases));
/// let command = CaseCommand::by_customer(a_case_number(1), Proof::default());
/// cancel_case.execute(command, "It works again.".parse()?).await?;
///
/// // The status and the e-mail to the customer are in one commit.
/// let commits = cases.commits();
/// assert_eq!(commits[0].case.status(), Status::Cancelled);
/// assert_eq!(commits[0].messages[0].template, Template::CaseCancelledCustomer);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct CancelCase {
    changes: Arc<CaseChanges>,
}

impl CancelCase {
    /// Creates the use case.
    pub fn new(changes: Arc<CaseChanges>) -> Self {
        Self { changes }
    }

    /// Cancels an active case.
    pub async fn execute(
        &self,
        command: CaseCommand,
        reason: Reason,
    ) -> Result<ChangeOutcome, CaseError<CancelError>> {
        self.changes
            .change(command, |case, policies, stamp| {
                case.cancel(reason.clone(), policies, stamp).map(Some)
            })
            .await
    }
}
