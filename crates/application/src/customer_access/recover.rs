use std::sync::Arc;

use engage_domain::contact::ERASED_EMAIL;
use engage_domain::{
    Address, Case, CaseId, CaseNumber, EmailAddress, NotificationId, Participant, PersonId,
    Template,
};
use engage_environment::{Clock, IdGenerator};
use engage_repository::{
    AccessGeneration, AccessRepository, CaseRepository, NewAccessCode, OutboxMessage,
    RepositoryError, StoredCase,
};
use thiserror::Error;
use tokio::time::{Instant, sleep_until};
use tracing::{Instrument, error};

use super::access_code::AccessCode;
use super::authorizer::REFUSED_AFTER;
use super::{AccessToken, AccessTokens};
use crate::CaseChanges;
use crate::error::CaseError;
use crate::outbox_signal::OutboxSignal;

/// Error returned when a code cannot be redeemed. It does not reveal whether the case exists.
#[derive(Debug, Error)]
pub enum RedeemError {
    /// The code does not match the case and the address, has expired, or was already used. Request
    /// a new one.
    #[error("the code is wrong or no longer valid")]
    Invalid,
    /// Too many concurrent changes to the case. Try the same code again.
    #[error("the case is being changed by too many requests at once")]
    Busy,
    /// Storage failed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

/// Gives customers and participants a new access token in exchange for a code that is sent to the
/// email address used to open the case, or to that of the participant.
///
/// A participant who left gets a token as well, with which they can only come back.
///
/// ```
/// # use std::sync::Arc;
/// use engage_application::{RecoverAccess, RedeemError};
/// # use engage_application::{AccessTokens, OutboxSignal, ServerSecret};
/// # use engage_application::{CaseChanges, CasePorts, CaseRules};
/// # use engage_domain::EmailAddress;
/// # use engage_repository::{CaseRepository, OutboxRepository};
/// # use engage_sqlite::SqliteStore;
/// # use engage_system::SystemIds;
/// # use engage_testkit::ManualClock;
/// # use engage_testkit::builders::{a_case_number, a_change_set, a_claim, an_opened};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let store = Arc::new(SqliteStore::in_memory()?);
/// # store.commit(a_change_set(an_opened(1), Vec::new())).await?;
/// # let secret = ServerSecret::from_bits([7; 32]);
/// # let tokens = AccessTokens::new(&secret, AccessTokens::DEFAULT_LIFETIME);
/// # let (clock, ids) = (Arc::new(ManualClock::new()), Arc::new(SystemIds));
/// # let ports = CasePorts::new(store.clone(), store.clone(), clock, ids);
/// # let recover_access = RecoverAccess {
/// #     cases: store.clone(),
/// #     access: store.clone(),
/// #     tokens: tokens.clone(),
/// #     changes: Arc::new(CaseChanges::new(ports, CaseRules::default())),
/// #     clock: Arc::new(ManualClock::new()),
/// #     ids: Arc::new(SystemIds),
/// #     outbox_signal: OutboxSignal::default(),
/// # };
/// # let (number, john): (_, EmailAddress) = (a_case_number(1), "john@example.com".parse()?);
/// recover_access.request(Some(&number), &john).await?;
/// # let mut mails = Vec::new();
/// # engage_testkit::contract::in_time(async {
/// #     while mails.is_empty() {
/// #         mails = store.claim_due(a_claim()).await.unwrap();
/// #         tokio::task::yield_now().await;
/// #     }
/// # })
/// # .await;
/// // The code arrives by e-mail, such as K7QM-4XPD.
/// let code = tokens.code(mails[0].id).to_string();
/// let token = recover_access.redeem(Some(&number), &john, &code).await?;
/// assert!(token.expose().starts_with("cat_"));
///
/// let again = recover_access.redeem(Some(&number), &john, &code).await;
/// assert!(matches!(again, Err(RedeemError::Invalid)));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct RecoverAccess {
    /// Stored cases.
    pub cases: Arc<dyn CaseRepository>,
    /// Stored codes.
    pub access: Arc<dyn AccessRepository>,
    /// Derives codes and tokens.
    pub tokens: AccessTokens,
    /// Changes of cases, which record that an address was proven.
    pub changes: Arc<CaseChanges>,
    /// Source of the current time.
    pub clock: Arc<dyn Clock>,
    /// Source of notification ids.
    pub ids: Arc<dyn IdGenerator>,
    /// Wakes the dispatcher after a code was stored.
    pub outbox_signal: OutboxSignal,
}

impl RecoverAccess {
    /// Sends a code if the case was opened with this address or somebody with this address takes
    /// part, and the rate limit allows it.
    ///
    /// Neither the result nor the response time reveals whether a code was sent.
    pub async fn request(
        &self,
        number: Option<&CaseNumber>,
        email: &EmailAddress,
    ) -> Result<(), RepositoryError> {
        let respond_at = Instant::now() + REFUSED_AFTER;
        if let Some(Claimed { case, person, address, template }) = self.find(number, email).await? {
            let message = OutboxMessage {
                id: NotificationId::from_u128(self.ids.next_id()),
                template,
                address: Address::Email(address),
                person: (!person.is_customer_of(case)).then_some(person),
            };
            let (limit, valid_for) = (AccessCode::LIMIT, AccessCode::VALID_FOR);
            self.store_in_background(NewAccessCode { case, person, message, limit, valid_for });
        }
        sleep_until(respond_at).await;
        Ok(())
    }

    /// Stores a code in the background, so that the response does not wait for it.
    fn store_in_background(&self, code: NewAccessCode) {
        let (access, outbox_signal) = (Arc::clone(&self.access), self.outbox_signal.clone());
        let storing = async move {
            match access.add_code(code).await {
                Ok(true) => outbox_signal.notify(),
                Ok(false) => tracing::info!("no access code sent: rate limit reached"),
                Err(failure) => {
                    let cause = std::error::Error::source(&failure).map(ToString::to_string);
                    error!(%failure, cause, "failed to store an access code");
                }
            }
        };
        tokio::spawn(storing.in_current_span());
    }

    /// Exchanges a code for a new access token and revokes all earlier tokens of the person. The code of
    /// a customer proves the address of the case.
    ///
    /// Fails with [`RedeemError::Invalid`] if the code does not match or is no longer valid, and with
    /// [`RedeemError::Busy`] if the case is being changed by too many requests at once.
    pub async fn redeem(
        &self,
        number: Option<&CaseNumber>,
        email: &EmailAddress,
        code: &str,
    ) -> Result<AccessToken, RedeemError> {
        let respond_at = Instant::now() + REFUSED_AFTER;
        let Some((case, person, generation)) = self.redeemed(number, email, code).await? else {
            sleep_until(respond_at).await;
            return Err(RedeemError::Invalid);
        };
        let now = self.clock.now();
        Ok(if person.is_customer_of(case) {
            self.tokens.issue(case, generation, now)
        } else {
            self.tokens.issue_to_participant(case, person, generation, now)
        })
    }

    async fn redeemed(
        &self,
        number: Option<&CaseNumber>,
        email: &EmailAddress,
        code: &str,
    ) -> Result<Option<(CaseId, PersonId, AccessGeneration)>, RedeemError> {
        let claimed = self.find(number, email).await?;
        let Some(shown) = AccessCode::read(code) else { return Ok(None) };
        // Without a match, try a case that does not exist, which takes the same time.
        let nobody = (CaseId::from_u128(0), PersonId::from_u128(0));
        let (case, person) =
            claimed.as_ref().map_or(nobody, |claimed| (claimed.case, claimed.person));
        let (valid_for, most) = (AccessCode::VALID_FOR, AccessCode::MOST_TRIES);
        let code_of = self.access.try_code(case, person, valid_for, most).await?;
        let Some(notification) = code_of.filter(|id| self.tokens.is_code(*id, &shown)) else {
            return Ok(None);
        };
        // Comes first, so that no code is spent without its proof. The code has been shown either way.
        let customer = claimed.filter(|claimed| claimed.person.is_customer_of(claimed.case));
        if let Some((number, customer)) = number.zip(customer) {
            match self.changes.prove_address(number.clone(), customer.address).await {
                Ok(()) => {}
                Err(CaseError::Busy) => return Err(RedeemError::Busy),
                Err(CaseError::Repository(error)) => return Err(error.into()),
                // Meanwhile, the address was corrected.
                Err(_) => return Ok(None),
            }
        }
        let generation = self.access.redeem_code(case, person, notification).await?;
        Ok(generation.map(|generation| (case, person, generation)))
    }

    /// Looks up a case and the person of it who has the address.
    async fn find(
        &self,
        number: Option<&CaseNumber>,
        email: &EmailAddress,
    ) -> Result<Option<Claimed>, RepositoryError> {
        let found = match number {
            Some(number) => self.cases.find_case(number).await?,
            None => None,
        };
        let case = found.map(|StoredCase { case, .. }| case);
        let given = email.normalized();
        let is_given = |address: Option<&EmailAddress>| {
            let address = address.map(EmailAddress::normalized).unwrap_or_default();
            self.tokens.is_same_address(&given, &address) && address != ERASED_EMAIL
        };
        // Compared even if there is no case, which takes the same time.
        let address = case.as_ref().and_then(|case| case.facts().customer.email.clone());
        let is_customer = is_given(address.as_ref());
        let Some(case) = case else { return Ok(None) };
        if let Some(address) = address.filter(|_| is_customer) {
            return Ok(Some(Claimed::by_customer(&case, address)));
        }
        let mut participants = case.facts().participants.iter();
        let participant = participants
            .find(|participant| participant.may_hold_token() && is_given(Some(&participant.email)));
        Ok(participant.map(|participant| Claimed::by_participant(&case, participant)))
    }
}

/// A person of a case whose address was given.
struct Claimed {
    case: CaseId,
    person: PersonId,
    address: EmailAddress,
    template: Template,
}

impl Claimed {
    fn by_customer(case: &Case, address: EmailAddress) -> Self {
        let case = case.facts().id;
        let (person, template) = (PersonId::of_customer(case), Template::CaseAccessCustomer);
        Self { case, person, address, template }
    }

    fn by_participant(case: &Case, participant: &Participant) -> Self {
        let Participant { id, email, .. } = participant;
        let template = Template::CaseCodeParticipant;
        Self { case: case.facts().id, person: *id, address: email.clone(), template }
    }
}
