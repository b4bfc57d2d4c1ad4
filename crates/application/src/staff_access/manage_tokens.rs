use std::sync::Arc;

use engage_domain::text::Line;
use engage_domain::{Role, StaffId, Timestamp, TokenId};
use engage_environment::{Clock, IdGenerator};
use engage_repository::{
    AuditedStore, RemovedToken, RepositoryError, StaffRepository, StaffToken, TokenRepository,
};

use super::secret::{StaffTokenSecret, hash};
use super::token_error::TokenError;
use super::token_limits::{MOST_REMOVED, MOST_TOKENS, TokenLives, TokenMaker, earliest};
use super::token_rotation::OVERLAP;
use crate::audit::{Act, AuditAction, AuditRecorder, Initiator};

/// A request for a new token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewToken {
    /// Owner of the token.
    pub staff_id: StaffId,
    /// Purpose of the token.
    pub name: Option<Line<100>>,
    /// Requested expiry, which the maker's own limits may shorten.
    pub expires_at: Option<Timestamp>,
}

/// A token with its secret, which is shown only once.
#[derive(Debug, Clone)]
pub struct IssuedToken {
    /// The stored part of the token.
    pub token: StaffToken,
    /// The secret, which is not stored.
    pub secret: StaffTokenSecret,
}

/// Manages the tokens of members of staff.
///
/// ```
/// # use std::sync::Arc;
/// use engage_application::{Initiator, ManageTokens, NewToken, TokenLives, TokenMaker};
/// # use engage_repository::StaffRepository;
/// # use engage_sqlite::SqliteStore;
/// # use engage_system::SystemIds;
/// # use engage_testkit::ManualClock;
/// # use engage_testkit::builders::{a_staff_member, minutes_later};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let store = Arc::new(SqliteStore::in_memory()?);
/// # let jane = a_staff_member("staff-123");
/// # store.add_staff(&jane).await?;
/// # let (clock, ids) = (Arc::new(ManualClock::new()), Arc::new(SystemIds));
/// # let lives = TokenLives::default();
/// let tokens = ManageTokens::new(store.clone(), store.clone(), store, clock, ids, lives);
/// let (name, expires_at) = (Some("nightly export".parse()?), Some(minutes_later(60)));
/// let request = NewToken { staff_id: jane.id.clone(), name, expires_at };
/// let by = Initiator::command_line();
/// let issued = tokens.issue(request, &TokenMaker::CommandLine, &by).await?;
/// assert!(issued.secret.expose().starts_with("eng_"));
///
/// tokens.revoke(&jane.id, issued.token.id, &by).await?;
/// assert_eq!(tokens.list(&jane.id).await?, []);
/// assert_eq!(tokens.list_removed(&jane.id).await?.len(), 1);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct ManageTokens {
    staff: Arc<dyn StaffRepository>,
    tokens: Arc<dyn TokenRepository>,
    acts: Arc<dyn AuditedStore>,
    recorder: AuditRecorder,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdGenerator>,
    lives: TokenLives,
}

impl ManageTokens {
    /// Creates the use case.
    pub fn new(
        staff: Arc<dyn StaffRepository>,
        tokens: Arc<dyn TokenRepository>,
        acts: Arc<dyn AuditedStore>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdGenerator>,
        lives: TokenLives,
    ) -> Self {
        let recorder = AuditRecorder::new(Arc::clone(&clock), Arc::clone(&ids));
        Self { staff, tokens, acts, recorder, clock, ids, lives }
    }

    /// Issues a token to an active member. An expiry later than the maker may grant is shortened.
    pub async fn issue(
        &self,
        request: NewToken,
        maker: &TokenMaker,
        by: &Initiator,
    ) -> Result<IssuedToken, TokenError> {
        let NewToken { staff_id, name, expires_at } = request;
        let now = self.clock.now();
        if expires_at.is_some_and(|at| at <= now) {
            return Err(TokenError::Expired);
        }
        let ceiling = maker.ceiling(&staff_id, self.lives, now)?;
        let expires_at = match maker {
            TokenMaker::CommandLine => expires_at,
            TokenMaker::Staff(_) => expires_at.or(self.lives.default.map(|life| now.plus(life))),
        };
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
            expires_at: earliest(expires_at, ceiling.until),
            last_used_at: None,
            role_ceiling: ceiling.role,
            parent: ceiling.parent,
            made_by: ceiling.made_by,
        };
        let act = about(AuditAction::TokenCreated, &token);
        let acts = self.acts.tokens(self.recorder.record(by, act));
        match acts.add_token(&token, &hash(secret.expose())).await {
            Ok(()) => Ok(IssuedToken { token, secret }),
            Err(RepositoryError::Conflict) => Err(TokenError::MakerIsVoid),
            Err(error) => Err(error.into()),
        }
    }

    /// Gives a token a new secret and leaves everything else unchanged. The previous secret remains
    /// valid for 24 hours.
    pub async fn rotate(
        &self,
        staff_id: &StaffId,
        id: TokenId,
        maker: &TokenMaker,
        by: &Initiator,
    ) -> Result<IssuedToken, TokenError> {
        let all = self.list(staff_id).await?;
        let token = all.iter().find(|token| token.id == id).ok_or(TokenError::NotFound(id))?;
        maker.may_rotate(token, &all)?;
        let secret = StaffTokenSecret::from_bits(self.ids.secret());
        let until = self.clock.now().plus(OVERLAP);
        let act = Act::new(AuditAction::TokenRotated).to(id).of(staff_id).touched("secret");
        let acts = self.acts.tokens(self.recorder.record(by, act));
        if acts.rotate_token(staff_id, id, &hash(secret.expose()), until).await? {
            Ok(IssuedToken { token: token.clone(), secret })
        } else {
            Err(TokenError::NotFound(id))
        }
    }

    /// Lists the tokens of a member, oldest first.
    pub async fn list(&self, staff_id: &StaffId) -> Result<Vec<StaffToken>, TokenError> {
        let tokens = self.tokens.list_tokens(staff_id).await?;
        if tokens.is_empty() && self.staff.find_staff(staff_id).await?.is_none() {
            return Err(TokenError::StaffNotFound(staff_id.clone()));
        }
        Ok(tokens)
    }

    /// Revokes a token and all tokens derived from it, effective immediately.
    pub async fn revoke(
        &self,
        staff_id: &StaffId,
        id: TokenId,
        by: &Initiator,
    ) -> Result<(), TokenError> {
        let act = Act::new(AuditAction::TokenRevoked).to(id).of(staff_id);
        if self.acts.tokens(self.recorder.record(by, act)).remove_token(staff_id, id).await? {
            Ok(())
        } else {
            Err(TokenError::NotFound(id))
        }
    }

    /// Revokes the tokens of a member that `made_by` issued, and all tokens derived from them,
    /// effective immediately. Returns their number.
    pub async fn revoke_made_by(
        &self,
        staff_id: &StaffId,
        made_by: &StaffId,
        by: &Initiator,
    ) -> Result<u64, TokenError> {
        let act = Act::new(AuditAction::TokensRevoked).to(made_by).of(staff_id);
        let acts = self.acts.tokens(self.recorder.record(by, act));
        let removed = acts.remove_tokens_made_by(staff_id, made_by).await?;
        if removed == 0 && self.staff.find_staff(staff_id).await?.is_none() {
            return Err(TokenError::StaffNotFound(staff_id.clone()));
        }
        Ok(removed)
    }

    /// Lists the last 100 revoked tokens of a member, the most recently revoked first.
    pub async fn list_removed(&self, staff_id: &StaffId) -> Result<Vec<RemovedToken>, TokenError> {
        let removed = self.tokens.list_removed_tokens(staff_id, MOST_REMOVED).await?;
        if removed.is_empty() && self.staff.find_staff(staff_id).await?.is_none() {
            return Err(TokenError::StaffNotFound(staff_id.clone()));
        }
        Ok(removed)
    }
}

fn about(action: AuditAction, token: &StaffToken) -> Act {
    let act = Act::new(action).to(token.id).of(&token.staff_id);
    let act = act.set("name", token.name.as_ref().map(ToString::to_string));
    let act = act.set("expiresAt", token.expires_at.map(|at| at.to_string()));
    let act = act.set("roleCeiling", token.role_ceiling.map(Role::as_str));
    act.set("parentId", token.parent.map(|id| id.to_string()))
}
