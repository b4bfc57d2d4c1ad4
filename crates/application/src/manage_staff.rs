use std::num::{NonZeroU32, NonZeroUsize};
use std::sync::Arc;

use engage_domain::{
    Department, EmailAddress, PersonName, PhoneNumber, Role, StaffId, StaffMember,
};
use engage_environment::Clock;
use engage_repository::{
    AuditedStore, RepositoryError, StaffChange, StaffRepository, UniqueConstraint,
};
use thiserror::Error;

use crate::audit::{Act, AuditAction, AuditRecorder, Initiator};

/// Maximum number of attempts to change a member in case of concurrent changes.
const TRIES: usize = 5;

/// Maximum number of ids generated for a new member without one.
const PROPOSALS: u32 = 100;

/// Error returned when a member of staff cannot be added or changed.
#[derive(Debug, Error)]
pub enum StaffError {
    /// There is no such member.
    #[error("there is no staff member {0}")]
    NotFound(StaffId),
    /// The id is reserved. Choose another one.
    #[error("{0} is a reserved word; choose another id")]
    IdReserved(StaffId),
    /// Another member already has the id. Choose another one.
    #[error("staff member {0} already exists")]
    IdTaken(StaffId),
    /// Another member, possibly deactivated, has the email address.
    #[error("another staff member has the address {0}")]
    EmailTaken(EmailAddress),
    /// The member is the last active administrator. Promote another member first.
    #[error("{0} is the last active administrator; make another member ADMIN first")]
    LastAdmin(StaffId),
    /// Storage failed, or there were too many concurrent changes to the member.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

/// A new member of staff.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMember {
    /// Id. By default, one is derived from the email address.
    pub id: Option<StaffId>,
    /// Display name.
    pub name: PersonName,
    /// Address for notifications.
    pub email: EmailAddress,
    /// Role.
    pub role: Role,
    /// Department, if any.
    pub department: Option<Department>,
    /// Number for urgent text messages.
    pub phone: Option<PhoneNumber>,
}

/// Changes to a member. Fields with `None` remain unchanged.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MemberChange {
    /// Display name.
    pub name: Option<PersonName>,
    /// Address for notifications.
    pub email: Option<EmailAddress>,
    /// New role.
    pub role: Option<Role>,
    /// New department, or `Some(None)` to remove it.
    pub department: Option<Option<Department>>,
    /// Number for urgent text messages, or `Some(None)` to remove it.
    pub phone: Option<Option<PhoneNumber>>,
    /// Active or deactivated. Either change revokes all tokens of the member.
    pub is_active: Option<bool>,
}

/// Filter for members. Empty lists and `None` match every member.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MemberFilter {
    /// Roles, of which a member must have one.
    pub roles: Vec<Role>,
    /// Departments, of which a member must be in one. Case-insensitive.
    pub departments: Vec<Department>,
    /// Active or deactivated members only.
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
    /// Members in order of their ids.
    pub members: Vec<StaffMember>,
    /// Number of matching members on all pages.
    pub total: u64,
}

/// Manages members of staff.
///
/// ```
/// # use std::sync::Arc;
/// use engage_application::{Initiator, ManageStaff, NewMember, StaffError};
/// # use engage_application::AuditRecorder;
/// use engage_domain::Role;
/// # use engage_sqlite::SqliteStore;
/// # use engage_system::SystemIds;
/// # use engage_testkit::ManualClock;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let store = Arc::new(SqliteStore::in_memory()?);
/// # let clock = Arc::new(ManualClock::new());
/// # let recorder = AuditRecorder::new(clock.clone(), Arc::new(SystemIds));
/// let manage_staff = ManageStaff::new(store.clone(), store, clock, recorder);
/// let (name, email) = ("Jane Smith".parse()?, "jane.smith@desk.example".parse()?);
/// # let (id, department, phone) = (None, None, None);
/// let new = NewMember { id, name, email, role: Role::Admin, department, phone };
/// let by = Initiator::command_line();
/// let jane = manage_staff.add(new, &by).await?;
/// assert_eq!(jane.id.as_str(), "jane-smith");
///
/// let refused = manage_staff.deactivate(&jane.id, &by).await;
/// assert!(matches!(refused, Err(StaffError::LastAdmin(id)) if id == jane.id));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct ManageStaff {
    staff: Arc<dyn StaffRepository>,
    acts: Arc<dyn AuditedStore>,
    clock: Arc<dyn Clock>,
    recorder: AuditRecorder,
}

impl ManageStaff {
    /// Creates the use case. Changes are recorded in the audit log.
    pub fn new(
        staff: Arc<dyn StaffRepository>,
        acts: Arc<dyn AuditedStore>,
        clock: Arc<dyn Clock>,
        recorder: AuditRecorder,
    ) -> Self {
        Self { staff, acts, clock, recorder }
    }

    /// Adds a member. Without an id, one is derived from the email address.
    pub async fn add(&self, new: NewMember, by: &Initiator) -> Result<StaffMember, StaffError> {
        let NewMember { id, name, email, role, department, phone } = new;
        if let Some(id) = id.as_ref().filter(|id| id.is_reserved()) {
            return Err(StaffError::IdReserved(id.clone()));
        }
        let is_given = id.is_some();
        // Members are looked up by the form that identity providers most likely use.
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
        for attempt in (2..=PROPOSALS).filter_map(NonZeroU32::new) {
            let record = self.recorder.record(by, added(&member));
            match self.acts.staff(record).add_staff(&member).await {
                Ok(()) => return Ok(member),
                Err(RepositoryError::Duplicate { constraint: UniqueConstraint::StaffId })
                    if !is_given =>
                {
                    member.id = StaffId::proposed_for(&member.email, attempt);
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

    /// Returns a page of matching members, numbered from 1. Empty after the last page.
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

    /// Returns a member, active or not.
    pub async fn get(&self, id: &StaffId) -> Result<StaffMember, StaffError> {
        self.staff.find_staff(id).await?.ok_or_else(|| StaffError::NotFound(id.clone()))
    }

    /// Changes a member. Deactivating a deactivated member keeps the original time.
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

    /// Deactivates a member. Cases can no longer be assigned to them, and their tokens become
    /// invalid immediately.
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
