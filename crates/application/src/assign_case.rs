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
            AssignError::InvalidTransition(refusal) => Self::InvalidTransition(refusal),
            AssignError::WrongActor(error) => Self::WrongActor(error),
        }
    }
}

/// Assigns a case to a member of staff or a department.
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
                |_| self.find_assignee(request.staff_id.as_ref()),
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
