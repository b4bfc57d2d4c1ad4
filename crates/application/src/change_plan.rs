//! From a decision to everything that its commit stores.

use std::time::Duration;

use engage_domain::case::CaseNumberPrefix;
use engage_domain::notify::WebhookTarget;
use engage_domain::{
    Audience, Contacts, Decision, NotificationId, NotificationMatrix, Policies, StaffId,
    StaffMember, StaffRef,
};
use engage_environment::IdGenerator;
use engage_notifier::Snapshot;
use engage_repository::{ChangeSet, EventOrigin, OutboxMessage, RepositoryError};

/// Configuration of case changes and their notifications.
pub struct CaseRules {
    /// The prefix of case numbers.
    pub number_prefix: CaseNumberPrefix,
    /// Domain policies.
    pub policies: Policies,
    /// The notification matrix.
    pub matrix: NotificationMatrix,
    /// Addresses of the team, the management and the people on call.
    pub contacts: Contacts,
    /// Time after which a change that keeps losing races fails with
    /// [`CaseError::Busy`](crate::CaseError::Busy).
    pub patience: Duration,
}

impl Default for CaseRules {
    /// Returns the default policies and notification matrix, without addresses of the team. Case
    /// numbers start with `CW`, and a change keeps losing races for at most 4.5 seconds.
    fn default() -> Self {
        Self {
            number_prefix: CaseNumberPrefix::default(),
            policies: Policies::default(),
            matrix: NotificationMatrix::default(),
            contacts: Contacts::default(),
            // Slightly shorter than the time limit of an HTTP request.
            patience: Duration::from_millis(4500),
        }
    }
}

/// The people whom a change may concern.
pub(crate) struct Concerned<'a> {
    /// Members of staff.
    pub(crate) staff: &'a [&'a StaffMember],
    /// If not set, the customer is not notified.
    pub(crate) customer: bool,
}

/// Builds the change set of a decision: plans the notifications and takes the snapshot.
pub(crate) fn plan(
    Decision { case, event }: Decision,
    concerned: &Concerned<'_>,
    webhooks: &[WebhookTarget],
    rules: &CaseRules,
    ids: &dyn IdGenerator,
) -> Result<ChangeSet, RepositoryError> {
    let facts = case.facts();
    let staff = concerned.staff.iter().copied();
    let find = |id: Option<&StaffId>| staff.clone().find(|member| Some(&member.id) == id);
    let assignee = find(facts.assignee());
    let previous = event.assignee_change().and_then(|(from, _)| find(from));
    // Deactivated members receive no notifications.
    let still_here = |member: &&StaffMember| member.is_active();
    let audience = Audience {
        contacts: &rules.contacts,
        assignee: assignee.filter(still_here),
        previous_assignee: previous.filter(still_here),
        webhooks,
        includes_customer: concerned.customer,
    };
    let messages = rules.matrix.plan(&event, facts, &audience);
    let messages = messages
        .into_iter()
        .map(|planned| OutboxMessage {
            id: NotificationId::from_u128(ids.next_id()),
            template: planned.template,
            address: planned.address,
            person: planned.person,
        })
        .collect();
    let assignee: Option<StaffRef> = assignee.map(StaffMember::to_ref);
    let snapshot = Snapshot::new(&event, facts, assignee.as_ref());
    let snapshot = snapshot.into_stored_json().map_err(RepositoryError::internal)?;
    let (directory, origin) = (None, EventOrigin::default());
    let (idempotency, revision) = (None, None);
    Ok(ChangeSet { case, event, snapshot, messages, idempotency, directory, origin, revision })
}
