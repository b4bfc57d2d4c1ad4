use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use engage_domain::{Case, CaseId, ERASED_EMAIL, EmailAddress};
use engage_repository::AccessGeneration;
use thiserror::Error;
use tokio::time::Instant;

use super::{AccessToken, AccessTokens};
use crate::environment::Clock;
use crate::error::CaseError;

/// When a request is answered at the earliest whose proof does not fit: longer than it takes to look
/// for a case, so that the time tells nobody whether there is one.
pub(super) const REFUSED_AFTER: Duration = Duration::from_millis(100);

/// What a customer has to show beside a case's number.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum AccessMode {
    /// Nothing: `case-number`.
    #[default]
    CaseNumber,
    /// The address that the case was opened with, or an access token: `email`.
    Email,
    /// An access token: `token`.
    Token,
}

/// A text that names no mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("must be case-number, email or token")]
pub struct AccessModeError;

impl AccessMode {
    /// As settings spell it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CaseNumber => "case-number",
            Self::Email => "email",
            Self::Token => "token",
        }
    }

    /// The fields of a request of which one is enough, where one is needed.
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

/// What a customer shows of a case that is theirs. All that is shown has to fit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proof {
    /// The address that the case was opened with.
    pub email: Option<EmailAddress>,
    /// An access token in the request.
    pub token: Option<AccessToken>,
    /// A bearer token, as which an access token may come. One that is none is none of ours where
    /// nothing has to be shown.
    pub bearer: Option<AccessToken>,
}

/// Lets customers at the cases that are theirs.
#[derive(Clone)]
pub struct CustomerAuthorizer {
    mode: AccessMode,
    tokens: AccessTokens,
    clock: Arc<dyn Clock>,
}

impl CustomerAuthorizer {
    /// Lets customers through who show what the mode asks for.
    pub fn new(mode: AccessMode, tokens: AccessTokens, clock: Arc<dyn Clock>) -> Self {
        Self { mode, tokens, clock }
    }

    /// Begins to look at a request; refuses one that shows less than is asked for, whatever case it
    /// is about.
    pub(crate) fn ask<'a, R: std::error::Error>(
        &'a self,
        proof: &'a Proof,
    ) -> Result<Asking<'a>, CaseError<R>> {
        let Proof { email, token, bearer } = proof;
        let bearer = bearer.as_ref().filter(|bearer| {
            self.mode != AccessMode::CaseNumber || bearer.expose().starts_with(AccessToken::PREFIX)
        });
        let shows_token = token.is_some() || bearer.is_some();
        let is_enough = match self.mode {
            AccessMode::CaseNumber => true,
            AccessMode::Email => shows_token || email.is_some(),
            AccessMode::Token => shows_token,
        };
        if !is_enough {
            return Err(CaseError::ProofRequired { accepts: self.mode.accepts() });
        }
        let tokens = [token.as_ref(), bearer];
        let shows_any = email.is_some() || shows_token;
        let begun_at = Instant::now();
        Ok(Asking { authorizer: self, email: email.as_ref(), tokens, shows_any, begun_at })
    }
}

/// A request of somebody who says that a case is theirs.
pub(crate) struct Asking<'a> {
    authorizer: &'a CustomerAuthorizer,
    email: Option<&'a EmailAddress>,
    tokens: [Option<&'a AccessToken>; 2],
    shows_any: bool,
    begun_at: Instant,
}

impl Asking<'_> {
    /// Whether there is a case and all that was shown fits it. Costs the same where there is none.
    pub(crate) fn is_admitted(&self, found: Option<(&Case, AccessGeneration)>) -> bool {
        let (id, email, generation) = match found {
            Some((case, generation)) => {
                (case.facts().id, case.facts().customer.email.normalized(), generation)
            }
            None => {
                let nobody = "nobody@nowhere.invalid".to_owned();
                (CaseId::from_u128(0), nobody, AccessGeneration::default())
            }
        };
        let now = self.authorizer.clock.now();
        let tokens = &self.authorizer.tokens;
        let tokens_fit = self
            .tokens
            .into_iter()
            .flatten()
            .fold(true, |all, token| all & tokens.fits(token.expose(), id, generation, now));
        let email_fits =
            self.email.is_none_or(|shown| tokens.is_same_address(&shown.normalized(), &email));
        // Nobody has the address that stands in the place of one that was erased.
        let is_somebodys = email != ERASED_EMAIL || self.email.is_none();
        found.is_some() & tokens_fit & email_fits & is_somebodys
    }

    /// The outcome of a request, which is held back where there is no case or the proof does not fit.
    pub(crate) async fn settle<T, R: std::error::Error>(
        &self,
        outcome: Result<T, CaseError<R>>,
    ) -> Result<T, CaseError<R>> {
        if self.shows_any && matches!(outcome, Err(CaseError::NotFound(_))) {
            tokio::time::sleep_until(self.begun_at + REFUSED_AFTER).await;
        }
        outcome
    }
}
