//! Limits on tokens: a token never grants more than the credential it was issued with.

use std::time::Duration;

use engage_domain::{Role, StaffId, Timestamp, TokenId};
use engage_identity::Credential;
use engage_repository::StaffToken;

use super::AuthenticatedStaff;
use super::token_error::TokenError;

/// Lifetimes of tokens issued by members of staff.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TokenLives {
    /// Lifetime if the request does not specify one.
    pub default: Option<Duration>,
    /// Maximum lifetime.
    pub longest: Option<Duration>,
}

/// The caller who issues a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenMaker {
    /// An operator on the server, who is not restricted.
    CommandLine,
    /// An authenticated member of staff.
    Staff(Box<AuthenticatedStaff>),
}

/// Limits on a new token.
#[derive(Debug, Default)]
pub(super) struct Ceiling {
    pub(super) role: Option<Role>,
    pub(super) until: Option<Timestamp>,
    pub(super) parent: Option<TokenId>,
    pub(super) made_by: Option<StaffId>,
}

impl TokenMaker {
    /// Returns the limits on a token that this caller issues to `owner`.
    ///
    /// A token for oneself is a child of the presented credential: it has at most the same role and
    /// expiry, and is revoked with it. A token that an administrator issues to another member has
    /// no parent and grants the role of its owner.
    ///
    /// Fails if the credential has expired, or if the caller may not manage the tokens of others.
    pub(super) fn ceiling(
        &self,
        owner: &StaffId,
        lives: TokenLives,
        now: Timestamp,
    ) -> Result<Ceiling, TokenError> {
        let Self::Staff(maker) = self else { return Ok(Ceiling::default()) };
        let longest = lives.longest.map(|life| now.plus(life));
        let made_by = Some(maker.member.id.clone());
        if maker.member.id != *owner {
            maker.may_handle_tokens_of_others()?;
            return Ok(Ceiling { until: longest, made_by, ..Ceiling::default() });
        }
        let until = earliest(longest, maker.credential.expires_at());
        if until.is_some_and(|until| until <= now) {
            return Err(TokenError::MakerIsVoid);
        }
        let (role, parent) = (Some(maker.member.role), maker.credential.token_id());
        Ok(Ceiling { role, until, parent, made_by })
    }

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

impl AuthenticatedStaff {
    fn may_handle_tokens_of_others(&self) -> Result<(), TokenError> {
        match self.member.role {
            _ if self.is_admin_by_claim_alone() => Err(TokenError::AdminByClaim),
            Role::Admin => Ok(()),
            Role::Agent | Role::Supervisor => Err(TokenError::AdminNeeded),
        }
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

/// Returns the earlier of two expiries. `None` means that there is none.
pub(super) fn earliest(one: Option<Timestamp>, other: Option<Timestamp>) -> Option<Timestamp> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}
