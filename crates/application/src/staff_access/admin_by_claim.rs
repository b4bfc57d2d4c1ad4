//! Limits on administrators whose role comes only from the identity provider. What they give to
//! others would outlast their own role.

use engage_domain::{Permission, Role};

use super::AuthenticatedStaff;
use super::token_error::TokenError;

impl AuthenticatedStaff {
    /// Returns whether the administrator role comes from the identity provider only.
    pub fn is_admin_by_claim_alone(&self) -> bool {
        self.member.role == Role::Admin && self.registered_role != Role::Admin
    }

    /// Returns whether the member may give others this role. Only administrators registered in
    /// Engage may appoint administrators.
    pub fn may_give(&self, role: Role) -> bool {
        role != Role::Admin || !self.is_admin_by_claim_alone()
    }

    /// Fails if the member may not issue or rotate the tokens of others.
    pub(super) fn may_handle_tokens_of_others(&self) -> Result<(), TokenError> {
        let permission = Permission::ManageTokensOfOthers;
        if self.is_admin_by_claim_alone() {
            Err(TokenError::AdminByClaim)
        } else if self.member.may(permission) {
            Ok(())
        } else {
            Err(TokenError::NotPermitted(permission))
        }
    }
}
