//! Machines that write on behalf of members of staff.

use engage_domain::{StaffId, StaffMember, StaffRef};
use engage_identity::{MemberName, VerifierError};
use thiserror::Error;

use super::authenticate::Authenticate;

/// Error returned when a machine may not write on behalf of a member.
#[derive(Debug, Error)]
pub enum OnBehalfError {
    /// The caller is not a machine, or does not act for the member.
    #[error("{by} does not act for {member}")]
    NotPermitted {
        /// The caller.
        by: StaffId,
        /// Member on whose behalf it would write.
        member: StaffId,
    },
    /// The member has left.
    #[error("there is no active staff member {0}")]
    NotFound(StaffId),
    /// The member could not be looked up.
    #[error(transparent)]
    Verifier(#[from] VerifierError),
}

impl Authenticate {
    /// Returns the active member on whose behalf a machine may write.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// use engage_application::{Authenticate, OnBehalfError};
    /// # use engage_domain::StaffMember;
    /// # use engage_domain::staff::ServiceAccess;
    /// # use engage_repository::StaffRepository;
    /// # use engage_sqlite::SqliteStore;
    /// # use engage_testkit::ManualClock;
    /// # use engage_testkit::builders::{a_staff_member, monday};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let store = Arc::new(SqliteStore::in_memory()?);
    /// let (jane, sam) = (a_staff_member("jane"), a_staff_member("sam"));
    /// store.add_staff(&jane).await?;
    /// let for_jane = ServiceAccess { acts_for: [jane.id.clone()].into(), ..Default::default() };
    /// let (id, name) = ("gateway".parse()?, "Mail gateway".parse()?);
    /// let gateway = StaffMember::new_service(id, name, for_jane, monday());
    ///
    /// let authenticate = Authenticate::new(Vec::new(), store, Arc::new(ManualClock::new()));
    /// assert_eq!(authenticate.on_behalf_of(&gateway, &jane.id).await?, jane.to_ref());
    /// let refused = authenticate.on_behalf_of(&gateway, &sam.id).await;
    /// assert!(matches!(refused, Err(OnBehalfError::NotPermitted { .. })));
    /// # Ok(())
    /// # }
    /// ```
    pub async fn on_behalf_of(
        &self,
        machine: &StaffMember,
        id: &StaffId,
    ) -> Result<StaffRef, OnBehalfError> {
        if !machine.may_act_for(id) {
            let (by, member) = (machine.id.clone(), id.clone());
            return Err(OnBehalfError::NotPermitted { by, member });
        }
        let found = self.look_up(&MemberName::Id(id.clone())).await?;
        let person = found.filter(|member| member.is_active() && !member.is_service());
        person.map(|member| member.to_ref()).ok_or_else(|| OnBehalfError::NotFound(id.clone()))
    }
}
