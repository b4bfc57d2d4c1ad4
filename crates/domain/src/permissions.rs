//! Permissions of members of staff, with the role that each requires.

use crate::staff::{Role, StaffMember};

/// A kind of action that requires a role.
///
/// ```
/// use engage_domain::{Permission, Role};
///
/// assert_eq!(Permission::RetryNotifications.required_role(), Role::Supervisor);
/// assert!(Role::Admin.may(Permission::RetryNotifications));
/// assert!(!Role::Agent.may(Permission::RetryNotifications));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permission {
    /// Read cases: lists, details, conversations, history and files.
    ReadCases,
    /// Assign, escalate and correct cases, and change several at once.
    ChangeCases,
    /// Write updates of cases and change their status.
    ReplyToCases,
    /// Upload files for updates and new cases.
    UploadFiles,
    /// Open cases for customers.
    OpenCases,
    /// State that the address of a customer, for whom a case is opened, is proven.
    ProveCustomers,
    /// Export the list of cases.
    ExportCases,
    /// Read and stream the events of all cases.
    ReadEventFeed,
    /// Revoke the access tokens and links of a case's customer.
    RevokeCustomerAccess,
    /// Read notifications and their attempts.
    ReadNotifications,
    /// List the active members, with what is needed to assign cases to them.
    ListColleagues,
    /// Read one's own staff record.
    ReadOwnRecord,
    /// List, create, rotate and revoke one's own tokens.
    ManageOwnTokens,
    /// Read contacts and organizations.
    ReadContacts,
    /// Add contacts, and change their names, phone numbers, languages and notes.
    ChangeContacts,
    /// Send dead and cancelled notifications again.
    RetryNotifications,
    /// Change what gives customers their type: organizations, their domains and types, the addresses
    /// and organizations of contacts. Merge, import and delete contacts.
    ManageOrganizations,
    /// Rename and merge tags.
    ManageTags,
    /// List the addresses that get no more notifications, and lift their suppression.
    ManageSuppressions,
    /// Redact texts and files of a case.
    RedactCase,
    /// Erase the personal data of a case.
    EraseCase,
    /// Erase a person from all cases.
    ErasePerson,
    /// See which credential and address a change of a case came from.
    SeeChangeOrigins,
    /// Add, change and deactivate members, and see all their data.
    ManageStaff,
    /// List, create, rotate and revoke the tokens of other members.
    ManageTokensOfOthers,
    /// Register, change, test and remove webhook endpoints, and replay their notifications.
    ManageWebhooks,
    /// Read the audit log.
    ReadAuditLog,
}

impl Permission {
    /// All permissions, in order of declaration.
    pub const ALL: &'static [Self] = &[
        Self::ReadCases,
        Self::ChangeCases,
        Self::ReplyToCases,
        Self::UploadFiles,
        Self::OpenCases,
        Self::ProveCustomers,
        Self::ExportCases,
        Self::ReadEventFeed,
        Self::RevokeCustomerAccess,
        Self::ReadNotifications,
        Self::ListColleagues,
        Self::ReadOwnRecord,
        Self::ManageOwnTokens,
        Self::RetryNotifications,
        Self::ManageSuppressions,
        Self::EraseCase,
        Self::ErasePerson,
        Self::RedactCase,
        Self::ReadContacts,
        Self::ChangeContacts,
        Self::ManageOrganizations,
        Self::ManageTags,
        Self::SeeChangeOrigins,
        Self::ManageStaff,
        Self::ManageTokensOfOthers,
        Self::ManageWebhooks,
        Self::ReadAuditLog,
    ];

    /// Returns the lowest role with this permission. [`scopes`](Self::scopes) are what a machine
    /// needs.
    pub const fn required_role(self) -> Role {
        match self {
            Self::ReadCases
            | Self::ChangeCases
            | Self::ReplyToCases
            | Self::UploadFiles
            | Self::OpenCases
            | Self::ProveCustomers
            | Self::ExportCases
            | Self::ReadEventFeed
            | Self::RevokeCustomerAccess
            | Self::ReadNotifications
            | Self::ListColleagues
            | Self::ReadOwnRecord
            | Self::ManageOwnTokens
            | Self::ReadContacts
            | Self::ChangeContacts => Role::Agent,
            Self::RetryNotifications
            | Self::RedactCase
            | Self::ManageOrganizations
            | Self::ManageTags => Role::Supervisor,
            Self::ManageSuppressions
            | Self::EraseCase
            | Self::ErasePerson
            | Self::SeeChangeOrigins
            | Self::ManageStaff
            | Self::ManageTokensOfOthers
            | Self::ManageWebhooks
            | Self::ReadAuditLog => Role::Admin,
        }
    }
}

impl Role {
    /// Checks whether all members with this role have a permission. A machine never has one by its
    /// role alone.
    pub fn may(self, permission: Permission) -> bool {
        self >= permission.required_role()
    }
}

impl StaffMember {
    /// Checks whether the member has a permission: by their role, or, for a machine, by one of its
    /// scopes.
    pub fn may(&self, permission: Permission) -> bool {
        if !self.is_service() {
            return self.role.may(permission);
        }
        let has = |scope| self.service.scopes.contains(scope);
        // No scope gives more than an agent has.
        Role::Agent.may(permission) && permission.scopes().iter().any(has)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::staff::{ServiceAccess, ServiceScope};

    #[test]
    fn a_machine_has_the_permissions_of_its_scopes() {
        let joined = crate::Timestamp::EPOCH;
        for &scope in ServiceScope::ALL {
            let [id, name] = ["gateway", "Gateway"];
            let access = ServiceAccess { scopes: [scope].into(), ..ServiceAccess::default() };
            let (id, name) = (id.parse().unwrap(), name.parse().unwrap());
            let machine = StaffMember::new_service(id, name, access, joined);
            for &permission in Permission::ALL {
                let expected = permission.scopes().contains(&scope);
                assert_eq!(machine.may(permission), expected, "{scope}: {permission:?}");
                let person = StaffMember { role: Role::Agent, ..machine.clone() };
                assert_eq!(person.may(permission), Role::Agent.may(permission), "{permission:?}");
            }
        }
    }

    #[test]
    fn a_role_has_its_own_permissions_and_those_of_lower_roles() {
        for (permission, roles) in [
            (Permission::ChangeCases, &[Role::Agent, Role::Supervisor, Role::Admin][..]),
            (Permission::RetryNotifications, &[Role::Supervisor, Role::Admin]),
            (Permission::EraseCase, &[Role::Admin]),
        ] {
            for role in Role::ALL {
                assert_eq!(role.may(permission), roles.contains(role), "{role}: {permission:?}");
            }
        }
    }
}
