use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use engage_domain::{Timestamp, TokenId};
use engage_identity::{Bearer, Credential, CredentialVerifier, Identity, VerifierError};
use engage_repository::{FoundToken, RepositoryError, TokenRepository};
use tracing::{Instrument, warn};

use super::secret::{StaffTokenSecret, hash};
use super::token_ceiling::earliest;

/// How often the use of a token is written down, at most.
const NOTED: Duration = Duration::from_mins(1);

/// Recognises the tokens that Engage made, and writes down when they were used: once a minute each,
/// beside the request, which does not wait for it and does not fail with it.
#[derive(Clone)]
pub struct OpaqueTokens {
    tokens: Arc<dyn TokenRepository>,
    noted: Arc<Mutex<HashMap<TokenId, Timestamp>>>,
}

impl OpaqueTokens {
    /// Recognises those that are kept there.
    pub fn new(tokens: Arc<dyn TokenRepository>) -> Self {
        Self { tokens, noted: Arc::default() }
    }

    fn note_use(&self, id: TokenId, now: Timestamp) {
        if !self.is_to_be_noted(id, now) {
            return;
        }
        let tokens = Arc::clone(&self.tokens);
        let noting = async move {
            if let Err(error) = tokens.note_token_use(id, now).await {
                warn!(%error, "the use of a token was not written down");
            }
        };
        tokio::spawn(noting.in_current_span());
    }

    fn is_to_be_noted(&self, id: TokenId, now: Timestamp) -> bool {
        // It is whole after every statement that changes it.
        let mut noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        let is_fresh = |at: &Timestamp| now < at.plus(NOTED);
        if noted.get(&id).is_some_and(is_fresh) {
            return false;
        }
        // Once a minute for each token that is used, so that what is kept is what is in use.
        noted.retain(|_, at| is_fresh(at));
        noted.insert(id, now);
        true
    }
}

#[async_trait]
impl CredentialVerifier for OpaqueTokens {
    /// Looked up by its SHA-256, so that the time it takes tells nothing about any valid token.
    async fn verify(
        &self,
        credential: &str,
        now: Timestamp,
    ) -> Result<Option<Bearer>, VerifierError> {
        if !credential.starts_with(StaffTokenSecret::PREFIX) {
            return Ok(None);
        }
        let found = self.tokens.find_token(&hash(credential), now).await;
        let Some(found) = found.map_err(verifier_error)? else { return Ok(None) };
        let FoundToken { token, owner, superseded_until } = found;
        self.note_use(token.id, now);
        Ok(Some(Bearer {
            identity: Identity::Member { member: owner, role_ceiling: token.role_ceiling },
            credential: Credential::Token {
                id: token.id,
                expires_at: earliest(token.expires_at, superseded_until),
                is_superseded: superseded_until.is_some(),
            },
        }))
    }
}

pub(super) fn verifier_error(error: RepositoryError) -> VerifierError {
    match error {
        RepositoryError::Internal(_) => VerifierError::internal(error),
        // A read meets none of the others.
        RepositoryError::Unavailable(_)
        | RepositoryError::Conflict
        | RepositoryError::Outdated
        | RepositoryError::Duplicate { .. } => VerifierError::unavailable(error),
    }
}
