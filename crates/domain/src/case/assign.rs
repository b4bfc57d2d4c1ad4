//! Assigning a case and removing its assignee.

use thiserror::Error;

use super::draft::{Draft, announcement};
use super::{Action, Assignment, Case, Decision, InvalidTransition, Policies, Stamp, Status};
use crate::Message;
use crate::actor::WrongActor;
use crate::event::EventKind;
use crate::staff::{StaffId, StaffMember};
use crate::text::{Department, Notes};
use crate::visibility::Visibility;

/// Request to assign a case.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct AssignRequest {
    /// New assignee, or `None` to remove the current one.
    pub to: Option<Assignee>,
    /// New department. If not given, a new assignee's department is used if they have one.
    /// Otherwise the current department stays.
    pub department: Option<Department>,
    /// Internal note to colleagues.
    pub notes: Option<Notes>,
}

/// Facts that an assignment needs about the staff member who gets the case.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct Assignee {
    /// Id of the staff member.
    pub id: StaffId,
    /// Department of the staff member, if there is one.
    pub department: Option<Department>,
    /// If not set, the staff member has left and cannot be assigned.
    pub is_active: bool,
    /// If set, the member is a machine and cannot be assigned.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "std::ops::Not::not"))]
    pub is_service: bool,
}

impl From<&StaffMember> for Assignee {
    fn from(member: &StaffMember) -> Self {
        Self {
            id: member.id.clone(),
            department: member.department.clone(),
            is_active: member.is_active(),
            is_service: member.is_service(),
        }
    }
}

impl AssignRequest {
    /// Requests that a staff member gets the case.
    pub fn to(assignee: impl Into<Assignee>) -> Self {
        Self { to: Some(assignee.into()), ..Self::to_nobody() }
    }

    /// Requests that the assignee is removed.
    pub fn to_nobody() -> Self {
        Self { to: None, department: None, notes: None }
    }

    /// Assigns the case to this department.
    #[must_use]
    pub fn with_department(self, department: Department) -> Self {
        Self { department: Some(department), ..self }
    }

    /// Adds an internal note to colleagues.
    #[must_use]
    pub fn with_notes(self, notes: Notes) -> Self {
        Self { notes: Some(notes), ..self }
    }
}

/// Error returned when an assignment is rejected.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum AssignError {
    /// The case is finished.
    #[error(transparent)]
    InvalidTransition(#[from] InvalidTransition),
    /// The actor may not make the change.
    #[error(transparent)]
    WrongActor(#[from] WrongActor),
    /// The staff member has left.
    #[error("{0} is no longer active")]
    InactiveStaff(StaffId),
    /// The new assignee is a machine.
    #[error("{0} is a machine, and cases are assigned to people")]
    Machine(StaffId),
}

impl Case {
    /// Assigns the case to a staff member or a department, or removes its assignee.
    ///
    /// An `OPEN` case that gets an assignee becomes `IN_PROGRESS`. A public update names the
    /// department, and notes become an internal update. If neither the assignee nor the department
    /// changes, notes make an internal update of the case. Without notes, nothing changes and the
    /// result is `None`.
    ///
    /// ```
    /// # use engage_domain::*;
    /// # let (mut ids, policies) = (1.., Policies::default());
    /// # let mut by = |actor, at: &str| Stamp::new(at.parse().unwrap(), actor, || ids.next().unwrap());
    /// # let customer = Customer::new("John Doe".parse()?, "john@example.com".parse()?);
    /// # let request = OpenRequest::new(customer, "No access".parse()?, "It says 403.".parse()?);
    /// # let (id, number) = (CaseId::from_u128(1), "CW-2025-001".parse()?);
    /// # let stamp = by(Actor::Customer, "2025-01-27T10:00:00Z");
    /// # let opened = Case::open(id, number, request, &policies, stamp);
    /// # let case = opened.case;
    /// # let joined = "2024-01-27T10:00:00Z".parse()?;
    /// # let (email, role) = ("jane@desk.example".parse()?, Role::Agent);
    /// # let jane = StaffMember::new("jane".parse()?, "Jane Smith".parse()?, email, role, joined);
    /// let to = Assignee::from(&jane.with_department("Billing".parse()?));
    /// let stamp = by(Actor::System, "2025-01-27T10:05:00Z");
    /// let assigned = case.assign(AssignRequest::to(to), &policies, stamp)?.ok_or("nothing to do")?;
    /// assert_eq!(assigned.case.status(), Status::InProgress);
    /// assert_eq!(assigned.case.facts().assignee(), Some(&"jane".parse()?));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// Fails if the actor is the customer, the case is finished, or the new assignee has left or is a
    /// machine.
    pub fn assign(
        &self,
        request: AssignRequest,
        policies: &Policies,
        stamp: Stamp,
    ) -> Result<Option<Decision>, AssignError> {
        stamp.actor.require_staff()?;
        let AssignRequest { to, department, notes } = request;
        self.status().require_unfinished(Action::Assign)?;
        if let Some(left) = to.as_ref().filter(|assignee| !assignee.is_active) {
            return Err(AssignError::InactiveStaff(left.id.clone()));
        }
        if let Some(machine) = to.as_ref().filter(|assignee| assignee.is_service) {
            return Err(AssignError::Machine(machine.id.clone()));
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
            let message = assignment_announcement(draft.after.department.as_ref());
            draft.announce(Visibility::Public, message);
            Visibility::Public
        } else {
            Visibility::Internal
        };
        if new_assignee && to.is_some() && draft.after.status == Status::Open {
            draft.enter(Status::InProgress);
        }
        if let Some(notes) = notes {
            draft.write(Visibility::Internal, notes.into(), Vec::new());
        }
        let kind = if is_change { EventKind::Assigned } else { EventKind::Updated };
        Ok(Some(draft.finish(kind, visibility)))
    }
}

/// Returns the text of the update that tells the customer who handles the case.
pub(super) fn assignment_announcement(department: Option<&Department>) -> Message {
    let team = department.map_or("our support team", |department| department.as_str());
    announcement(&format!("Case assigned to {team}"))
}
