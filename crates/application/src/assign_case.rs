use std::sync::Arc;

use engage_domain::{
    Actor, AssignError, AssignRequest, CaseNumber, Department, InvalidTransition, Notes, StaffId,
    StaffRef,
};
use engage_repository::{RepositoryError, StaffRepository};
use thiserror::Error;

use crate::case_changes::Newcomer;
use crate::{CaseChanges, CaseError, ChangeOptions, Changed};

/// How often an assignee is read again where the directory keeps changing.
const ATTEMPTS: u32 = 8;

/// Who is to get a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssignCommand {
    /// The staff member; nobody, to take it back.
    pub staff_id: Option<StaffId>,
    /// The department; where it is left out, that of a new assignee.
    pub department: Option<Department>,
    /// A word to colleagues.
    pub notes: Option<Notes>,
}

/// Why an assignment was refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum AssignCaseError {
    /// No active staff member has the id.
    #[error("there is no active staff member {0}")]
    StaffNotFound(StaffId),
    /// The case has come to its end.
    #[error(transparent)]
    InvalidTransition(InvalidTransition),
}

impl From<AssignError> for AssignCaseError {
    fn from(error: AssignError) -> Self {
        match error {
            AssignError::InactiveStaff(id) => Self::StaffNotFound(id),
            AssignError::InvalidTransition(refusal) => Self::InvalidTransition(refusal),
        }
    }
}

/// A staff member gives a case to somebody.
#[derive(Clone)]
pub struct AssignCase {
    changes: Arc<CaseChanges>,
    staff: Arc<dyn StaffRepository>,
}

impl AssignCase {
    /// Assigns cases to members of staff.
    pub fn new(changes: Arc<CaseChanges>, staff: Arc<dyn StaffRepository>) -> Self {
        Self { changes, staff }
    }

    /// Gives a case to a staff member, to a department, or to nobody.
    pub async fn execute(
        &self,
        number: &CaseNumber,
        request: AssignCommand,
        by: StaffRef,
        options: &ChangeOptions,
    ) -> Result<Changed, CaseError<AssignCaseError>> {
        let mut attempt = 1;
        loop {
            match self.attempt(number, &request, &by, options).await {
                // The new assignee was read before the directory changed.
                Err(CaseError::Repository(RepositoryError::Outdated)) if attempt < ATTEMPTS => {
                    attempt += 1;
                }
                outcome => return outcome,
            }
        }
    }

    async fn attempt(
        &self,
        number: &CaseNumber,
        request: &AssignCommand,
        by: &StaffRef,
        options: &ChangeOptions,
    ) -> Result<Changed, CaseError<AssignCaseError>> {
        let AssignCommand { staff_id, department, notes } = request.clone();
        let directory = self.changes.directory().await?;
        let member = match staff_id {
            None => None,
            Some(id) => match self.staff.find_staff(&id).await? {
                Some(member) => Some(member),
                None => return Err(CaseError::Refused(AssignCaseError::StaffNotFound(id))),
            },
        };
        let newcomer = member.as_ref().map(|member| Newcomer { member, directory });
        let request = AssignRequest { to: member.clone(), department, notes };
        self.changes
            .change(
                number,
                &Actor::Staff(by.clone()),
                newcomer,
                options,
                |case, policies, stamp| Ok(case.assign(request.clone(), policies, stamp)?),
            )
            .await
    }
}
