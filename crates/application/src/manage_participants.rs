use std::sync::Arc;
use std::time::Duration;

use engage_domain::case::{
    AddParticipantError, ComeBackError, EndParticipationError, NameParticipantError, ReadsFrom,
};
use engage_domain::{
    AddParticipantRequest, Case, CaseNumber, EmailAddress, PersonId, PersonName, Policies,
};
use engage_environment::IdGenerator;
use engage_repository::StaffRepository;
use thiserror::Error;

use crate::case_changes::Prepared;
use crate::{
    CaseChanges, CaseCommand, CaseError, ChangeOptions, ChangeOutcome, NewParticipants, Proof,
    ProofDemand, RefusedParticipants,
};

/// Error returned when a customer does not add a participant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum InviteError {
    /// The rules refuse the participant.
    #[error(transparent)]
    Refused(#[from] AddParticipantError),
    /// The address is one that customers may not add.
    #[error("must be an address that may take part in cases")]
    RefusedAddress,
    /// The customer has added as many new addresses as they may within a day.
    #[error("too many new addresses were added within a day")]
    TooManyNew {
        /// Time to wait.
        retry_after: Duration,
    },
}

/// Adds further people to cases, names and removes them, and lets them leave and come back.
///
/// ```
/// # use std::sync::Arc;
/// use engage_application::{
///     CaseCommand, ManageParticipants, NewParticipants, RefusedParticipants,
/// };
/// use engage_domain::AddParticipantRequest;
/// # use engage_repository::{MockBudgetRepository, MockStaffRepository};
/// # use engage_testkit::builders::{a_case_number, a_staff_member, an_opened};
/// # use engage_testkit::{FakeCases, SequentialIds, use_cases::case_changes};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let (cases, mut staff) = (FakeCases::default(), MockStaffRepository::new());
/// # staff.expect_find_staff_by_email().returning(|_| Ok(None));
/// # let ids = Arc::new(SequentialIds::new());
/// cases.add(an_opened(1).case);
/// let refused = RefusedParticipants::default();
/// let new = NewParticipants::new(Arc::new(MockBudgetRepository::new()), 50);
/// let manage = ManageParticipants::new(case_changes(&cases), Arc::new(staff), ids, refused, new);
///
/// let jane = a_staff_member("staff-123").to_ref();
/// let command = CaseCommand::by_staff(a_case_number(1), jane);
/// let ann = AddParticipantRequest::new("ann@example.com".parse()?);
/// let outcome = manage.add(command, ann).await?;
/// let case = outcome.into_changed().expect("it is the first request").case;
/// assert_eq!(case.facts().participants[0].email.as_str(), "ann@example.com");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct ManageParticipants {
    changes: Arc<CaseChanges>,
    staff: Arc<dyn StaffRepository>,
    ids: Arc<dyn IdGenerator>,
    refused: RefusedParticipants,
    new: NewParticipants,
}

impl ManageParticipants {
    /// Creates the use case. Customers cannot add the addresses in `refused`, and no more new ones
    /// than the limit allows.
    pub fn new(
        changes: Arc<CaseChanges>,
        staff: Arc<dyn StaffRepository>,
        ids: Arc<dyn IdGenerator>,
        refused: RefusedParticipants,
        new: NewParticipants,
    ) -> Self {
        Self { changes, staff, ids, refused, new }
    }

    /// Adds a participant at the request of staff, or accepts one who is only proposed.
    pub async fn add(
        &self,
        command: CaseCommand,
        request: AddParticipantRequest,
    ) -> Result<ChangeOutcome, CaseError<AddParticipantError>> {
        let request = self.of_staff_or_not(request).await?;
        let id = PersonId::from_u128(self.ids.next_id());
        self.changes
            .change(command, |case, policies, stamp| {
                case.add_participant(id, request.clone(), policies, stamp)
            })
            .await
    }

    /// Adds a participant at the request of the customer, which requires a token. They read what is
    /// written from now on.
    ///
    /// An address of staff gets the same error as one that the settings refuse.
    pub async fn invite(
        &self,
        number: CaseNumber,
        proof: Proof,
        (email, name): (EmailAddress, Option<PersonName>),
        options: ChangeOptions,
    ) -> Result<ChangeOutcome, CaseError<InviteError>> {
        let is_refused = self.refused.include(&email);
        let request = AddParticipantRequest { name, ..AddParticipantRequest::new(email) };
        let request = self.of_staff_or_not(request.reading_from(ReadsFrom::Now)).await?;
        let id = PersonId::from_u128(self.ids.next_id());
        let command =
            CaseCommand::by_person(number, proof, ProofDemand::Token).with_options(options);
        self.changes
            .change_prepared(
                command,
                |case, actor| {
                    let adds = case.would_add_participant(&request, actor) == Ok(true);
                    self.count(case.clone(), request.email.clone(), adds && !is_refused)
                },
                |case, _, policies, stamp| {
                    let added = case.add_participant(id, request.clone(), policies, stamp);
                    match added {
                        Ok(_) if is_refused => Err(InviteError::RefusedAddress),
                        Err(AddParticipantError::IsStaff) => Err(InviteError::RefusedAddress),
                        added => Ok(added?),
                    }
                },
            )
            .await
    }

    /// Counts an address that is added. A change that lost a race does not count it again.
    async fn count(
        &self,
        case: Case,
        email: EmailAddress,
        is_added: bool,
    ) -> Result<Prepared, CaseError<InviteError>> {
        if is_added && let Some(retry_after) = self.new.count(&case, &email).await? {
            return Err(CaseError::Refused(InviteError::TooManyNew { retry_after }));
        }
        Ok(Prepared::default())
    }

    /// Changes the name of a participant, or removes it, at the request of staff.
    pub async fn name(
        &self,
        command: CaseCommand,
        person: PersonId,
        name: Option<PersonName>,
    ) -> Result<ChangeOutcome, CaseError<NameParticipantError>> {
        self.changes
            .change(command, |case, policies, stamp| {
                case.name_participant(person, name.clone(), policies, stamp)
            })
            .await
    }

    /// Removes a participant at the request of staff.
    pub async fn remove(
        &self,
        command: CaseCommand,
        person: PersonId,
    ) -> Result<ChangeOutcome, CaseError<EndParticipationError>> {
        let remove = |case: &Case, policies: &Policies, stamp| {
            case.remove_participant(person, policies, stamp)
        };
        self.changes.change(command, remove).await
    }

    /// Removes a participant at the request of the customer, which requires a token.
    pub async fn remove_by_customer(
        &self,
        number: CaseNumber,
        proof: Proof,
        person: PersonId,
        options: ChangeOptions,
    ) -> Result<ChangeOutcome, CaseError<EndParticipationError>> {
        let command = CaseCommand::by_person(number, proof, ProofDemand::Token);
        self.remove(command.with_options(options), person).await
    }

    /// Ends the participation of the person whose token is presented.
    pub async fn leave(
        &self,
        number: CaseNumber,
        proof: Proof,
        options: ChangeOptions,
    ) -> Result<ChangeOutcome, CaseError<EndParticipationError>> {
        // A repetition comes from somebody who has left already.
        let command = CaseCommand::by_person(number, proof, ProofDemand::TokenToReturn);
        self.changes.change(command.with_options(options), Case::leave).await
    }

    /// Brings back the person whose token is presented, who left.
    pub async fn come_back(
        &self,
        number: CaseNumber,
        proof: Proof,
        options: ChangeOptions,
    ) -> Result<ChangeOutcome, CaseError<ComeBackError>> {
        let command = CaseCommand::by_person(number, proof, ProofDemand::TokenToReturn);
        self.changes.change(command.with_options(options), Case::come_back).await
    }

    /// States in the request whether the address is that of a member of staff, active or not.
    async fn of_staff_or_not<R: std::error::Error + 'static>(
        &self,
        request: AddParticipantRequest,
    ) -> Result<AddParticipantRequest, CaseError<R>> {
        let member = self.staff.find_staff_by_email(&request.email).await?;
        Ok(if member.is_some() { request.of_staff() } else { request })
    }
}
