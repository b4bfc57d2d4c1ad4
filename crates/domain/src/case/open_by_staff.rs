//! Opening a case on behalf of a customer.

use thiserror::Error;

use super::assign::assignment_announcement;
use super::{
    Assignee, Assignment, Case, CaseNumber, Decision, OpenRequest, Policies, Stamp, Status,
};
use crate::actor::{Actor, WrongActor};
use crate::event::Change;
use crate::first_message::FirstMessageBy;
use crate::id::CaseId;
use crate::source::Source;
use crate::staff::StaffId;
use crate::tag::Tags;
use crate::text::Department;
use crate::update::Update;
use crate::visibility::Visibility;

/// Request of a member of staff to open a case for a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct StaffOpenRequest {
    /// The case. Its files do not count towards those that the customer may send.
    pub opening: OpenRequest,
    /// First assignee.
    pub assignee: Option<Assignee>,
    /// First department. If not given, the assignee's department is used if they have one.
    pub department: Option<Department>,
    /// Author of the message.
    #[cfg_attr(feature = "serde", serde(default))]
    pub first_message_by: FirstMessageBy,
    /// If set, the customer has had a first response, for example on the telephone. If not given,
    /// they have one if the message is by staff, and not by a machine for itself.
    pub responded: Option<bool>,
    /// Tags of the case.
    #[cfg_attr(feature = "serde", serde(default))]
    pub tags: Tags,
}

impl StaffOpenRequest {
    /// Requests a case that begins with a message of the customer, without an assignee.
    pub fn new(opening: OpenRequest) -> Self {
        Self {
            opening,
            assignee: None,
            department: None,
            first_message_by: FirstMessageBy::Customer,
            responded: None,
            tags: Tags::default(),
        }
    }

    /// Assigns the case to a staff member.
    #[must_use]
    pub fn with_assignee(self, assignee: impl Into<Assignee>) -> Self {
        Self { assignee: Some(assignee.into()), ..self }
    }

    /// Assigns the case to a department.
    #[must_use]
    pub fn with_department(self, department: Department) -> Self {
        Self { department: Some(department), ..self }
    }

    /// Begins the case with a message of the member of staff.
    #[must_use]
    pub fn with_message_by_staff(self) -> Self {
        Self { first_message_by: FirstMessageBy::Staff, ..self }
    }

    /// States whether the customer has had a first response.
    #[must_use]
    pub fn with_responded(self, responded: bool) -> Self {
        Self { responded: Some(responded), ..self }
    }

    /// Puts tags on the case.
    #[must_use]
    pub fn with_tags(self, tags: Tags) -> Self {
        Self { tags, ..self }
    }
}

/// Error returned when a case cannot be opened for a customer.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum OpenByStaffError {
    /// The actor may not open cases for customers.
    #[error(transparent)]
    WrongActor(#[from] WrongActor),
    /// The customer has neither an e-mail address nor a telephone number.
    #[error("a customer has an e-mail address or a telephone number")]
    NoContact,
    /// The assignee has left.
    #[error("{0} is no longer active")]
    InactiveStaff(StaffId),
    /// The assignee is a machine.
    #[error("{0} is a machine, and cases are assigned to people")]
    Machine(StaffId),
}

impl Case {
    /// Opens a case for a customer, as a member of staff. No other case may have the same number.
    ///
    /// The rules of [`Case::assign`] apply to a case that gets an assignee or a department: it
    /// becomes `IN_PROGRESS` if it has an assignee, and a public update names the department. The
    /// event lists what differs from a case that its customer opened.
    ///
    /// ```
    /// # use engage_domain::*;
    /// # let mut ids = 1..;
    /// let policies = Policies::default();
    /// let jane = StaffRef { id: "jane".parse()?, name: "Jane Smith".parse()? };
    /// let customer = Customer::new("John Doe".parse()?, "john@example.com".parse()?);
    /// let opening = OpenRequest::new(customer, "Your invoice".parse()?, "It is overdue.".parse()?);
    /// let request = StaffOpenRequest::new(opening).with_message_by_staff();
    /// let at = "2025-01-27T10:00:00Z".parse()?;
    /// let stamp = Stamp::new(at, Actor::Staff(jane), || ids.next().unwrap());
    ///
    /// let id = CaseId::from_u128(7);
    /// let opened = Case::open_by_staff(id, "CW-2025-001".parse()?, request, &policies, stamp)?;
    /// assert_eq!(opened.case.facts().source, Source::Staff);
    /// assert_eq!(opened.case.facts().first_response, Some(at));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// Fails if the actor is the customer, the customer cannot be reached, or the assignee has left or
    /// is a machine.
    pub fn open_by_staff(
        id: CaseId,
        number: CaseNumber,
        request: StaffOpenRequest,
        policies: &Policies,
        stamp: Stamp,
    ) -> Result<Decision, OpenByStaffError> {
        stamp.actor.require_staff()?;
        let StaffOpenRequest { opening, assignee, department, first_message_by, responded, tags } =
            request;
        if opening.customer.email.is_none() && opening.customer.phone.is_none() {
            return Err(OpenByStaffError::NoContact);
        }
        if let Some(left) = assignee.as_ref().filter(|assignee| !assignee.is_active) {
            return Err(OpenByStaffError::InactiveStaff(left.id.clone()));
        }
        if let Some(machine) = assignee.as_ref().filter(|assignee| assignee.is_service) {
            return Err(OpenByStaffError::Machine(machine.id.clone()));
        }
        let speaks_for_staff = stamp.actor.speaks_for_staff();
        let is_by_machine = matches!(stamp.actor, Actor::Service(_)) && !speaks_for_staff;
        let (now, update_ids) = (stamp.at, stamp.update_ids);
        let Decision { case, mut event } = Self::open(id, number, opening, policies, stamp);
        let before = case.into_facts();

        let mut after = before.clone();
        after.customer_file_bytes = 0;
        after.first_message_by = first_message_by;
        after.tags = tags;
        let is_response = speaks_for_staff && first_message_by == FirstMessageBy::Staff;
        // A machine that speaks for itself is no member of staff who has responded.
        if responded.unwrap_or(is_response) && !is_by_machine {
            after.first_response = Some(now);
        }
        let its_own = assignee.as_ref().and_then(|assignee| assignee.department.clone());
        after.department = department.or(its_own);
        if let Some(assignee) = assignee {
            after.assignment = Some(Assignment { assigned_to: assignee.id, assigned_at: now });
            after.status = Status::InProgress;
        }
        after.next_action_at = policies.next_action_at(&after);
        event.changes = Change::between(&before, &after);
        if after.assignment.is_some() || after.department.is_some() {
            event.updates.push(Update {
                id: update_ids[event.updates.len()],
                timestamp: now,
                author: Actor::System,
                person_id: None,
                source: Source::default(),
                visibility: Visibility::Public,
                message: assignment_announcement(after.department.as_ref()),
                attachments: Vec::new(),
            });
        }
        Ok(Decision { case: Self::from_facts(after), event })
    }
}
