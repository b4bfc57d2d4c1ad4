use std::sync::Arc;

use engage_domain::case::{OpenByStaffError, WrongActor};
use engage_domain::tag::Tags;
use engage_domain::{
    Assignee, AttachmentId, Case, Department, FirstMessageBy, OpenRequest, StaffId,
    StaffOpenRequest,
};
use engage_repository::{RepositoryError, StaffRepository, UniqueConstraint};
use thiserror::Error;

use crate::attachments::{Attachments, TakeUploadsError, UpdateFile};
use crate::case_changes::{OpenCommand, Prepared};
use crate::{CaseChanges, CaseError, ChangeOptions, ChangeOutcome, Requester};

/// A case that staff open for a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaffOpenCommand {
    /// The case, without files.
    pub opening: OpenRequest,
    /// First assignee.
    pub assigned_to: Option<StaffId>,
    /// First department. Defaults to that of the assignee.
    pub department: Option<Department>,
    /// Author of the message.
    pub first_message_by: FirstMessageBy,
    /// If set, the customer has had a first response, for example on the telephone. If not given,
    /// they have one if the message is by staff.
    pub responded: Option<bool>,
    /// If not set, the customer is not notified.
    pub notify_customer: bool,
    /// If set, the caller vouches that the address is the customer's.
    pub customer_proven: bool,
    /// Files to attach, in this order. Uploads must be those of the member.
    pub files: Vec<UpdateFile>,
    /// Tags of the case, [as they are spelled](crate::TagNames::all).
    pub tags: Tags,
}

impl StaffOpenCommand {
    /// Creates the command for a case with a message of the customer, who is notified, without an
    /// assignee.
    pub fn new(opening: OpenRequest) -> Self {
        Self {
            opening,
            assigned_to: None,
            department: None,
            first_message_by: FirstMessageBy::Customer,
            responded: None,
            notify_customer: true,
            customer_proven: false,
            files: Vec::new(),
            tags: Tags::default(),
        }
    }
}

/// Error returned when staff cannot open a case.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum OpenCaseByStaffError {
    /// The customer has neither an e-mail address nor a telephone number.
    #[error("a customer has an e-mail address or a telephone number")]
    NoContact,
    /// No active member of staff has the id of the assignee.
    #[error("there is no active staff member {0}")]
    StaffNotFound(StaffId),
    /// The assignee is a machine. Assign the case to a person.
    #[error("{0} is a machine, and cases are assigned to people")]
    Machine(StaffId),
    /// The member of staff has no such upload, it has expired, or an update already has it.
    #[error("upload {0} was not found, has expired, or is already attached")]
    UploadNotFound(AttachmentId),
    /// A concurrent update took one of the uploads.
    #[error("a concurrent update took one of the uploads")]
    UploadTaken,
    /// The caller is the customer.
    #[error(transparent)]
    WrongActor(WrongActor),
}

impl From<OpenByStaffError> for OpenCaseByStaffError {
    fn from(error: OpenByStaffError) -> Self {
        match error {
            OpenByStaffError::NoContact => Self::NoContact,
            OpenByStaffError::InactiveStaff(id) => Self::StaffNotFound(id),
            OpenByStaffError::Machine(id) => Self::Machine(id),
            OpenByStaffError::WrongActor(error) => Self::WrongActor(error),
        }
    }
}

/// Opens a case for a customer, on behalf of a member of staff.
///
/// ```
/// # use std::{sync::Arc, time::Duration};
/// use engage_application::{ChangeOptions, OpenCaseByStaff, Requester, StaffOpenCommand};
/// # use engage_application::{Attachments, SpaceFloor};
/// use engage_domain::{Customer, OpenRequest, Source};
/// # use engage_repository::{MockAttachmentStore, MockStaffRepository, MockUploadRepository};
/// # use engage_testkit::builders::a_staff_member;
/// # use engage_testkit::{FakeCases, ManualClock, SequentialIds, use_cases::case_changes};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let cases = FakeCases::default();
/// # let staff = Arc::new(MockStaffRepository::new());
/// # let attachments = Attachments {
/// #     contents: Arc::new(MockAttachmentStore::new()),
/// #     uploads: Arc::new(MockUploadRepository::new()),
/// #     clock: Arc::new(ManualClock::new()),
/// #     ids: Arc::new(SequentialIds::new()),
/// #     lifetime: Duration::from_secs(24 * 3600),
/// #     floor: SpaceFloor::default(),
/// # };
/// let open_case = OpenCaseByStaff::new(case_changes(&cases), staff, attachments);
/// // John called.
/// let john = Customer::by_phone("John Doe".parse()?, "+12025550123".parse()?);
/// let opening = OpenRequest::new(john, "No access".parse()?, "It says 403.".parse()?);
/// let call = StaffOpenCommand::new(opening);
/// let jane = a_staff_member("staff-123");
/// let requester = Requester::Staff { member: jane.to_ref(), authority: None };
/// let outcome =
///     open_case.execute(requester, &call, &jane.id, &ChangeOptions::default()).await?;
/// let case = outcome.into_changed().expect("it is the first request").case;
/// assert_eq!(case.facts().source, Source::Staff);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct OpenCaseByStaff {
    changes: Arc<CaseChanges>,
    staff: Arc<dyn StaffRepository>,
    attachments: Attachments,
}

impl OpenCaseByStaff {
    /// Creates the use case.
    pub fn new(
        changes: Arc<CaseChanges>,
        staff: Arc<dyn StaffRepository>,
        attachments: Attachments,
    ) -> Self {
        Self { changes, staff, attachments }
    }

    /// Opens a case under a new number and queues its notifications. `by` owns the uploads.
    ///
    /// Files that were stored for the request are discarded if it is refused or repeated.
    pub async fn execute(
        &self,
        requester: Requester,
        request: &StaffOpenCommand,
        by: &StaffId,
        options: &ChangeOptions,
    ) -> Result<ChangeOutcome, CaseError<OpenCaseByStaffError>> {
        let notifies_customer = request.notify_customer;
        let command = OpenCommand { requester, options, notifies_customer };
        let open = self.changes.open(
            command,
            || self.prepare(request, by),
            |id, number, prepared, policies, stamp| {
                let opening = request.opening.clone();
                let request = StaffOpenRequest {
                    opening: opening.with_attachments(prepared.attachments.clone()),
                    assignee: prepared.assignee.as_ref().map(Assignee::from),
                    department: request.department.clone(),
                    first_message_by: request.first_message_by,
                    responded: request.responded,
                    tags: request.tags.clone(),
                };
                Ok(Case::open_by_staff(id, number, request, policies, stamp)?)
            },
        );
        let outcome = Box::pin(open).await.map_err(|error| match error {
            CaseError::Repository(RepositoryError::Duplicate {
                constraint: UniqueConstraint::Attachment,
            }) => CaseError::Refused(OpenCaseByStaffError::UploadTaken),
            error => error,
        });
        self.attachments.discard_unused(&outcome, &UpdateFile::stored(&request.files)).await;
        outcome
    }

    async fn prepare(
        &self,
        request: &StaffOpenCommand,
        by: &StaffId,
    ) -> Result<Prepared, CaseError<OpenCaseByStaffError>> {
        let assignee = match &request.assigned_to {
            None => None,
            Some(id) => Some(self.staff.find_staff(id).await?.ok_or_else(|| {
                CaseError::Refused(OpenCaseByStaffError::StaffNotFound(id.clone()))
            })?),
        };
        let gathered = self.attachments.gather(&request.files, by).await;
        let attachments = gathered.map_err(|error| match error {
            TakeUploadsError::NotFound(id) => {
                CaseError::Refused(OpenCaseByStaffError::UploadNotFound(id))
            }
            TakeUploadsError::Repository(error) => error.into(),
        })?;
        let address = request.opening.customer.email.as_ref().filter(|_| request.customer_proven);
        let address_proof = match address {
            Some(address) => Some(self.changes.proof_of(address).await?),
            None => None,
        };
        Ok(Prepared { assignee, attachments, address_proof, ..Prepared::default() })
    }
}
