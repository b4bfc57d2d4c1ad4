use std::sync::Arc;

use engage_domain::case::{AssignError, InvalidTransition, WrongActor};
use engage_domain::{AssignRequest, Assignee, Department, Notes, StaffId};
use engage_repository::StaffRepository;
use thiserror::Error;

use crate::case_changes::Prepared;
use crate::{CaseChanges, CaseCommand, CaseError, ChangeOutcome};

/// An assignment requested by staff.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssignCommand {
    /// The new assignee; `None` removes the assignment.
    pub staff_id: Option<StaffId>,
    /// The new department. Defaults to that of the new assignee.
    pub department: Option<Department>,
    /// A note for colleagues.
    pub notes: Option<Notes>,
}

/// Error returned when an assignment is refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum AssignCaseError {
    /// No active member of staff has the id.
    #[error("there is no active staff member {0}")]
    StaffNotFound(StaffId),
    /// The member is a machine. Assign the case to a person.
    #[error("{0} is a machine, and cases are assigned to people")]
    Machine(StaffId),
    /// The case is closed or cancelled.
    #[error(transparent)]
    InvalidTransition(InvalidTransition),
    /// The caller is the customer.
    #[error(transparent)]
    WrongActor(WrongActor),
}

impl From<AssignError> for AssignCaseError {
    fn from(error: AssignError) -> Self {
        match error {
            AssignError::InactiveStaff(id) => Self::StaffNotFound(id),
            AssignError::Machine(id) => Self::Machine(id),
            AssignError::InvalidTransition(refusal) => Self::InvalidTransition(refusal),
            AssignError::WrongActor(error) => Self::WrongActor(error),
        }
    }
}

/// Assigns a case to a member of staff or a department.
///
/// ```
/// # use std::sync::Arc;
/// use engage_application::{AssignCase, AssignCommand, CaseCommand};
/// use engage_domain::Status;
/// # use engage_repository::StaffRepository;
/// # use engage_sqlite::SqliteStore;
/// # use engage_testkit::builders::{a_case_number, a_staff_member, an_opened};
/// # use engage_testkit::{FakeCases, use_cases::case_changes};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let cases = FakeCases::default();
/// # cases.add(an_opened(1).case);
/// # let staff = SqliteStore::in_memory()?;
/// let (jane, sam) = (a_staff_member("staff-123"), a_staff_member("staff-456"));
/// staff.add_staff(&sam).await?;
///
/// let assign_case = AssignCase::new(case_changes(&cases), Arc::new(staff));
/// let command = CaseCommand::by_staff(a_case_number(1), jane.to_ref());
/// let staff_id = Some(sam.id.clone());
/// let request = AssignCommand { staff_id, department: None, notes: None };
/// let outcome = assign_case.execute(command, request).await?;
/// let case = outcome.into_changed().expect("it is the first request").case;
/// assert_eq!(case.facts().assignee(), Some(&sam.id));
/// assert_eq!(case.status(), Status::InProgress);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct AssignCase {
    changes: Arc<CaseChanges>,
    staff: Arc<dyn StaffRepository>,
}

impl AssignCase {
    /// Creates the use case.
    pub fn new(changes: Arc<CaseChanges>, staff: Arc<dyn StaffRepository>) -> Self {
        Self { changes, staff }
    }

    /// Assigns a case to a member of staff or a department, or removes the assignment.
    pub async fn execute(
        &self,
        command: CaseCommand,
        request: AssignCommand,
    ) -> Result<ChangeOutcome, CaseError<AssignCaseError>> {
        self.changes
            .change_prepared(
                command,
                |_, _| self.find_assignee(request.staff_id.as_ref()),
                |case, prepared, policies, stamp| {
                    let AssignCommand { department, notes, .. } = request.clone();
                    let to = prepared.assignee.as_ref().map(Assignee::from);
                    Ok(case.assign(AssignRequest { to, department, notes }, policies, stamp)?)
                },
            )
            .await
    }

    async fn find_assignee(
        &self,
        id: Option<&StaffId>,
    ) -> Result<Prepared, CaseError<AssignCaseError>> {
        let assignee =
            match id {
                None => None,
                Some(id) => Some(self.staff.find_staff(id).await?.ok_or_else(|| {
                    CaseError::Refused(AssignCaseError::StaffNotFound(id.clone()))
                })?),
            };
        Ok(Prepared { assignee, ..Prepared::default() })
    }
}
