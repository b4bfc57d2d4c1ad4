use engage_domain::case::AddressProof;
use engage_domain::{Attachment, StaffMember};

use crate::revision_plan::FoundPart;

/// Data that a decision needs in addition to the case.
#[derive(Default)]
pub(crate) struct Prepared {
    /// New assignee of the case.
    pub(crate) assignee: Option<StaffMember>,
    /// Files attached to the update.
    pub(crate) attachments: Vec<Attachment>,
    /// Proof of the customer's address, for a new case.
    pub(crate) address_proof: Option<AddressProof>,
    /// The part that is redacted.
    pub(crate) redaction: Option<FoundPart>,
}
