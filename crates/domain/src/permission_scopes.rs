//! Scopes that give a machine each permission.

use crate::permissions::Permission;
use crate::staff::ServiceScope;

use ServiceScope::{CasesOpen, CasesRead, CasesReply, ContactsWrite, CustomersProve, FeedRead};

impl Permission {
    /// Returns the scopes of which a machine needs one. With an empty list, no machine has the
    /// permission, which is so for everything beyond an agent.
    ///
    /// ```
    /// use engage_domain::Permission;
    /// use engage_domain::staff::ServiceScope;
    ///
    /// assert_eq!(Permission::ReadEventFeed.scopes(), [ServiceScope::FeedRead]);
    /// assert!(Permission::EraseCase.scopes().is_empty());
    /// ```
    pub const fn scopes(self) -> &'static [ServiceScope] {
        match self {
            Self::OpenCases => &[CasesOpen],
            Self::ProveCustomers => &[CustomersProve],
            Self::ReadCases | Self::ExportCases => &[CasesRead],
            Self::ReplyToCases => &[CasesReply],
            Self::UploadFiles => &[CasesOpen, CasesReply],
            Self::ReadEventFeed => &[FeedRead],
            Self::ReadContacts | Self::ChangeContacts => &[ContactsWrite],
            Self::ReadOwnRecord => ServiceScope::ALL,
            Self::ChangeCases
            | Self::RevokeCustomerAccess
            | Self::ReadNotifications
            | Self::ListColleagues
            | Self::ManageOwnTokens
            | Self::RetryNotifications
            | Self::ManageSuppressions
            | Self::EraseCase
            | Self::ErasePerson
            | Self::RedactCase
            | Self::ManageOrganizations
            | Self::ManageTags
            | Self::SeeChangeOrigins
            | Self::ManageStaff
            | Self::ManageTokensOfOthers
            | Self::ManageWebhooks
            | Self::ReadAuditLog => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::staff::Role;

    #[test]
    fn no_scope_gives_more_than_an_agent_has() {
        for permission in Permission::ALL {
            let is_for_machines = !permission.scopes().is_empty();
            let is_for_agents = permission.required_role() <= Role::Agent;
            assert!(is_for_agents || !is_for_machines, "{permission:?}");
        }
    }
}
