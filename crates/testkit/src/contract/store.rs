use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use engage_domain::{Case, CaseNumber, Decision, NotificationId, StaffMember, Timestamp};
use engage_repository::{
    AccessRepository, AttemptRecord, AuditRepository, AuditedStore, BudgetRepository, CaseDetails,
    CaseNumbers, CaseQueries, CaseRepository, Claim, ClaimOutcome, ClaimedMessage,
    ContactRepository, DeliveryReport, DirectoryRepository, DueCases, ErasureRepository,
    EventHistory, IdempotencyRepository, NotificationFilter, NotificationRepository,
    NotificationSummary, OrganizationRepository, OutboxMessage, OutboxRepository, PersonErasures,
    RepositoryError, RetentionRepository, SearchIndex, StaffChange, StaffRepository, StoreHealth,
    StoredCase, TagRepository, TokenRepository, UploadRepository, WebhookRepository,
};

use super::ALL_UPDATES;
use crate::builders::{a_change_set, a_claim, an_attempt};

/// All repository ports of one store.
///
/// ```
/// use std::sync::Arc;
///
/// use engage_testkit::FakeCases;
/// use engage_testkit::contract::{Store, numbers};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// // The ports that this store implements. A test that needs another one panics.
/// let fake = Arc::new(FakeCases::default());
/// let store = Store { cases: fake.clone(), numbers: fake, ..Store::without_ports() };
/// numbers::the_first_number_of_a_year_is_1(&store).await;
/// numbers::the_number_of_a_stored_case_is_never_drawn(&store).await;
/// assert!(store.cases.find_case(&"CW-2025-005".parse()?).await?.is_some());
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Store {
    /// Commits changes of cases.
    pub cases: Arc<dyn CaseRepository>,
    /// Read models of cases.
    pub queries: Arc<dyn CaseQueries>,
    /// Source of case numbers.
    pub numbers: Arc<dyn CaseNumbers>,
    /// Recorded events.
    pub history: Arc<dyn EventHistory>,
    /// Responses to requests under idempotency keys.
    pub idempotency: Arc<dyn IdempotencyRepository>,
    /// Proofs that customers own their cases.
    pub access: Arc<dyn AccessRepository>,
    /// Members of staff.
    pub staff: Arc<dyn StaffRepository>,
    /// Tokens of staff.
    pub tokens: Arc<dyn TokenRepository>,
    /// Cases with a due action.
    pub due_cases: Arc<dyn DueCases>,
    /// Notifications to be delivered.
    pub outbox: Arc<dyn OutboxRepository>,
    /// Budgets of what customers do.
    pub budgets: Arc<dyn BudgetRepository>,
    /// Notifications as staff see and correct them.
    pub notifications: Arc<dyn NotificationRepository>,
    /// Registered webhook endpoints.
    pub webhooks: Arc<dyn WebhookRepository>,
    /// Contacts.
    pub contacts: Arc<dyn ContactRepository>,
    /// Organizations of customers.
    pub organizations: Arc<dyn OrganizationRepository>,
    /// Tags of cases.
    pub tags: Arc<dyn TagRepository>,
    /// Erasures of persons.
    pub person_erasures: Arc<dyn PersonErasures>,
    /// Version of the recipients and permissions.
    pub directory: Arc<dyn DirectoryRepository>,
    /// Uploaded files that are not attached yet.
    pub uploads: Arc<dyn UploadRepository>,
    /// Pruning of expired data.
    pub retention: Arc<dyn RetentionRepository>,
    /// Index of search terms.
    pub index: Arc<dyn SearchIndex>,
    /// Erasure of personal data.
    pub erasure: Arc<dyn ErasureRepository>,
    /// Audit log.
    pub audit: Arc<dyn AuditRepository>,
    /// Ports that record an audit entry with each change.
    pub acts: Arc<dyn AuditedStore>,
    /// Health check of the store.
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
            budgets: store.clone(),
            notifications: store.clone(),
            webhooks: store.clone(),
            contacts: store.clone(),
            organizations: store.clone(),
            tags: store.clone(),
            person_erasures: store.clone(),
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

    /// Commits a decision without notifications.
    pub(super) async fn keep(&self, decision: Decision) -> Case {
        let case = decision.case.clone();
        self.commit(decision, Vec::new()).await.expect("a valid change is stored");
        case
    }

    pub(super) async fn hire(&self, member: &StaffMember) {
        self.staff.add_staff(member).await.expect("a new member is added");
    }

    /// Deactivates a member.
    pub(super) async fn dismiss(&self, member: &StaffMember, at: Timestamp) -> StaffMember {
        let gone = StaffMember { deactivated_at: Some(at), ..member.clone() };
        let change = self.staff.change_staff(member, &gone).await;
        assert_eq!(change.expect("a member is changed"), StaffChange::Made);
        gone
    }

    pub(super) async fn find(&self, number: &CaseNumber) -> Option<StoredCase> {
        self.cases.find_case(number).await.expect("a case is read")
    }

    /// Returns the stored case.
    pub(super) async fn case(&self, number: &CaseNumber) -> Case {
        self.find(number).await.expect("the case is stored").case
    }

    /// Returns the case with its whole conversation.
    pub(super) async fn details(&self, number: &CaseNumber) -> CaseDetails {
        let found = self
            .queries
            .find_case_details(number, &ALL_UPDATES)
            .await
            .expect("a case is looked up");
        found.expect("the case is stored")
    }

    pub(super) async fn claim_due(&self, claim: Claim) -> Vec<ClaimedMessage> {
        self.outbox.claim_due(claim).await.expect("notifications are claimed")
    }

    /// Claims e-mails with no limit per address.
    pub(super) async fn claim(&self, limit: u32, lease: Duration) -> Vec<ClaimedMessage> {
        let limit = NonZeroU32::new(limit).unwrap();
        self.claim_due(Claim { limit, lease, ..a_claim() }).await
    }

    /// Claims the only e-mail that is due.
    pub(super) async fn claim_one(&self, lease: Duration) -> ClaimedMessage {
        let mut claimed = self.claim(10, lease).await;
        assert_eq!(claimed.len(), 1, "one notification is due");
        claimed.remove(0)
    }

    /// Records the outcome of an attempt.
    pub(super) async fn complete(
        &self,
        message: &ClaimedMessage,
        completion: ClaimOutcome,
    ) -> bool {
        let completed = self.outbox.complete(vec![an_attempt(message, completion)]).await;
        let [recorded] = completed.expect("an attempt is recorded")[..] else {
            panic!("there is one result for each attempt");
        };
        recorded
    }

    /// Claims every due e-mail, and returns their addresses in alphabetical order.
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
        self.notifications.send_again(id).await.expect("a notification is resent")
    }

    /// Returns a notification as staff see it.
    pub(super) async fn notification(&self, id: NotificationId) -> NotificationSummary {
        let found = self.notifications.find_notification(id).await.expect("a notification is read");
        found.expect("the notification is stored").0
    }

    /// Returns the recorded attempts of a notification.
    pub(super) async fn attempts(&self, id: NotificationId) -> Vec<AttemptRecord> {
        let found = self.notifications.find_notification(id).await.expect("a notification is read");
        found.expect("the notification is stored").1
    }

    /// Returns all matching notifications in the order of the list, and checks their count.
    pub(super) async fn listed(&self, filter: &NotificationFilter) -> Vec<NotificationSummary> {
        let limit = NonZeroU32::new(1000).unwrap();
        let list = self.notifications.list_notifications(filter, NonZeroU32::MIN, limit).await;
        let list = list.expect("notifications are listed");
        let count = self.notifications.count_notifications(filter).await;
        assert_eq!(count.expect("notifications are counted"), list.len() as u64, "{filter:?}");
        list
    }
}
