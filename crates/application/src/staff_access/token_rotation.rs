//! Rules of rotation: who may give a token a new secret, and how long the old one remains valid.

use std::time::Duration;

use engage_domain::TokenId;
use engage_identity::Credential;
use engage_repository::StaffToken;

use super::token_error::TokenError;
use super::token_limits::TokenMaker;

/// Time for which the previous secret remains valid after a rotation.
pub(super) const OVERLAP: Duration = Duration::from_hours(24);

impl TokenMaker {
    /// Checks whether this caller may rotate a token. `of_owner` are all tokens of its owner.
    ///
    /// A superseded secret may not rotate any token, because it could thus outlive its expiry.
    pub(super) fn may_rotate(
        &self,
        token: &StaffToken,
        of_owner: &[StaffToken],
    ) -> Result<(), TokenError> {
        let Self::Staff(maker) = self else { return Ok(()) };
        if maker.member.id != token.staff_id {
            return maker.may_handle_tokens_of_others();
        }
        let may = match maker.credential {
            Credential::Token { is_superseded: true, .. } => false,
            Credential::Token { id, .. } => is_or_descends_from(token, id, of_owner),
            Credential::Jwt { expires_at } => {
                token.role_ceiling.is_some_and(|role| role <= maker.member.role)
                    && token.expires_at.is_some_and(|at| at <= expires_at)
            }
        };
        if may { Ok(()) } else { Err(TokenError::NotRotatable(token.id)) }
    }
}

fn is_or_descends_from(token: &StaffToken, ancestor: TokenId, of_owner: &[StaffToken]) -> bool {
    let mut line = Some(token);
    // Bounded by the number of tokens, in case the stored parents form a cycle.
    for _ in 0..=of_owner.len() {
        let Some(one) = line else { return false };
        if one.id == ancestor {
            return true;
        }
        line = one.parent.and_then(|parent| of_owner.iter().find(|other| other.id == parent));
    }
    false
}
