use std::sync::Arc;

use engage_domain::case::EndParticipationError;
use engage_domain::{Actor, Case, CaseNumber, Policies, Stamp};

use crate::{
    AccessTokens, CaseChanges, CaseCommand, CaseError, ChangeOptions, ChangeOutcome,
    UnsubscribeToken,
};

/// Ends the participation of somebody whose mail program sends the token of an e-mail, as
/// [`ManageParticipants::leave`](crate::ManageParticipants::leave) does with an access token.
///
/// ```
/// # use std::time::Duration;
/// use engage_application::{AccessTokens, ChangeOptions, ServerSecret, Unsubscribe};
/// use engage_domain::Actor;
/// use engage_domain::case::ParticipantState;
/// # use engage_testkit::builders::{a_case_number, an_opened, joined, minutes_later};
/// # use engage_testkit::{FakeCases, use_cases::case_changes};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let cases = FakeCases::default();
/// # let secret: ServerSecret = "7d1f4c09b2e85a63d0c7f1ae94b3568207ce".parse()?;
/// let case = joined(&an_opened(1).case, "ann@x.example", Actor::Customer, minutes_later(1)).case;
/// # cases.add(case.clone());
/// let tokens = AccessTokens::new(&secret, Duration::from_hours(1));
/// let token = tokens.issue_unsubscription(case.number(), case.facts().participants[0].id);
///
/// let unsubscribe = Unsubscribe::new(case_changes(&cases), tokens);
/// let options = ChangeOptions::default();
/// let outcome = unsubscribe.execute(a_case_number(1), &token, options).await?;
/// let case = outcome.into_changed().expect("it is the first request").case;
/// assert_eq!(case.facts().participants[0].state, ParticipantState::Left);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Unsubscribe {
    changes: Arc<CaseChanges>,
    tokens: AccessTokens,
}

impl Unsubscribe {
    /// Creates the use case. The tokens must be those of the e-mails.
    pub fn new(changes: Arc<CaseChanges>, tokens: AccessTokens) -> Self {
        Self { changes, tokens }
    }

    /// Ends the participation. Nothing changes if the person no longer takes part.
    ///
    /// Fails with [`CaseError::NotFound`], without reading the case, if the token is not one of it.
    pub async fn execute(
        &self,
        number: CaseNumber,
        token: &UnsubscribeToken,
        options: ChangeOptions,
    ) -> Result<ChangeOutcome, CaseError<EndParticipationError>> {
        let Some(person) = self.tokens.unsubscriber(token, &number) else {
            return Err(CaseError::NotFound(number));
        };
        // The token is the proof, and the change is one of the participant.
        let command = CaseCommand::by_system(number).with_options(options);
        let leave = |case: &Case, policies: &Policies, stamp: Stamp| {
            let participant = case.facts().participant(person);
            let participant = participant.ok_or(EndParticipationError::NotFound(person))?;
            let actor = Actor::Participant(participant.to_ref());
            case.leave(policies, Stamp { actor, ..stamp })
        };
        self.changes.change(command, leave).await
    }
}
