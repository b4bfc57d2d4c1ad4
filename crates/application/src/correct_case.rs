use std::sync::Arc;

use engage_domain::CorrectRequest;
use engage_domain::case::CorrectError;

use crate::{CaseChanges, CaseCommand, CaseError, ChangeOutcome};

/// Corrects the customer's details, the subject and the classification of a case.
///
/// ```
/// use engage_application::{CaseCommand, CorrectCase};
/// use engage_domain::{CorrectRequest, Urgency};
/// use engage_testkit::builders::{a_case_number, a_staff_member, an_opened};
/// # use engage_testkit::use_cases::case_changes;
/// use engage_testkit::FakeCases;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let (cases, opened) = (FakeCases::default(), an_opened(1).case);
/// cases.add(opened.clone());
/// let correct_case = CorrectCase::new(case_changes(&cases));
/// let jane = a_staff_member("staff-123").to_ref();
/// let command = CaseCommand::by_staff(a_case_number(1), jane);
/// let request = CorrectRequest::default().with_urgency(Urgency::Low);
/// let outcome = correct_case.execute(command, request).await?;
/// let corrected = outcome.into_changed().expect("it is the first request").case;
/// assert!(corrected.facts().priority_score < opened.facts().priority_score);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct CorrectCase {
    changes: Arc<CaseChanges>,
}

impl CorrectCase {
    /// Creates the use case.
    pub fn new(changes: Arc<CaseChanges>) -> Self {
        Self { changes }
    }

    /// Corrects properties of a case and recomputes its priority score and due times.
    ///
    /// A new e-mail address ends the access of the old one in the same commit: links, sessions and
    /// codes. Notifications that have not reached an old address or telephone number are cancelled.
    pub async fn execute(
        &self,
        command: CaseCommand,
        request: CorrectRequest,
    ) -> Result<ChangeOutcome, CaseError<CorrectError>> {
        self.changes
            .change(command, |case, policies, stamp| case.correct(request.clone(), policies, stamp))
            .await
    }
}
