//! Machines as members of staff: what they may do, and for whom they speak.

use std::collections::BTreeSet;

use super::id::{StaffId, StaffRef};
use crate::contact::EmailAddress;
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
        /// State that the address of a customer, for whom a case is opened, is proven.
        CustomersProve = "customers.prove",
        /// Read and stream the events of all cases.
        FeedRead = "feed.read",
        /// Read, add and change contacts, and read organizations.
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
