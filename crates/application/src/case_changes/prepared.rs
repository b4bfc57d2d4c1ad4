use engage_domain::case::AddressProof;
use engage_domain::event::RedactionMark;
use engage_domain::{Attachment, Decision, StaffMember};
use engage_repository::{RepositoryError, Revision};

use crate::people_erasure_plan::FoundPeople;
use crate::revision_plan::{FoundPart, plan_revision};

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
    /// The people who are erased.
    pub(crate) people: Option<FoundPeople>,
}

impl Prepared {
    /// Plans the revision of what was stored before a decision, if anything is revised.
    pub(crate) fn plan_revision(
        self,
        decision: &Decision,
    ) -> Result<Option<Revision>, RepositoryError> {
        let revision = plan_revision(decision, self.redaction)?;
        let Some(people) = self.people else { return Ok(revision) };
        let mark = RedactionMark::new(&decision.event.actor, decision.event.timestamp);
        let people = Some(people.into_stored(&mark)?);
        let revision = revision.unwrap_or_default();
        Ok(Some(Revision { people, renews_words: true, ..revision }))
    }
}
