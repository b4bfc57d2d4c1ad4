use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use engage_domain::{Timestamp, TokenId};
use engage_identity::{Bearer, Credential, CredentialVerifier, Identity, VerifierError};
use engage_repository::{FoundToken, RepositoryError, TokenRepository};
use tracing::{Instrument, warn};

use super::secret::{StaffTokenSecret, hash};
use super::token_limits::earliest;

/// Minimum time between two records of the use of a token.
const RECORD_INTERVAL: Duration = Duration::from_mins(1);

/// Verifies tokens issued by Engage and records their last use.
///
/// Uses are recorded at most once per minute and token, in the background. A failure does not
/// affect the request.
///
/// ```
/// # use std::sync::Arc;
/// use engage_application::OpaqueTokens;
/// # use engage_application::{Initiator, ManageTokens, NewToken, TokenLives, TokenMaker};
/// use engage_identity::CredentialVerifier;
/// # use engage_repository::StaffRepository;
/// # use engage_sqlite::SqliteStore;
/// # use engage_system::SystemIds;
/// # use engage_testkit::ManualClock;
/// # use engage_testkit::builders::{a_staff_member, minutes_later, monday};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let store = Arc::new(SqliteStore::in_memory()?);
/// # let jane = a_staff_member("staff-123");
/// # store.add_staff(&jane).await?;
/// # let (clock, ids) = (Arc::new(ManualClock::new()), Arc::new(SystemIds));
/// # let (staff, acts, lives) = (store.clone(), store.clone(), TokenLives::default());
/// # let tokens = ManageTokens::new(staff, acts.clone(), acts, clock, ids, lives);
/// # let expires_at = Some(minutes_later(60));
/// # let request = NewToken { staff_id: jane.id.clone(), name: None, expires_at };
/// # let by = Initiator::command_line();
/// # let issued = tokens.issue(request, &TokenMaker::CommandLine, &by).await?;
/// let verifier = OpaqueTokens::new(store);
/// let secret = issued.secret.expose();
/// let bearer = verifier.verify(secret, monday()).await?.expect("the token is valid");
/// assert_eq!(bearer.credential.token_id(), Some(issued.token.id));
/// assert_eq!(verifier.verify(secret, minutes_later(60)).await?, None);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct OpaqueTokens {
    tokens: Arc<dyn TokenRepository>,
    recorded: Arc<Mutex<HashMap<TokenId, Timestamp>>>,
}

impl OpaqueTokens {
    /// Creates the verifier.
    pub fn new(tokens: Arc<dyn TokenRepository>) -> Self {
        Self { tokens, recorded: Arc::default() }
    }

    fn record_use(&self, id: TokenId, now: Timestamp) {
        if !self.should_record(id, now) {
            return;
        }
        let tokens = Arc::clone(&self.tokens);
        let recording = async move {
            if let Err(error) = tokens.note_token_use(id, now).await {
                warn!(%error, "failed to record the use of a token");
            }
        };
        tokio::spawn(recording.in_current_span());
    }

    fn should_record(&self, id: TokenId, now: Timestamp) -> bool {
        // Each statement leaves the map consistent, so a panic elsewhere does no harm.
        let mut recorded = self.recorded.lock().unwrap_or_else(PoisonError::into_inner);
        let is_fresh = |at: &Timestamp| now < at.plus(RECORD_INTERVAL);
        if recorded.get(&id).is_some_and(is_fresh) {
            return false;
        }
        // Runs at most once per minute and token, and limits the map to tokens in use.
        recorded.retain(|_, at| is_fresh(at));
        recorded.insert(id, now);
        true
    }
}

#[async_trait]
impl CredentialVerifier for OpaqueTokens {
    /// Looks the token up by its SHA-256, so that response times reveal nothing about valid tokens.
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
        self.record_use(token.id, now);
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
        // The other errors do not occur on reads.
        RepositoryError::Unavailable(_)
        | RepositoryError::Conflict
        | RepositoryError::Outdated
        | RepositoryError::Duplicate { .. } => VerifierError::unavailable(error),
    }
}
