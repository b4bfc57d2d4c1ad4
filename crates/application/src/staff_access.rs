use std::fmt::Write;
use std::sync::Arc;

use engage_domain::{Line, StaffId, StaffMember, Timestamp, TokenId};
use engage_repository::{RepositoryError, StaffRepository, StaffToken, TokenHash, TokenRepository};
use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::environment::{Clock, IdGenerator};

/// A staff token: what a staff member shows to be recognised. 256 random bits, shown once.
#[derive(Clone, PartialEq, Eq)]
pub struct StaffTokenSecret(String);

impl StaffTokenSecret {
    const PREFIX: &str = "eng_";

    fn from_bits(bits: [u8; 32]) -> Self {
        let mut text = Self::PREFIX.to_owned();
        for byte in bits {
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
        }
        Self(text)
    }

    /// The token as its owner has to show it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for StaffTokenSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("StaffTokenSecret(..)")
    }
}

fn hash(token: &str) -> TokenHash {
    TokenHash(Sha256::digest(token.as_bytes()).into())
}

/// Recognises members of staff by their tokens.
#[derive(Clone)]
pub struct Authenticate {
    tokens: Arc<dyn TokenRepository>,
    clock: Arc<dyn Clock>,
}

impl Authenticate {
    /// Recognises the owners of the tokens kept there.
    pub fn new(tokens: Arc<dyn TokenRepository>, clock: Arc<dyn Clock>) -> Self {
        Self { tokens, clock }
    }

    /// The owner of a token; nobody where it is unknown, void, or its owner has left.
    ///
    /// Looked up by its SHA-256, so that the time it takes tells nothing about any valid token.
    pub async fn execute(&self, token: &str) -> Result<Option<StaffMember>, RepositoryError> {
        if !token.starts_with(StaffTokenSecret::PREFIX) {
            return Ok(None);
        }
        self.tokens.find_token_owner(&hash(token), self.clock.now()).await
    }
}

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

/// Why no token was made.
#[derive(Debug, Error)]
pub enum IssueTokenError {
    /// No active staff member has the id.
    #[error("there is no active staff member {0}")]
    StaffNotFound(StaffId),
    /// Storage failed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

/// Makes tokens for members of staff.
pub struct IssueToken {
    staff: Arc<dyn StaffRepository>,
    tokens: Arc<dyn TokenRepository>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdGenerator>,
}

impl IssueToken {
    /// Makes tokens for the members of staff kept there.
    pub fn new(
        staff: Arc<dyn StaffRepository>,
        tokens: Arc<dyn TokenRepository>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdGenerator>,
    ) -> Self {
        Self { staff, tokens, clock, ids }
    }

    /// Makes a token for an active staff member. What is returned is the only copy.
    pub async fn execute(&self, request: NewToken) -> Result<StaffTokenSecret, IssueTokenError> {
        let NewToken { staff_id, name, expires_at } = request;
        match self.staff.find_staff(&staff_id).await? {
            Some(member) if member.is_active() => {}
            _ => return Err(IssueTokenError::StaffNotFound(staff_id)),
        }
        let secret = StaffTokenSecret::from_bits(self.ids.secret());
        let token = StaffToken {
            id: TokenId::from_u128(self.ids.next_id()),
            staff_id,
            name,
            hash: hash(secret.expose()),
            created_at: self.clock.now(),
            expires_at,
        };
        self.tokens.add_token(&token).await?;
        Ok(secret)
    }
}
