//! A token gives no more than what it was made with.

use std::time::Duration;

use engage_domain::{Role, StaffId, Timestamp, TokenId};
use engage_identity::Credential;
use engage_repository::StaffToken;

use super::AuthenticatedStaff;
use super::token_error::TokenError;

/// For how long tokens hold that members make.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TokenLives {
    /// When nobody says for how long.
    pub default: Option<Duration>,
    /// At most.
    pub longest: Option<Duration>,
}

/// Who makes a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenMaker {
    /// Whoever may run commands on the machine, and may do anything.
    CommandLine,
    /// A member of staff, by what they showed.
    Staff(Box<AuthenticatedStaff>),
}

/// What a token may be at most.
#[derive(Debug, Default)]
pub(super) struct Ceiling {
    pub(super) role: Option<Role>,
    pub(super) until: Option<Timestamp>,
    pub(super) parent: Option<TokenId>,
    pub(super) made_by: Option<StaffId>,
}

impl TokenMaker {
    /// What this one may make for a member.
    ///
    /// A token for oneself is a child of what was shown: as low, as short, and void with it. A token
    /// that an administrator makes for somebody else is none, and gives what its owner may do.
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

    /// Whether this one may learn another secret of a token, among all tokens of its owner.
    ///
    /// By a secret that was superseded, nobody: it would outlive its time.
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
    // A line is no longer than there are tokens, whatever is stored.
    for _ in 0..=of_owner.len() {
        let Some(one) = line else { return false };
        if one.id == ancestor {
            return true;
        }
        line = one.parent.and_then(|parent| of_owner.iter().find(|other| other.id == parent));
    }
    false
}

/// The earlier of two ends; without one, there is none.
pub(super) fn earliest(one: Option<Timestamp>, other: Option<Timestamp>) -> Option<Timestamp> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}
