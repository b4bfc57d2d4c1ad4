use std::sync::Arc;
use std::time::Duration;

use engage_domain::{
    Address, CaseId, CaseNumber, ERASED_EMAIL, EmailAddress, NotificationId, Template,
};
use engage_repository::{
    AccessGeneration, AccessRepository, CaseRepository, CodeLimit, NewAccessCode, OutboxMessage,
    RepositoryError, StoredCase,
};
use thiserror::Error;
use tokio::time::{Instant, sleep_until};
use tracing::{Instrument, error};

use super::authorizer::REFUSED_AFTER;
use super::code::AccessCode;
use super::{AccessToken, AccessTokens};
use crate::environment::{Clock, IdGenerator};
use crate::outbox_signal::OutboxSignal;

/// How often codes are made for a case, each of which ends the one before.
const LIMIT: CodeLimit =
    CodeLimit { most: 5, within: Duration::from_hours(1), apart: Duration::from_mins(1) };

/// For how long a code can be redeemed.
const VALID_FOR: Duration = Duration::from_mins(15);

/// How often one may guess at a code.
const MOST_TRIES: u32 = 5;

/// Why a code brings no token. It does not tell whether there is such a case.
#[derive(Debug, Error)]
pub enum RedeemError {
    /// No code that was made for the case and goes to the address is this one, or it is not valid
    /// any more. Ask for another one.
    #[error("the code does not fit, or it is not valid any more")]
    Invalid,
    /// Storage failed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

/// Customers who lost their access token, or never had one, get one by a code that is sent to the
/// address that the case was opened with.
#[derive(Clone)]
pub struct RecoverAccess {
    /// Where cases are kept.
    pub cases: Arc<dyn CaseRepository>,
    /// Where codes are kept.
    pub access: Arc<dyn AccessRepository>,
    /// Makes codes and tokens.
    pub tokens: AccessTokens,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Draws ids.
    pub ids: Arc<dyn IdGenerator>,
    /// Tells the dispatcher that there is something to deliver.
    pub outbox_signal: OutboxSignal,
}

impl RecoverAccess {
    /// Has a code sent, where there is a case with the number that was opened with the address, and it
    /// did not get many lately. Who asks does not learn that, nor by the time it takes.
    pub async fn request(
        &self,
        number: Option<&CaseNumber>,
        email: &EmailAddress,
    ) -> Result<(), RepositoryError> {
        let answer_at = Instant::now() + REFUSED_AFTER;
        if let (Some(case), true) = self.find(number, email).await? {
            let facts = case.facts();
            let message = OutboxMessage {
                id: NotificationId::from_u128(self.ids.next_id()),
                template: Template::CaseAccessCustomer,
                address: Address::Email(facts.customer.email.clone()),
            };
            let (case, valid_for) = (facts.id, VALID_FOR);
            self.write_down(NewAccessCode { case, message, limit: LIMIT, valid_for });
        }
        sleep_until(answer_at).await;
        Ok(())
    }

    /// Writes a code down while the answer goes out.
    fn write_down(&self, code: NewAccessCode) {
        let (access, outbox_signal) = (Arc::clone(&self.access), self.outbox_signal.clone());
        let writing = async move {
            match access.add_code(code).await {
                Ok(true) => outbox_signal.notify(),
                Ok(false) => tracing::info!("a case gets no code: it got many lately"),
                Err(failure) => {
                    let cause = std::error::Error::source(&failure).map(ToString::to_string);
                    error!(%failure, cause, "cannot write a code down");
                }
            }
        };
        tokio::spawn(writing.in_current_span());
    }

    /// Takes a code for the proof that a case is somebody's: makes void all tokens that the case had
    /// before, and returns another one.
    pub async fn redeem(
        &self,
        number: Option<&CaseNumber>,
        email: &EmailAddress,
        code: &str,
    ) -> Result<AccessToken, RedeemError> {
        let answer_at = Instant::now() + REFUSED_AFTER;
        match self.redeemed(number, email, code).await? {
            Some((case, generation)) => Ok(self.tokens.issue(case, generation, self.clock.now())),
            None => {
                sleep_until(answer_at).await;
                Err(RedeemError::Invalid)
            }
        }
    }

    async fn redeemed(
        &self,
        number: Option<&CaseNumber>,
        email: &EmailAddress,
        code: &str,
    ) -> Result<Option<(CaseId, AccessGeneration)>, RepositoryError> {
        let (case, fits) = self.find(number, email).await?;
        let Some(shown) = AccessCode::read(code) else { return Ok(None) };
        // Where there is nothing to guess at, something that is not there is tried.
        let case = case.filter(|_| fits).map_or(CaseId::from_u128(0), |case| case.facts().id);
        let Some(kept) = self.access.try_code(case, VALID_FOR, MOST_TRIES).await? else {
            return Ok(None);
        };
        if !self.tokens.is_code(kept, &shown) {
            return Ok(None);
        }
        let generation = self.access.redeem_code(case, kept).await?;
        Ok(generation.map(|generation| (case, generation)))
    }

    /// A case, and whether it was opened with the address.
    async fn find(
        &self,
        number: Option<&CaseNumber>,
        email: &EmailAddress,
    ) -> Result<(Option<engage_domain::Case>, bool), RepositoryError> {
        let found = match number {
            Some(number) => self.cases.find_case(number).await?,
            None => None,
        };
        let case = found.map(|StoredCase { case, .. }| case);
        let address = case.as_ref().map(|case| case.facts().customer.email.normalized());
        let address = address.unwrap_or_default();
        let is_same = self.tokens.is_same_address(&email.normalized(), &address);
        let fits = is_same && address != ERASED_EMAIL;
        Ok((case, fits))
    }
}
