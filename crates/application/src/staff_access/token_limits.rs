//! Limits on tokens: how many a member may have, and what a new one grants at most.

use std::num::NonZeroU32;
use std::time::Duration;

use engage_domain::{Role, StaffId, Timestamp, TokenId};

use super::AuthenticatedStaff;
use super::token_error::TokenError;

/// Maximum number of tokens of a member, including expired ones.
pub(super) const MOST_TOKENS: usize = 100;

/// Maximum number of revoked tokens listed.
pub(super) const MOST_REMOVED: NonZeroU32 = NonZeroU32::MIN.saturating_add(99);

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
}

/// Returns the earlier of two expiries. `None` means that there is none.
pub(super) fn earliest(one: Option<Timestamp>, other: Option<Timestamp>) -> Option<Timestamp> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}
