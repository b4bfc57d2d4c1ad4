//! Giving a case to somebody, or taking it back.

use thiserror::Error;

use super::draft::{Draft, announcement};
use super::{Action, Assignment, Case, Decision, InvalidTransition, Policies, Stamp, Status};
use crate::Notes;
use crate::event::EventKind;
use crate::staff::{Department, StaffId, StaffMember};
use crate::update::Visibility;

/// A request to give a case to somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssignRequest {
    /// Who gets it; nobody, to take it back.
    pub to: Option<StaffMember>,
    /// The department; where it is left out, that of a new assignee who has one, else the present.
    pub department: Option<Department>,
    /// A word to colleagues.
    pub notes: Option<Notes>,
}

/// Why an assignment was refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum AssignError {
    /// The case has come to its end.
    #[error(transparent)]
    InvalidTransition(#[from] InvalidTransition),
    /// The staff member has left.
    #[error("{0} is no longer active")]
    InactiveStaff(StaffId),
}

impl Case {
    /// Gives the case to a staff member, to a department, or to nobody.
    ///
    /// An `OPEN` case that gets an assignee becomes `IN_PROGRESS`. A public update names the
    /// department, notes become an internal update. Where neither the assignee nor the department
    /// changes, only notes are a change, and an internal one.
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
