mod acts;
mod error;
mod member;
mod service_members;

use std::num::{NonZeroU32, NonZeroUsize};
use std::sync::Arc;

use engage_domain::staff::ServiceAccess;
use engage_domain::{EmailAddress, Role, StaffId, StaffMember};
use engage_environment::Clock;
use engage_repository::{
    AuditedStore, RepositoryError, StaffChange, StaffRepository, UniqueConstraint,
};

use self::acts::{added, changed};
use self::service_members::{check_change, newly_represented, require_people};
use crate::audit::{AuditRecorder, Initiator};

pub use self::error::StaffError;
pub use self::member::{MemberChange, MemberFilter, MemberPage, NewMember, NewService};

/// Maximum number of attempts to change a member in case of concurrent changes.
const TRIES: usize = 5;

/// Maximum number of ids generated for a new member without one.
const PROPOSALS: u32 = 100;

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

    /// Adds a person. Without an id, one is derived from the email address.
    ///
    /// Fails with [`StaffError::NotOfService`] for the role of a machine.
    pub async fn add(&self, new: NewMember, by: &Initiator) -> Result<StaffMember, StaffError> {
        let NewMember { id, name, email, role, department, phone } = new;
        if role == Role::Service {
            return Err(StaffError::NotOfService("email"));
        }
        // Members are looked up by the form that identity providers most likely use.
        let email = email.into_ascii();
        let proposed = StaffId::proposed_for(&email, NonZeroU32::MIN);
        let is_given = id.is_some();
        let joined = self.clock.now();
        let member = StaffMember::new(id.unwrap_or(proposed), name, email, role, joined);
        let member = StaffMember { department, phone, ..member };
        let propose = |member: &mut StaffMember, attempt| {
            member.id = StaffId::proposed_for(&member.email, attempt);
        };
        self.store_new(member, is_given, propose, by).await
    }

    /// Adds a machine. Without an id, one is derived from the name.
    ///
    /// Fails with [`StaffError::NotRepresentable`] if it would act for somebody who is not a person
    /// among the staff.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use engage_application::{AuditRecorder, Initiator, ManageStaff};
    /// use engage_application::NewService;
    /// use engage_domain::staff::{ServiceAccess, ServiceScope};
    /// # use engage_sqlite::SqliteStore;
    /// # use engage_system::SystemIds;
    /// # use engage_testkit::ManualClock;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let (store, clock) = (Arc::new(SqliteStore::in_memory()?), Arc::new(ManualClock::new()));
    /// # let recorder = AuditRecorder::new(clock.clone(), Arc::new(SystemIds));
    /// # let manage_staff = ManageStaff::new(store.clone(), store, clock, recorder);
    /// # let (id, department, by) = (None, None, Initiator::command_line());
    /// let scopes = [ServiceScope::CasesOpen, ServiceScope::CasesReply].into();
    /// let service = ServiceAccess { scopes, ..ServiceAccess::default() };
    /// let new = NewService { id, name: "Mail gateway".parse()?, department, service };
    /// let gateway = manage_staff.add_service(new, &by).await?;
    /// assert_eq!((gateway.id.as_str(), gateway.address()), ("mail-gateway", None));
    /// # Ok(())
    /// # }
    /// ```
    pub async fn add_service(
        &self,
        new: NewService,
        by: &Initiator,
    ) -> Result<StaffMember, StaffError> {
        let NewService { id, name, department, service } = new;
        require_people(self.staff.as_ref(), &service.acts_for).await?;
        let is_given = id.is_some();
        let id = id.unwrap_or_else(|| StaffId::proposed_for_service(&name, NonZeroU32::MIN));
        let member = StaffMember::new_service(id, name, service, self.clock.now());
        let member = StaffMember { department, ..member };
        let propose = |member: &mut StaffMember, attempt| {
            member.id = StaffId::proposed_for_service(&member.name, attempt);
            member.email = member.id.service_email();
        };
        self.store_new(member, is_given, propose, by).await
    }

    /// Stores a new member. While a proposed id is in use, `propose` sets another one.
    async fn store_new(
        &self,
        mut member: StaffMember,
        is_given: bool,
        propose: impl Fn(&mut StaffMember, NonZeroU32),
        by: &Initiator,
    ) -> Result<StaffMember, StaffError> {
        if is_given && member.id.is_reserved() {
            return Err(StaffError::IdReserved(member.id));
        }
        for attempt in (2..=PROPOSALS).filter_map(NonZeroU32::new) {
            let record = self.recorder.record(by, added(&member));
            match self.acts.staff(record).add_staff(&member).await {
                Ok(()) => return Ok(member),
                Err(RepositoryError::Duplicate { constraint: UniqueConstraint::StaffId })
                    if !is_given =>
                {
                    propose(&mut member, attempt);
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
    ///
    /// Fails with [`StaffError::RoleFixed`] if a person would become a machine or the other way
    /// round, and with [`StaffError::NotOfService`] or [`StaffError::OnlyOfService`] if the member
    /// cannot have a changed property.
    pub async fn change(
        &self,
        id: &StaffId,
        change: &MemberChange,
        by: &Initiator,
    ) -> Result<StaffMember, StaffError> {
        for _ in 0..TRIES {
            let before = self.get(id).await?;
            let after = self.changed(&before, change);
            check_change(&before, &after, change)?;
            require_people(self.staff.as_ref(), newly_represented(&before, &after)).await?;
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
        let MemberChange { name, email, role, department, phone, is_active, scopes, acts_for } =
            change.clone();
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
            service: ServiceAccess {
                scopes: scopes.unwrap_or_else(|| before.service.scopes.clone()),
                acts_for: acts_for.unwrap_or_else(|| before.service.acts_for.clone()),
            },
        }
    }
}
