use std::collections::BTreeSet;

use engage_domain::staff::{ServiceAccess, ServiceScope};
use engage_domain::{
    Department, EmailAddress, PersonName, PhoneNumber, Role, StaffId, StaffMember,
};

/// A new member of staff who is a person.
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

/// A new machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewService {
    /// Id. By default, one is derived from the name.
    pub id: Option<StaffId>,
    /// Display name.
    pub name: PersonName,
    /// Department, if any.
    pub department: Option<Department>,
    /// Rights of the machine.
    pub service: ServiceAccess,
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
    /// All scopes of a machine.
    pub scopes: Option<BTreeSet<ServiceScope>>,
    /// All members on whose behalf a machine may write.
    pub acts_for: Option<BTreeSet<StaffId>>,
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
    pub(super) fn fits(&self, member: &StaffMember) -> bool {
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
