use std::convert::Infallible;
use std::sync::Arc;

use engage_domain::CaseNumber;
use engage_repository::{CaseProgress, CaseQueries, UpdatesWanted};

use crate::{CaseError, CustomerAuthorizer, Proof};

/// Shows a case to its customer.
///
/// ```
/// # use std::{num::NonZeroU32, sync::Arc};
/// use engage_application::{AccessMode, CaseError, CustomerAuthorizer, LookUpCase, Proof};
/// # use engage_application::{AccessTokens, ServerSecret};
/// # use engage_repository::{CaseRepository, UpdatesWanted};
/// # use engage_sqlite::SqliteStore;
/// # use engage_testkit::ManualClock;
/// # use engage_testkit::builders::{a_case_number, a_change_set, an_opened};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let store = Arc::new(SqliteStore::in_memory()?);
/// # store.commit(a_change_set(an_opened(1), Vec::new())).await?;
/// # let (clock, secret) = (Arc::new(ManualClock::new()), ServerSecret::from_bits([7; 32]));
/// # let tokens = AccessTokens::new(&secret, AccessTokens::DEFAULT_LIFETIME);
/// # let page = UpdatesWanted { before: None, limit: NonZeroU32::MIN };
/// let authorizer = CustomerAuthorizer::new(AccessMode::Email, tokens, clock);
/// let look_up_case = LookUpCase::new(store, authorizer);
/// let [john, jane] = ["John@example.com", "jane@example.com"]
///     .map(|email| Proof { email: email.parse().ok(), ..Proof::default() });
/// let found = look_up_case.execute(&a_case_number(1), &john, &page).await?;
/// assert_eq!(found.case.facts().customer.name.as_str(), "John Doe");
///
/// // Nobody else learns whether there is such a case.
/// let other = look_up_case.execute(&a_case_number(1), &jane, &page).await;
/// assert!(matches!(other, Err(CaseError::NotFound(_))));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct LookUpCase {
    queries: Arc<dyn CaseQueries>,
    authorizer: CustomerAuthorizer,
}

impl LookUpCase {
    /// Creates the use case.
    pub fn new(queries: Arc<dyn CaseQueries>, authorizer: CustomerAuthorizer) -> Self {
        Self { queries, authorizer }
    }

    /// Returns the case as its customer sees it, with a page of its conversation.
    pub async fn execute(
        &self,
        number: &CaseNumber,
        proof: &Proof,
        updates: &UpdatesWanted,
    ) -> Result<CaseProgress, CaseError<Infallible>> {
        let find = async { Ok(self.queries.find_case_progress(number, updates).await?) };
        self.authorizer.authorize(number, proof, find).await
    }
}
