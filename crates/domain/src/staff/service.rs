//! Machines as members of staff: what they may do, and for whom they speak.

use std::collections::BTreeSet;

use super::{Role, StaffId, StaffMember, StaffRef};
use crate::contact::EmailAddress;
use crate::text::PersonName;
use crate::time::Timestamp;
use crate::wire::wire_enum;

wire_enum! {
    /// Right of a machine. It never gives more than an agent has.
    ///
    /// [`Permission::scopes`](crate::Permission::scopes) defines which scopes give a permission.
    pub enum ServiceScope {
        /// Open cases for customers.
        CasesOpen = "cases.open",
        /// Read cases: lists, details, conversations, history and files.
        CasesRead = "cases.read",
        /// Write updates of cases.
        CasesReply = "cases.reply",
        /// Hand in e-mails. Reserved: no operation requires it yet.
        IntakeEmail = "intake.email",
        /// Read and stream the events of all cases.
        FeedRead = "feed.read",
        /// Edit contacts. Reserved: no operation requires it yet.
        ContactsWrite = "contacts.write",
    }
}

/// Rights of a machine.
///
/// ```
/// use engage_domain::staff::{ServiceAccess, ServiceScope};
/// use engage_domain::{Permission, StaffMember};
///
/// let (id, name) = ("mail-gateway".parse()?, "Mail gateway".parse()?);
/// let reply = ServiceAccess { scopes: [ServiceScope::CasesReply].into(), ..ServiceAccess::default() };
/// let joined = "2025-01-27T10:00:00Z".parse()?;
/// let gateway = StaffMember::new_service(id, name, reply, joined);
/// assert!(gateway.may(Permission::ReplyToCases));
/// assert!(!gateway.may(Permission::ReadCases));
/// assert_eq!(gateway.address(), None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct ServiceAccess {
    /// Scopes of the machine.
    pub scopes: BTreeSet<ServiceScope>,
    /// Members on whose behalf the machine may write.
    #[cfg_attr(feature = "serde", serde(default))]
    pub acts_for: BTreeSet<StaffId>,
}

impl ServiceAccess {
    /// Checks whether there are no rights at all.
    pub fn is_empty(&self) -> bool {
        self.scopes.is_empty() && self.acts_for.is_empty()
    }

    /// Checks whether all rights of another one are among these.
    pub fn includes(&self, other: &Self) -> bool {
        self.scopes.is_superset(&other.scopes) && self.acts_for.is_superset(&other.acts_for)
    }
}

/// A machine as the author of a change, with the member for whom it speaks.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct ServiceRef {
    /// The machine.
    pub machine: StaffRef,
    /// Member on whose behalf it acts.
    pub on_behalf_of: Option<StaffRef>,
}

impl ServiceRef {
    /// Returns the author: the member for whom the machine speaks, or else the machine.
    pub fn author(&self) -> &StaffRef {
        self.on_behalf_of.as_ref().unwrap_or(&self.machine)
    }
}

impl StaffId {
    /// Returns the placeholder for the e-mail address of the machine with this id. No mail can be
    /// sent to it.
    pub fn service_email(&self) -> EmailAddress {
        EmailAddress::of_service(self.as_str())
    }
}

impl StaffMember {
    /// Creates an active machine without a department.
    pub fn new_service(
        id: StaffId,
        name: PersonName,
        service: ServiceAccess,
        created_at: Timestamp,
    ) -> Self {
        let email = id.service_email();
        Self { service, ..Self::new(id, name, email, Role::Service, created_at) }
    }

    /// Checks whether the member is a machine that may write on behalf of another one.
    pub fn may_act_for(&self, id: &StaffId) -> bool {
        self.is_service() && self.service.acts_for.contains(id)
    }

    /// Checks whether the change to `after` would make a machine of a person, or a person of a
    /// machine. Neither is possible: a person has cases and an address, and a machine has neither.
    pub fn changes_kind(&self, after: &Self) -> bool {
        self.is_service() != after.is_service()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn access(scopes: &[ServiceScope], acts_for: &[&str]) -> ServiceAccess {
        let acts_for = acts_for.iter().map(|id| id.parse().unwrap()).collect();
        ServiceAccess { scopes: scopes.iter().copied().collect(), acts_for }
    }

    fn gateway(service: ServiceAccess) -> StaffMember {
        let (id, name) = ("gateway".parse().unwrap(), "Gateway".parse().unwrap());
        StaffMember::new_service(id, name, service, Timestamp::EPOCH)
    }

    #[test]
    fn a_machine_has_an_address_that_reaches_nobody() {
        for id in ["gateway", "_", "-", &"x".repeat(64)] {
            let email = id.parse::<StaffId>().unwrap().service_email();
            assert_eq!(email.as_str(), format!("{id}@service.invalid"));
            assert_eq!(email.as_str().parse(), Ok(email));
        }
        assert_eq!(gateway(ServiceAccess::default()).address(), None);
    }

    #[test]
    fn a_machine_acts_for_the_members_it_names() {
        let gateway = gateway(access(&[], &["jane"]));
        assert!(gateway.may_act_for(&"jane".parse().unwrap()));
        assert!(!gateway.may_act_for(&"bob".parse().unwrap()));
        let person = StaffMember { role: Role::Agent, ..gateway };
        assert!(!person.may_act_for(&"jane".parse().unwrap()));
    }

    #[test]
    fn rights_include_fewer_rights_only() {
        let both = access(&[ServiceScope::CasesRead, ServiceScope::CasesReply], &["jane"]);
        for (other, included) in [
            (both.clone(), true),
            (access(&[ServiceScope::CasesRead], &[]), true),
            (access(&[ServiceScope::FeedRead], &[]), false),
            (access(&[], &["bob"]), false),
        ] {
            assert_eq!(both.includes(&other), included, "{other:?}");
        }
    }

    #[test]
    fn a_machine_is_never_an_administrator() {
        assert!(!gateway(access(ServiceScope::ALL, &[])).is_active_admin());
    }
}
