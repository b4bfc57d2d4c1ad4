//! Permissions of members of staff, with the role that each requires.

use crate::staff::Role;

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
    /// Update, assign, escalate and correct cases, also several at once, and upload files.
    ChangeCases,
    /// Open cases for customers.
    OpenCases,
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
    /// Send dead and cancelled notifications again.
    RetryNotifications,
    /// List the addresses that get no more notifications, and lift their suppression.
    ManageSuppressions,
    /// Erase the personal data of a case.
    EraseCase,
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
    /// Returns the lowest role with this permission.
    pub const fn required_role(self) -> Role {
        match self {
            Self::ReadCases
            | Self::ChangeCases
            | Self::OpenCases
            | Self::ExportCases
            | Self::ReadEventFeed
            | Self::RevokeCustomerAccess
            | Self::ReadNotifications
            | Self::ListColleagues
            | Self::ReadOwnRecord
            | Self::ManageOwnTokens => Role::Agent,
            Self::RetryNotifications => Role::Supervisor,
            Self::ManageSuppressions
            | Self::EraseCase
            | Self::SeeChangeOrigins
            | Self::ManageStaff
            | Self::ManageTokensOfOthers
            | Self::ManageWebhooks
            | Self::ReadAuditLog => Role::Admin,
        }
    }
}

impl Role {
    /// Checks whether members with this role have a permission.
    pub fn may(self, permission: Permission) -> bool {
        self >= permission.required_role()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
