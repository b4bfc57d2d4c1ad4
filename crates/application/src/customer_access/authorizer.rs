use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use engage_domain::contact::ERASED_EMAIL;
use engage_domain::{Case, CaseFacts, CaseId, CaseNumber, EmailAddress, Source};
use engage_environment::Clock;
use engage_repository::{AccessGeneration, CaseProgress, StoredCase};
use thiserror::Error;
use tokio::time::{Instant, sleep_until};

use super::{AccessToken, AccessTokens};
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

/// Proof presented by a customer. Every part must match the case.
#[derive(Debug, Clone, Default)]
pub struct Proof {
    /// The email address used to open the case.
    pub email: Option<EmailAddress>,
    /// Access token from the request.
    pub token: Option<AccessToken>,
    /// Access token from the `Authorization` header. In `case-number` mode, bearer tokens of other
    /// kinds are ignored.
    pub bearer: Option<AccessToken>,
}

/// Authorizes customers to act on their own cases.
#[derive(Clone)]
pub struct CustomerAuthorizer {
    mode: AccessMode,
    tokens: AccessTokens,
    clock: Arc<dyn Clock>,
}

/// A record about a case and the generation of its customer's proofs.
pub(crate) trait OfCustomer {
    fn case(&self) -> &Case;
    fn access_generation(&self) -> AccessGeneration;
}

impl OfCustomer for StoredCase {
    fn case(&self) -> &Case {
        &self.case
    }

    fn access_generation(&self) -> AccessGeneration {
        self.access_generation
    }
}

impl OfCustomer for CaseProgress {
    fn case(&self) -> &Case {
        &self.case
    }

    fn access_generation(&self) -> AccessGeneration {
        self.access_generation
    }
}

impl CustomerAuthorizer {
    /// Creates an authorizer that requires the proof of `mode`.
    pub fn new(mode: AccessMode, tokens: AccessTokens, clock: Arc<dyn Clock>) -> Self {
        Self { mode, tokens, clock }
    }

    /// Returns the result of `find` if all presented proof matches the case.
    ///
    /// Fails with [`CaseError::ProofRequired`], without reading anything, if the mode requires more
    /// proof, or if the case requires a token and the presented proof has none. Fails with
    /// [`CaseError::NotFound`] if there is no such case or if the proof does not match. Both take
    /// the same time.
    pub(crate) async fn authorize<T: OfCustomer, R: std::error::Error + 'static>(
        &self,
        number: &CaseNumber,
        proof: &Proof,
        find: impl Future<Output = Result<Option<T>, CaseError<R>>>,
    ) -> Result<T, CaseError<R>> {
        let shown = self.require(proof)?;
        let begun_at = Instant::now();
        let found = find.await?;
        let fits = self.fits(&shown, found.as_ref());
        if let Some(found) = found.filter(|_| fits) {
            let is_enough = shown.has_token() || !requires_token(found.case().facts());
            let accepts = AccessMode::Token.accepts();
            return if is_enough { Ok(found) } else { Err(CaseError::ProofRequired { accepts }) };
        }
        if shown.is_any() {
            sleep_until(begun_at + REFUSED_AFTER).await;
        }
        Err(CaseError::NotFound(number.clone()))
    }

    fn require<'a, R: std::error::Error + 'static>(
        &self,
        proof: &'a Proof,
    ) -> Result<Shown<'a>, CaseError<R>> {
        let Proof { email, token, bearer } = proof;
        let bearer = bearer.as_ref().filter(|bearer| {
            self.mode != AccessMode::CaseNumber || bearer.expose().starts_with(AccessToken::PREFIX)
        });
        let shown = Shown { email: email.as_ref(), tokens: [token.as_ref(), bearer] };
        let is_enough = match self.mode {
            AccessMode::CaseNumber => true,
            AccessMode::Email => shown.is_any(),
            AccessMode::Token => shown.has_token(),
        };
        if is_enough {
            Ok(shown)
        } else {
            Err(CaseError::ProofRequired { accepts: self.mode.accepts() })
        }
    }

    /// Checks whether there is a case and all presented proof matches it. Takes the same time if
    /// there is no case.
    fn fits(&self, shown: &Shown<'_>, found: Option<&impl OfCustomer>) -> bool {
        let (id, email, generation) = match found {
            Some(found) => {
                let facts = found.case().facts();
                let email = facts.customer.email.as_ref().map(EmailAddress::normalized);
                (facts.id, email, found.access_generation())
            }
            None => (CaseId::from_u128(0), None, AccessGeneration::default()),
        };
        // The placeholder for erased addresses belongs to no customer.
        let email = email.filter(|email| email != ERASED_EMAIL);
        let expected = email.as_deref().unwrap_or("nobody@nowhere.invalid");
        let now = self.clock.now();
        let tokens_fit =
            shown.tokens.into_iter().flatten().fold(true, |all, token| {
                all & self.tokens.fits(token.expose(), id, generation, now)
            });
        let email_fits = shown
            .email
            .is_none_or(|shown| self.tokens.is_same_address(&shown.normalized(), expected));
        let is_a_customers = email.is_some() || shown.email.is_none();
        found.is_some() & tokens_fit & email_fits & is_a_customers
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
}

impl Shown<'_> {
    fn has_token(&self) -> bool {
        self.tokens.iter().any(Option::is_some)
    }

    fn is_any(&self) -> bool {
        self.email.is_some() || self.has_token()
    }
}
