use std::sync::Arc;

use engage_domain::{Line, StaffId, Timestamp, TokenId};
use engage_repository::{RepositoryError, StaffRepository, StaffToken, TokenRepository};
use thiserror::Error;

use super::secret::{StaffTokenSecret, hash};
use crate::environment::{Clock, IdGenerator};

/// How many tokens a member may have, those that have expired among them.
const MOST_TOKENS: usize = 100;

/// What a new token is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewToken {
    /// Whose it is.
    pub staff_id: StaffId,
    /// What it is for.
    pub name: Option<Line<100>>,
    /// From when on it is void.
    pub expires_at: Option<Timestamp>,
}

/// A new token with its secret, to be shown once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuedToken {
    /// What is kept of it.
    pub token: StaffToken,
    /// The only copy of what its owner has to show.
    pub secret: StaffTokenSecret,
}

/// Why a token was not made, listed or revoked.
#[derive(Debug, Error)]
pub enum TokenError {
    /// No member has the id; for a new token, no active one.
    #[error("there is no active staff member {0}")]
    StaffNotFound(StaffId),
    /// The member has no such token.
    #[error("there is no token {0}")]
    NotFound(TokenId),
    /// The token would be void at once.
    #[error("the expiry of a token must lie in the future")]
    Expired,
    /// The member has as many tokens as one may have. Revoke one first.
    #[error("{staff_id} has {most} tokens already; revoke one first")]
    TooMany {
        /// Whose tokens.
        staff_id: StaffId,
        /// How many one may have.
        most: usize,
    },
    /// Storage failed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

/// Manages the tokens of members of staff.
#[derive(Clone)]
pub struct ManageTokens {
    staff: Arc<dyn StaffRepository>,
    tokens: Arc<dyn TokenRepository>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdGenerator>,
}

impl ManageTokens {
    /// Manages those that are kept there.
    pub fn new(
        staff: Arc<dyn StaffRepository>,
        tokens: Arc<dyn TokenRepository>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdGenerator>,
    ) -> Self {
        Self { staff, tokens, clock, ids }
    }

    /// Makes a token for an active member.
    pub async fn issue(&self, request: NewToken) -> Result<IssuedToken, TokenError> {
        let NewToken { staff_id, name, expires_at } = request;
        let now = self.clock.now();
        if expires_at.is_some_and(|at| at <= now) {
            return Err(TokenError::Expired);
        }
        match self.staff.find_staff(&staff_id).await? {
            Some(member) if member.is_active() => {}
            _ => return Err(TokenError::StaffNotFound(staff_id)),
        }
        if self.tokens.list_tokens(&staff_id).await?.len() >= MOST_TOKENS {
            return Err(TokenError::TooMany { staff_id, most: MOST_TOKENS });
        }
        let secret = StaffTokenSecret::from_bits(self.ids.secret());
        let token = StaffToken {
            id: TokenId::from_u128(self.ids.next_id()),
            staff_id,
            name,
            created_at: now,
            expires_at,
            last_used_at: None,
        };
        self.tokens.add_token(&token, &hash(secret.expose())).await?;
        Ok(IssuedToken { token, secret })
    }

    /// The tokens of a member, the oldest first.
    pub async fn list(&self, staff_id: &StaffId) -> Result<Vec<StaffToken>, TokenError> {
        let tokens = self.tokens.list_tokens(staff_id).await?;
        if tokens.is_empty() && self.staff.find_staff(staff_id).await?.is_none() {
            return Err(TokenError::StaffNotFound(staff_id.clone()));
        }
        Ok(tokens)
    }

    /// Makes a token void at once.
    pub async fn revoke(&self, staff_id: &StaffId, id: TokenId) -> Result<(), TokenError> {
        if self.tokens.remove_token(staff_id, id).await? {
            Ok(())
        } else {
            Err(TokenError::NotFound(id))
        }
    }
}
