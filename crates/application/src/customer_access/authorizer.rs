use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use engage_domain::contact::ERASED_EMAIL;
use engage_domain::{
    Case, CaseFacts, CaseId, CaseNumber, EmailAddress, Participant, PersonId, Source,
};
use engage_environment::Clock;
use engage_repository::{AccessGeneration, CaseGenerations, CaseProgress, StoredCase};
use thiserror::Error;
use tokio::time::{Instant, sleep_until};

use super::{AccessToken, AccessTokens, CasePerson, LinkMark};
use crate::error::CaseError;

/// Minimum response time to a wrong proof. It is longer than a case look-up, so the response time
/// does not reveal whether the case exists.
pub(super) const REFUSED_AFTER: Duration = Duration::from_millis(100);

/// Proof required from customers in addition to the case number.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum AccessMode {
    /// No further proof (`case-number`).
    #[default]
    CaseNumber,
    /// The email address used to open the case, or an access token (`email`).
    Email,
    /// An access token (`token`).
    Token,
}

/// Error returned when parsing an unknown access mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("must be case-number, email or token")]
pub struct AccessModeError;

impl AccessMode {
    /// Returns the name used in the settings.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CaseNumber => "case-number",
            Self::Email => "email",
            Self::Token => "token",
        }
    }

    /// Returns the request fields of which one is required. Empty if no proof is required.
    pub const fn accepts(self) -> &'static [&'static str] {
        match self {
            Self::CaseNumber => &[],
            Self::Email => &["email", "accessToken"],
            Self::Token => &["accessToken"],
        }
    }
}

impl fmt::Display for AccessMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for AccessMode {
    type Err = AccessModeError;

    fn from_str(text: &str) -> Result<Self, AccessModeError> {
        let modes = [Self::CaseNumber, Self::Email, Self::Token];
        modes.into_iter().find(|mode| mode.as_str() == text.trim()).ok_or(AccessModeError)
    }
}

/// Proof presented by a customer or a participant. Every part must match the case and be of the same
/// person.
#[derive(Debug, Clone, Default)]
pub struct Proof {
    /// The email address used to open the case, or that of the participant whose token is presented.
    pub email: Option<EmailAddress>,
    /// Access token from the request.
    pub token: Option<AccessToken>,
    /// Access token from the `Authorization` header. In `case-number` mode, bearer tokens of other
    /// kinds are ignored.
    pub bearer: Option<AccessToken>,
    /// Mark of the link from which the token comes. It says nothing without a token.
    pub mark: Option<LinkMark>,
}

impl Proof {
    /// Checks whether a token of a participant is presented. It is not verified.
    pub(crate) fn names_participant(&self) -> bool {
        let tokens = self.token.iter().chain(&self.bearer);
        tokens.into_iter().any(|token| token.claimed_participant().is_some())
    }
}

/// Proof that an act requires.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ProofDemand {
    /// The proof of the access mode, or a token if the case requires one.
    #[default]
    OfMode,
    /// A token in every access mode.
    Token,
    /// A token in every access mode, which may also be that of a participant who left.
    TokenToReturn,
}

/// Authorizes customers and participants to act on their cases.
#[derive(Clone)]
pub struct CustomerAuthorizer {
    mode: AccessMode,
    tokens: AccessTokens,
    clock: Arc<dyn Clock>,
}

/// A record about a case and the generations of its people's proofs.
pub(crate) trait OfPeople {
    fn case(&self) -> &Case;
    fn generations(&self) -> &CaseGenerations;
}

impl OfPeople for StoredCase {
    fn case(&self) -> &Case {
        &self.case
    }

    fn generations(&self) -> &CaseGenerations {
        &self.generations
    }
}

impl OfPeople for CaseProgress {
    fn case(&self) -> &Case {
        &self.case
    }

    fn generations(&self) -> &CaseGenerations {
        &self.generations
    }
}

/// A record about a case and the person of it whose proof was accepted.
pub(crate) struct Authorized<T> {
    pub(crate) found: T,
    pub(crate) person: CasePerson,
    /// If set, the proof came to the address that the customer has now.
    pub(crate) has_mailbox: bool,
}

impl CustomerAuthorizer {
    /// Creates an authorizer that requires the proof of `mode`.
    pub fn new(mode: AccessMode, tokens: AccessTokens, clock: Arc<dyn Clock>) -> Self {
        Self { mode, tokens, clock }
    }

    /// Returns the result of `find`, and whose proof it is, if all presented proof matches the case.
    ///
    /// A wrong mark is ignored, since a corrected address has another one.
    ///
    /// Fails with [`CaseError::ProofRequired`], without reading anything, if the mode or the act
    /// requires more proof, or if the case requires a token and the presented proof has none. Fails
    /// with [`CaseError::NotFound`] if there is no such case or if the proof does not match. Both
    /// take the same time.
    pub(crate) async fn authorize<T: OfPeople, R: std::error::Error + 'static>(
        &self,
        number: &CaseNumber,
        proof: &Proof,
        demand: ProofDemand,
        find: impl Future<Output = Result<Option<T>, CaseError<R>>>,
    ) -> Result<Authorized<T>, CaseError<R>> {
        let shown = self.require(proof, demand)?;
        let begun_at = Instant::now();
        let found = find.await?;
        let has_mark = found.as_ref().is_some_and(|found| self.is_marked(&shown, found.case()));
        let person = self.identify(&shown, has_mark, demand, found.as_ref());
        if let Some((found, person)) = found.zip(person) {
            let is_enough = shown.has_token() || !requires_token(found.case().facts());
            let accepts = AccessMode::Token.accepts();
            return if is_enough {
                let has_mailbox = has_mark && person == CasePerson::Customer;
                Ok(Authorized { found, person, has_mailbox })
            } else {
                Err(CaseError::ProofRequired { accepts })
            };
        }
        if shown.is_any() {
            sleep_until(begun_at + REFUSED_AFTER).await;
        }
        Err(CaseError::NotFound(number.clone()))
    }

    fn require<'a, R: std::error::Error + 'static>(
        &self,
        proof: &'a Proof,
        demand: ProofDemand,
    ) -> Result<Shown<'a>, CaseError<R>> {
        let Proof { email, token, bearer, mark } = proof;
        let bearer = bearer
            .as_ref()
            .filter(|bearer| self.mode != AccessMode::CaseNumber || bearer.has_prefix());
        let tokens = [token.as_ref(), bearer];
        let shown = Shown { email: email.as_ref(), tokens, mark: mark.as_ref() };
        let mode = match demand {
            ProofDemand::OfMode => self.mode,
            ProofDemand::Token | ProofDemand::TokenToReturn => AccessMode::Token,
        };
        let is_enough = match mode {
            AccessMode::CaseNumber => true,
            AccessMode::Email => shown.is_any(),
            AccessMode::Token => shown.has_token(),
        };
        if is_enough {
            Ok(shown)
        } else {
            Err(CaseError::ProofRequired { accepts: mode.accepts() })
        }
    }

    /// Returns the person whose proof is presented, if there is a case and all of the proof matches
    /// it. Takes the same time if there is no case.
    fn identify(
        &self,
        shown: &Shown<'_>,
        has_mark: bool,
        demand: ProofDemand,
        found: Option<&impl OfPeople>,
    ) -> Option<CasePerson> {
        match shown.claimed_participant() {
            Some(id) => self.identify_participant(shown, id, demand, found),
            None => self.is_customer(shown, has_mark, found).then_some(CasePerson::Customer),
        }
    }

    /// Checks whether a token comes from a link to the customer's address.
    fn is_marked(&self, shown: &Shown<'_>, case: &Case) -> bool {
        let CaseFacts { id, customer, .. } = case.facts();
        let marked = shown.mark.filter(|_| shown.has_token()).zip(customer.email.as_ref());
        marked.is_some_and(|(mark, address)| self.tokens.is_link_mark(mark, *id, address))
    }

    fn is_customer(
        &self,
        shown: &Shown<'_>,
        has_mark: bool,
        found: Option<&impl OfPeople>,
    ) -> bool {
        let (id, email, generation, before) = match found {
            Some(found) => {
                let facts = found.case().facts();
                let email = facts.customer.email.as_ref().map(EmailAddress::normalized);
                let generations = found.generations();
                (facts.id, email, generations.customer, generations.before_proof())
            }
            None => (NO_CASE, None, AccessGeneration::default(), None),
        };
        // The placeholder for erased addresses belongs to no customer.
        let email = email.filter(|email| email != ERASED_EMAIL);
        let now = self.clock.now();
        let fits = |token: &AccessToken| {
            let fits = |generation| self.tokens.fits(token.expose(), id, generation, now);
            // Who has proven the address goes on with the link that they have.
            let fitted = before.filter(|_| has_mark).is_some_and(fits);
            fits(generation) | fitted
        };
        let tokens_fit = shown.tokens().fold(true, |all, token| all & fits(token));
        let email_fits = self.is_address(shown, email.as_deref());
        found.is_some() & tokens_fit & email_fits
    }

    fn identify_participant(
        &self,
        shown: &Shown<'_>,
        person: PersonId,
        demand: ProofDemand,
        found: Option<&impl OfPeople>,
    ) -> Option<CasePerson> {
        let (id, participant, generation) = match found {
            Some(found) => {
                let facts = found.case().facts();
                let generation = found.generations().participants.of(person);
                (facts.id, facts.participant(person), generation)
            }
            None => (NO_CASE, None, AccessGeneration::default()),
        };
        let participant = participant.filter(|participant| may_use_token(participant, demand));
        let now = self.clock.now();
        let tokens_fit = shown.tokens().fold(true, |all, token| {
            all & self.tokens.fits_participant(token.expose(), id, person, generation, now)
        });
        let email = participant.map(|participant| participant.email.normalized());
        let email_fits = self.is_address(shown, email.as_deref());
        let participant = participant.filter(|_| tokens_fit & email_fits)?;
        Some(CasePerson::Participant(participant.clone()))
    }

    /// Checks whether no address is presented, or that of the person.
    fn is_address(&self, shown: &Shown<'_>, email: Option<&str>) -> bool {
        let expected = email.unwrap_or("nobody@nowhere.invalid");
        let is_same = shown
            .email
            .is_none_or(|shown| self.tokens.is_same_address(&shown.normalized(), expected));
        is_same & (email.is_some() || shown.email.is_none())
    }
}

/// Stands for the case that there is not.
const NO_CASE: CaseId = CaseId::from_u128(0);

/// Checks whether the token of a participant opens the case. Those who left may only come back.
fn may_use_token(participant: &Participant, demand: ProofDemand) -> bool {
    match demand {
        ProofDemand::OfMode | ProofDemand::Token => participant.may_act(),
        ProofDemand::TokenToReturn => participant.may_hold_token(),
    }
}

/// Checks whether a case requires a token in every mode. Only those that customers opened themselves
/// are open to whoever knows the number or the address, and only as long as nobody else knows both
/// because they took part.
fn requires_token(case: &CaseFacts) -> bool {
    let is_opened_by_customer = match case.source {
        Source::Api | Source::Form => true,
        Source::Email | Source::Staff | Source::Import => false,
    };
    !is_opened_by_customer || !case.participants.is_empty()
}

/// The parts of a proof that are checked in the current mode.
struct Shown<'a> {
    email: Option<&'a EmailAddress>,
    tokens: [Option<&'a AccessToken>; 2],
    mark: Option<&'a LinkMark>,
}

impl Shown<'_> {
    fn tokens(&self) -> impl Iterator<Item = &AccessToken> {
        self.tokens.into_iter().flatten()
    }

    fn has_token(&self) -> bool {
        self.tokens().next().is_some()
    }

    /// Returns the participant whom the first token of a participant names.
    fn claimed_participant(&self) -> Option<PersonId> {
        self.tokens().find_map(AccessToken::claimed_participant)
    }

    fn is_any(&self) -> bool {
        self.email.is_some() || self.has_token()
    }
}
