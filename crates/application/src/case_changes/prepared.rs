use engage_domain::{Attachment, StaffMember};

use crate::revision_plan::FoundPart;

/// Data that a decision needs in addition to the case.
#[derive(Default)]
pub(crate) struct Prepared {
    /// New assignee of the case.
    pub(crate) assignee: Option<StaffMember>,
    /// Files attached to the update.
    pub(crate) attachments: Vec<Attachment>,
    /// The part that is redacted.
    pub(crate) redaction: Option<FoundPart>,
}
