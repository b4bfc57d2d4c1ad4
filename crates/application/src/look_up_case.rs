use std::convert::Infallible;
use std::sync::Arc;

use engage_domain::CaseNumber;
use engage_repository::{CaseProgress, CaseQueries, UpdatesWanted};

use crate::customer_access::Authorized;
use crate::{CaseError, CasePerson, CustomerAuthorizer, Proof, ProofDemand};

/// A case, and the person to whom it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LookedUpCase {
    /// The case, with a page of what the person may read of its conversation.
    pub progress: CaseProgress,
    /// The person.
    pub person: CasePerson,
}

/// Shows a case to its customer and its participants.
///
/// ```
/// # use std::sync::Arc;
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
/// # let page = UpdatesWanted::LATEST;
/// let authorizer = CustomerAuthorizer::new(AccessMode::Email, tokens, clock);
/// let look_up_case = LookUpCase::new(store, authorizer);
/// let [john, jane] = ["John@example.com", "jane@example.com"]
///     .map(|email| Proof { email: email.parse().ok(), ..Proof::default() });
/// let found = look_up_case.execute(&a_case_number(1), &john, &page).await?;
/// assert_eq!(found.progress.case.facts().customer.name.as_str(), "John Doe");
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

    /// Returns the case as the person sees it, with a page of what they may read of its conversation.
    /// The view in `updates` is ignored.
    pub async fn execute(
        &self,
        number: &CaseNumber,
        proof: &Proof,
        updates: &UpdatesWanted,
    ) -> Result<LookedUpCase, CaseError<Infallible>> {
        if proof.names_participant() {
            return self.for_participant(number, proof, updates).await;
        }
        self.look_up(number, proof, &UpdatesWanted { view: None, ..*updates }).await
    }

    /// Looks a case up for a participant. What they may read stands in the case, so that it is read
    /// before the page, and again with it, in case it has changed in between.
    async fn for_participant(
        &self,
        number: &CaseNumber,
        proof: &Proof,
        updates: &UpdatesWanted,
    ) -> Result<LookedUpCase, CaseError<Infallible>> {
        let mut view = self.look_up(number, proof, &UpdatesWanted::LATEST).await?.person.view();
        loop {
            let found = self.look_up(number, proof, &UpdatesWanted { view, ..*updates }).await?;
            if found.person.view() == view {
                return Ok(found);
            }
            view = found.person.view();
        }
    }

    async fn look_up(
        &self,
        number: &CaseNumber,
        proof: &Proof,
        updates: &UpdatesWanted,
    ) -> Result<LookedUpCase, CaseError<Infallible>> {
        let find = async { Ok(self.queries.find_case_progress(number, updates).await?) };
        let authorized = self.authorizer.authorize(number, proof, ProofDemand::OfMode, find).await;
        let Authorized { found: progress, person, .. } = authorized?;
        Ok(LookedUpCase { progress, person })
    }
}
