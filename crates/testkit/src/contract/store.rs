use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use engage_domain::{Case, CaseNumber, Decision, NotificationId, StaffMember, Timestamp};
use engage_repository::{
    AccessRepository, AttemptRecord, AuditRepository, AuditedStore, CaseDetails, CaseNumbers,
    CaseQueries, CaseRepository, Claim, ClaimOutcome, ClaimedMessage, DeliveryReport,
    DirectoryRepository, DueCases, ErasureRepository, EventHistory, IdempotencyRepository,
    NotificationFilter, NotificationRepository, NotificationSummary, OutboxMessage,
    OutboxRepository, RepositoryError, RetentionRepository, SearchIndex, StaffChange,
    StaffRepository, StoreHealth, StoredCase, TokenRepository, UploadRepository, WebhookRepository,
};

use super::ALL_UPDATES;
use crate::builders::{a_change_set, a_claim, an_attempt};

/// Every repository port of one store.
#[derive(Clone)]
pub struct Store {
    /// Cases, to be changed.
    pub cases: Arc<dyn CaseRepository>,
    /// Cases, to be looked at.
    pub queries: Arc<dyn CaseQueries>,
    /// Where case numbers come from.
    pub numbers: Arc<dyn CaseNumbers>,
    /// What happened, to be read.
    pub history: Arc<dyn EventHistory>,
    /// The answers to requests that take effect once.
    pub idempotency: Arc<dyn IdempotencyRepository>,
    /// What customers prove their ownership of cases with.
    pub access: Arc<dyn AccessRepository>,
    /// The members of staff.
    pub staff: Arc<dyn StaffRepository>,
    /// Their tokens.
    pub tokens: Arc<dyn TokenRepository>,
    /// Cases with which something is due.
    pub due_cases: Arc<dyn DueCases>,
    /// Messages on their way out.
    pub outbox: Arc<dyn OutboxRepository>,
    /// The same, to be looked at and set right.
    pub notifications: Arc<dyn NotificationRepository>,
    /// The endpoints of other systems.
    pub webhooks: Arc<dyn WebhookRepository>,
    /// Who is told of changes and who may make them.
    pub directory: Arc<dyn DirectoryRepository>,
    /// Files on their way to updates.
    pub uploads: Arc<dyn UploadRepository>,
    /// What nobody needs any more.
    pub retention: Arc<dyn RetentionRepository>,
    /// The words by which cases are found.
    pub index: Arc<dyn SearchIndex>,
    /// What cases have gathered about people, to be erased.
    pub erasure: Arc<dyn ErasureRepository>,
    /// What was done by whom.
    pub audit: Arc<dyn AuditRepository>,
    /// The ports through which acts are written down.
    pub acts: Arc<dyn AuditedStore>,
    /// Whether all of these work.
    pub health: Arc<dyn StoreHealth>,
}

/// Longer than any test takes.
pub(super) const LONG: Duration = Duration::from_hours(1);

impl Store {
    /// Returns all ports of one store.
    pub fn of(store: Arc<impl engage_repository::Store + 'static>) -> Self {
        Self {
            cases: store.clone(),
            queries: store.clone(),
            numbers: store.clone(),
            history: store.clone(),
            idempotency: store.clone(),
            access: store.clone(),
            staff: store.clone(),
            tokens: store.clone(),
            due_cases: store.clone(),
            outbox: store.clone(),
            notifications: store.clone(),
            webhooks: store.clone(),
            directory: store.clone(),
            uploads: store.clone(),
            retention: store.clone(),
            index: store.clone(),
            erasure: store.clone(),
            audit: store.clone(),
            acts: store.clone(),
            health: store,
        }
    }

    pub(super) async fn commit(
        &self,
        decision: Decision,
        messages: Vec<OutboxMessage>,
    ) -> Result<(), RepositoryError> {
        self.cases.commit(a_change_set(decision, messages)).await
    }

    /// Keeps a decision that announces nothing.
    pub(super) async fn keep(&self, decision: Decision) -> Case {
        let case = decision.case.clone();
        self.commit(decision, Vec::new()).await.expect("a sound change is kept");
        case
    }

    pub(super) async fn hire(&self, member: &StaffMember) {
        self.staff.add_staff(member).await.expect("a new member is added");
    }

    /// A member leaves.
    pub(super) async fn dismiss(&self, member: &StaffMember, at: Timestamp) -> StaffMember {
        let gone = StaffMember { deactivated_at: Some(at), ..member.clone() };
        let change = self.staff.change_staff(member, &gone).await;
        assert_eq!(change.expect("a member is changed"), StaffChange::Made);
        gone
    }

    pub(super) async fn find(&self, number: &CaseNumber) -> Option<StoredCase> {
        self.cases.find_case(number).await.expect("a case is read")
    }

    /// The case as it is kept.
    pub(super) async fn case(&self, number: &CaseNumber) -> Case {
        self.find(number).await.expect("the case is kept").case
    }

    /// The case with its whole conversation.
    pub(super) async fn details(&self, number: &CaseNumber) -> CaseDetails {
        let found = self
            .queries
            .find_case_details(number, &ALL_UPDATES)
            .await
            .expect("a case is looked up");
        found.expect("the case is kept")
    }

    pub(super) async fn claim_due(&self, claim: Claim) -> Vec<ClaimedMessage> {
        self.outbox.claim_due(claim).await.expect("messages are claimed")
    }

    /// Claims e-mail messages, with no limit for an address.
    pub(super) async fn claim(&self, limit: u32, lease: Duration) -> Vec<ClaimedMessage> {
        let limit = NonZeroU32::new(limit).unwrap();
        self.claim_due(Claim { limit, lease, ..a_claim() }).await
    }

    /// Claims the one e-mail message that is due.
    pub(super) async fn claim_one(&self, lease: Duration) -> ClaimedMessage {
        let mut claimed = self.claim(10, lease).await;
        assert_eq!(claimed.len(), 1, "one message is due");
        claimed.remove(0)
    }

    /// Records how an attempt ended.
    pub(super) async fn complete(
        &self,
        message: &ClaimedMessage,
        completion: ClaimOutcome,
    ) -> bool {
        let completed = self.outbox.complete(vec![an_attempt(message, completion)]).await;
        let [recorded] = completed.expect("an attempt is recorded")[..] else {
            panic!("there is one answer for each attempt");
        };
        recorded
    }

    /// The e-mail addresses of every due message, in order of the alphabet; claims them.
    pub(super) async fn claimed_addresses(&self) -> Vec<String> {
        let claimed = self.claim(1000, LONG).await;
        let mut addresses: Vec<_> = claimed.iter().map(|m| m.address.to_string()).collect();
        addresses.sort();
        addresses
    }

    pub(super) async fn report(&self, id: NotificationId, report: DeliveryReport) -> bool {
        self.notifications.report(id, report).await.expect("a report is recorded")
    }

    pub(super) async fn send_again(&self, id: NotificationId) -> bool {
        self.notifications.send_again(id).await.expect("a message is sent again")
    }

    /// A message as staff see it.
    pub(super) async fn notification(&self, id: NotificationId) -> NotificationSummary {
        let found = self.notifications.find_notification(id).await.expect("a message is read");
        found.expect("the message is kept").0
    }

    /// What was attempted to deliver a message.
    pub(super) async fn attempts(&self, id: NotificationId) -> Vec<AttemptRecord> {
        let found = self.notifications.find_notification(id).await.expect("a message is read");
        found.expect("the message is kept").1
    }

    /// All messages that fit, in the order of the list; they are as many as are counted.
    pub(super) async fn listed(&self, filter: &NotificationFilter) -> Vec<NotificationSummary> {
        let limit = NonZeroU32::new(1000).unwrap();
        let list = self.notifications.list_notifications(filter, NonZeroU32::MIN, limit).await;
        let list = list.expect("messages are listed");
        let count = self.notifications.count_notifications(filter).await;
        assert_eq!(count.expect("messages are counted"), list.len() as u64, "{filter:?}");
        list
    }
}
