//! Assigning a case and removing its assignee.

use thiserror::Error;

use super::draft::{Draft, announcement};
use super::{Action, Assignment, Case, Decision, InvalidTransition, Policies, Stamp, Status};
use crate::Notes;
use crate::event::EventKind;
use crate::staff::{Department, StaffId, StaffMember};
use crate::visibility::Visibility;

/// Request to assign a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssignRequest {
    /// New assignee, or `None` to remove the current one.
    pub to: Option<StaffMember>,
    /// New department. If not given, a new assignee's department is used if they have one.
    /// Otherwise the current department stays.
    pub department: Option<Department>,
    /// Internal note to colleagues.
    pub notes: Option<Notes>,
}

/// Error returned when an assignment is rejected.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum AssignError {
    /// The case is finished.
    #[error(transparent)]
    InvalidTransition(#[from] InvalidTransition),
    /// The staff member has left.
    #[error("{0} is no longer active")]
    InactiveStaff(StaffId),
}

impl Case {
    /// Assigns the case to a staff member or a department, or removes its assignee.
    ///
    /// An `OPEN` case that gets an assignee becomes `IN_PROGRESS`. A public update names the
    /// department, and notes become an internal update. If neither the assignee nor the department
    /// changes, notes make an internal update of the case. Without notes, nothing changes and the
    /// result is `None`.
    ///
    /// Fails if the case is finished or the new assignee has left.
    pub fn assign(
        &self,
        request: AssignRequest,
        policies: &Policies,
        stamp: Stamp,
    ) -> Result<Option<Decision>, AssignError> {
        let AssignRequest { to, department, notes } = request;
        self.status().require_unfinished(Action::Assign)?;
        if let Some(left) = to.as_ref().filter(|member| !member.is_active()) {
            return Err(AssignError::InactiveStaff(left.id.clone()));
        }

        let mut draft = Draft::new(self, policies, stamp);
        let now = draft.now;
        let case = &mut draft.after;
        let new_assignee = case.assignee() != to.as_ref().map(|member| &member.id);
        if new_assignee {
            case.assignment = to
                .as_ref()
                .map(|member| Assignment { assigned_to: member.id.clone(), assigned_at: now });
        }
        let its_own = to.as_ref().filter(|_| new_assignee).and_then(|m| m.department.clone());
        if let Some(department) = department.or(its_own) {
            case.department = Some(department);
        }
        let new_department = case.department != self.facts.department;
        let is_change = new_assignee || new_department;
        if !is_change && notes.is_none() {
            return Ok(None);
        }

        let visibility = if (new_assignee && to.is_some()) || new_department {
            let team = draft.after.department.as_ref().map_or("our support team", |d| d.as_str());
            let sentence = format!("Case assigned to {team}");
            draft.announce(Visibility::Public, announcement(&sentence));
            Visibility::Public
        } else {
            Visibility::Internal
        };
        if new_assignee && to.is_some() && draft.after.status == Status::Open {
            draft.enter(Status::InProgress);
        }
        if let Some(notes) = notes {
            draft.write(Visibility::Internal, notes.widen(), Vec::new());
        }
        let kind = if is_change { EventKind::Assigned } else { EventKind::Updated };
        Ok(Some(draft.finish(kind, visibility)))
    }
}
