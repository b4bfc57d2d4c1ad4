use std::num::{NonZeroU32, NonZeroUsize};
use std::sync::Arc;

use engage_domain::{
    Department, EmailAddress, PersonName, PhoneNumber, Role, StaffId, StaffMember,
};
use engage_repository::{
    AuditedStore, RepositoryError, StaffChange, StaffRepository, UniqueConstraint,
};
use thiserror::Error;

use crate::audit::{Act, AuditAction, AuditRecorder, Initiator};
use crate::environment::Clock;

/// How often a change is decided anew because others changed the member meanwhile.
const TRIES: usize = 5;

/// How many ids are proposed for a member who was given none.
const PROPOSALS: u32 = 100;

/// Why a member of staff was not added or changed.
#[derive(Debug, Error)]
pub enum StaffError {
    /// No member has the id.
    #[error("there is no staff member {0}")]
    NotFound(StaffId),
    /// The id is a word that stands for something else. Choose another one.
    #[error("{0} is a reserved word; choose another id")]
    IdReserved(StaffId),
    /// Another member has the id. Choose another one.
    #[error("there is a staff member {0} already")]
    IdTaken(StaffId),
    /// Another member, who may have left, has the address.
    #[error("another staff member has the address {0}")]
    EmailTaken(EmailAddress),
    /// The member is the only active administrator. Make another one first.
    #[error("{0} is the last active administrator; make another member ADMIN first")]
    LastAdmin(StaffId),
    /// Storage failed, or others kept changing the member.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

/// A member of staff to be added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMember {
    /// The id; where there is none, one is made from the address.
    pub id: Option<StaffId>,
    /// What colleagues call them.
    pub name: PersonName,
    /// Where notifications go.
    pub email: EmailAddress,
    /// What they may do.
    pub role: Role,
    /// Where they work.
    pub department: Option<Department>,
    /// Where urgent text messages go.
    pub phone: Option<PhoneNumber>,
}

/// What is to change of a member; what is `None` stays.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MemberChange {
    /// What colleagues call them.
    pub name: Option<PersonName>,
    /// Where notifications go.
    pub email: Option<EmailAddress>,
    /// What they may do.
    pub role: Option<Role>,
    /// Where they work.
    pub department: Option<Option<Department>>,
    /// Where urgent text messages go.
    pub phone: Option<Option<PhoneNumber>>,
    /// Whether they work here. Who leaves or comes back has no tokens any more.
    pub is_active: Option<bool>,
}

/// Which members are asked for; empty lists and `None` ask for nothing in particular.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MemberFilter {
    /// With one of these roles.
    pub roles: Vec<Role>,
    /// In one of these departments, whatever the case of their letters.
    pub departments: Vec<Department>,
    /// Those who work here, or those who have left.
    pub is_active: Option<bool>,
}

impl MemberFilter {
    fn fits(&self, member: &StaffMember) -> bool {
        let Self { roles, departments, is_active } = self;
        let folded = |department: &Department| department.as_str().to_lowercase();
        let works_in = |wanted: &Department| {
            member.department.as_ref().is_some_and(|one| folded(one) == folded(wanted))
        };
        (roles.is_empty() || roles.contains(&member.role))
            && (departments.is_empty() || departments.iter().any(works_in))
            && is_active.is_none_or(|is_active| is_active == member.is_active())
    }
}

/// A page of members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberPage {
    /// In the order of their ids.
    pub members: Vec<StaffMember>,
    /// How many fit on all pages.
    pub total: u64,
}

/// Manages the members of staff.
#[derive(Clone)]
pub struct ManageStaff {
    staff: Arc<dyn StaffRepository>,
    acts: Arc<dyn AuditedStore>,
    clock: Arc<dyn Clock>,
    recorder: AuditRecorder,
}

impl ManageStaff {
    /// Manages those who are kept there, and writes down what is done.
    pub fn new(
        staff: Arc<dyn StaffRepository>,
        acts: Arc<dyn AuditedStore>,
        clock: Arc<dyn Clock>,
        recorder: AuditRecorder,
    ) -> Self {
        Self { staff, acts, clock, recorder }
    }

    /// Adds a member.
    pub async fn add(&self, new: NewMember, by: &Initiator) -> Result<StaffMember, StaffError> {
        let NewMember { id, name, email, role, department, phone } = new;
        if let Some(id) = id.as_ref().filter(|id| id.is_reserved()) {
            return Err(StaffError::IdReserved(id.clone()));
        }
        let is_given = id.is_some();
        // Members are looked up by the form that an identity provider is most likely to know.
        let email = email.into_ascii();
        let mut member = StaffMember {
            id: id.unwrap_or_else(|| StaffId::proposed_for(&email, NonZeroU32::MIN)),
            name,
            email,
            role,
            department,
            phone,
            created_at: self.clock.now(),
            deactivated_at: None,
        };
        for place in (2..=PROPOSALS).filter_map(NonZeroU32::new) {
            let record = self.recorder.record(by, added(&member));
            match self.acts.staff(record).add_staff(&member).await {
                Ok(()) => return Ok(member),
                Err(RepositoryError::Duplicate { constraint: UniqueConstraint::StaffId })
                    if !is_given =>
                {
                    member.id = StaffId::proposed_for(&member.email, place);
                }
                Err(RepositoryError::Duplicate { constraint: UniqueConstraint::StaffEmail }) => {
                    return Err(StaffError::EmailTaken(member.email));
                }
                Err(RepositoryError::Duplicate { .. }) => break,
                Err(error) => return Err(error.into()),
            }
        }
        Err(StaffError::IdTaken(member.id))
    }

    /// Members that fit, page by page from 1 on; a page past the end is empty.
    pub async fn page(
        &self,
        filter: &MemberFilter,
        page: NonZeroU32,
        limit: NonZeroU32,
    ) -> Result<MemberPage, RepositoryError> {
        let mut members = self.staff.list_staff().await?;
        members.retain(|member| filter.fits(member));
        let total = members.len() as u64;
        let limit = NonZeroUsize::try_from(limit).unwrap_or(NonZeroUsize::MAX);
        let page = usize::try_from(page.get() - 1).unwrap_or(usize::MAX);
        let members =
            members.into_iter().skip(limit.get().saturating_mul(page)).take(limit.get()).collect();
        Ok(MemberPage { members, total })
    }

    /// A member, active or not.
    pub async fn get(&self, id: &StaffId) -> Result<StaffMember, StaffError> {
        self.staff.find_staff(id).await?.ok_or_else(|| StaffError::NotFound(id.clone()))
    }

    /// Changes a member. Who has left before left at that time.
    pub async fn change(
        &self,
        id: &StaffId,
        change: &MemberChange,
        by: &Initiator,
    ) -> Result<StaffMember, StaffError> {
        for _ in 0..TRIES {
            let before = self.get(id).await?;
            let after = self.changed(&before, change);
            if after == before && after.email.as_str() == before.email.as_str() {
                return Ok(before);
            }
            let record = self.recorder.record(by, changed(&before, &after));
            match self.acts.staff(record).change_staff(&before, &after).await {
                Ok(StaffChange::Made) => return Ok(after),
                Ok(StaffChange::LastAdmin) => return Err(StaffError::LastAdmin(before.id)),
                Err(RepositoryError::Conflict) => {}
                Err(RepositoryError::Duplicate { .. }) => {
                    return Err(StaffError::EmailTaken(after.email));
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(RepositoryError::Conflict.into())
    }

    /// Notes that a member has left: nothing can be assigned to them any more, and their tokens
    /// are void at once.
    pub async fn deactivate(
        &self,
        id: &StaffId,
        by: &Initiator,
    ) -> Result<StaffMember, StaffError> {
        let leaving = MemberChange { is_active: Some(false), ..MemberChange::default() };
        self.change(id, &leaving, by).await
    }

    fn changed(&self, before: &StaffMember, change: &MemberChange) -> StaffMember {
        let MemberChange { name, email, role, department, phone, is_active } = change.clone();
        let deactivated_at = match is_active {
            None => before.deactivated_at,
            Some(true) => None,
            Some(false) => before.deactivated_at.or_else(|| Some(self.clock.now())),
        };
        StaffMember {
            id: before.id.clone(),
            name: name.unwrap_or_else(|| before.name.clone()),
            email: email.map_or_else(|| before.email.clone(), EmailAddress::into_ascii),
            role: role.unwrap_or(before.role),
            department: department.unwrap_or_else(|| before.department.clone()),
            phone: phone.unwrap_or_else(|| before.phone.clone()),
            created_at: before.created_at,
            deactivated_at,
        }
    }
}

fn text(value: Option<&impl ToString>) -> Option<String> {
    value.map(ToString::to_string)
}

fn added(member: &StaffMember) -> Act {
    Act::new(AuditAction::StaffAdded)
        .to(&member.id)
        .set("name", member.name.as_str())
        .set("email", member.email.as_str())
        .set("role", member.role.as_str())
        .set("department", text(member.department.as_ref()))
        .set("phone", text(member.phone.as_ref()))
}

fn changed(before: &StaffMember, after: &StaffMember) -> Act {
    Act::new(AuditAction::StaffChanged)
        .to(&before.id)
        .changed("name", before.name.as_str(), after.name.as_str())
        .changed("email", before.email.as_str(), after.email.as_str())
        .changed("role", before.role.as_str(), after.role.as_str())
        .changed("department", text(before.department.as_ref()), text(after.department.as_ref()))
        .changed("phone", text(before.phone.as_ref()), text(after.phone.as_ref()))
        .changed("active", before.is_active(), after.is_active())
}
