use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use async_trait::async_trait;
use engage_domain::notify::{AttemptOutcome, NotificationStatus};
use engage_domain::{
    Address, CaseId, CaseNumber, Channel, NotificationId, Participant, PersonId, Template,
    Timestamp, TraceContext,
};

use crate::{AccessGeneration, Admission, Budget, RepositoryError, SuppressionKey};

/// Token of a claim. If a lease runs out and another worker takes the notification over, it gets a
/// new token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClaimToken(pub i64);

/// Request to claim due notifications.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Channel to deliver.
    pub channel: Channel,
    /// Maximum number of notifications.
    pub limit: NonZeroU32,
    /// Duration of the lease.
    pub lease: Duration,
    /// Maximum number of concurrent deliveries per address.
    pub most_per_address: NonZeroU32,
    /// Number of deliveries that the caller already has in progress, by address.
    pub under_way: Vec<(Address, u32)>,
}

/// A notification that was claimed for delivery.
// These flags are independent of each other.
#[allow(clippy::struct_excessive_bools)]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimedMessage {
    /// Id of the notification, the same on every attempt.
    pub id: NotificationId,
    /// Token needed to complete the claim.
    pub claim: ClaimToken,
    /// Number of this attempt, from 1.
    pub attempt: u32,
    /// Id of the case it is about.
    pub case_id: CaseId,
    /// Number of the case it is about.
    pub case_number: CaseNumber,
    /// Generation of the proofs that are currently valid for the recipient: those of the
    /// participant whom it is for, or else those of the customer.
    pub access_generation: AccessGeneration,
    /// Template to render.
    pub template: Template,
    /// Address of the recipient.
    pub address: Address,
    /// The participant whom it is for. `None` for the customer, staff and endpoints.
    pub person: Option<PersonId>,
    /// Participants of the case as they are now. Empty unless it is for one of them.
    pub participants: Vec<Participant>,
    /// Snapshot of the case and the event at the time the notification was written, as JSON.
    pub snapshot: String,
    /// Time after which it is not worth sending. Never if absent.
    pub expires_at: Option<Timestamp>,
    /// True if that time has passed by the clock of the storage.
    pub is_expired: bool,
    /// True if someone requested this notification individually to be sent again, in which case it
    /// is sent even if its address is suppressed.
    pub is_asked_again: bool,
    /// True if the channel is stopped and this is the trial delivery that tests it.
    pub is_trial: bool,
    /// True if the event was caused by the customer, which requires no login.
    pub is_caused_by_customer: bool,
    /// IP address that the event was caused from, if known.
    pub client: Option<IpAddr>,
    /// The span that caused the event, if known.
    pub trace: Option<TraceContext>,
    /// True if the budgets have already admitted it.
    pub is_admitted: bool,
    /// True if it was held back when the budgets were last checked.
    pub is_held_back: bool,
    /// Cases whose notifications to the same address were held back and that this notification
    /// covers.
    pub gathered: Vec<CaseNumber>,
}

impl ClaimedMessage {
    /// Returns the participant whom it is for, as they are now.
    pub fn participant(&self) -> Option<&Participant> {
        self.participants.iter().find(|participant| Some(participant.id) == self.person)
    }

    /// Checks whether the recipient may receive it now. A participant who no longer takes part
    /// [may not](Participant::may_receive).
    pub fn has_recipient(&self) -> bool {
        let may_receive = |participant: &Participant| participant.may_receive(self.template);
        self.person.is_none() || self.participant().is_some_and(may_receive)
    }
}

/// Outcome of a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClaimOutcome {
    /// The remote server accepted the notification.
    Sent,
    /// A temporary failure.
    Retry {
        /// Delay before the next attempt.
        after: Duration,
        /// Reason for the failure.
        reason: String,
    },
    /// A permanent failure.
    Dead {
        /// Reason for the failure.
        reason: String,
    },
    /// The channel as a whole failed, through no fault of this notification. The attempt does not
    /// count.
    Deferred {
        /// Delay before the next attempt.
        after: Duration,
        /// Reason for the failure.
        reason: String,
    },
    /// A budget is exhausted, so the notification waits. The attempt does not count.
    HeldBack {
        /// Delay before the next attempt.
        after: Duration,
        /// Description of the budget.
        reason: String,
    },
    /// The notification is not to be sent. No attempt was made.
    Cancelled {
        /// Reason for the cancellation.
        reason: String,
    },
    /// No attempt was made after all. The notification is due again at once and the attempt does
    /// not count.
    Released,
}

/// State of a notification after a claim, derived from its outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotificationTransition {
    /// New status.
    pub status: NotificationStatus,
    /// True if the attempt counts.
    pub counts: bool,
    /// Delay until the notification is due again. Without one, the notification is finished.
    pub due_after: Option<Duration>,
    /// Reason for the failure.
    pub reason: Option<String>,
    /// Outcome recorded for the attempt. Absent if no attempt is recorded.
    pub outcome: Option<AttemptOutcome>,
    /// True if a budget holds the notification back.
    pub is_held_back: bool,
}

impl From<ClaimOutcome> for NotificationTransition {
    fn from(completion: ClaimOutcome) -> Self {
        use AttemptOutcome as O;
        use NotificationStatus::{Cancelled, Dead, Pending, Sent};
        let is_held_back = matches!(completion, ClaimOutcome::HeldBack { .. });
        let (status, counts, due_after, reason, outcome) = match completion {
            ClaimOutcome::Sent => (Sent, true, None, None, Some(O::Sent)),
            ClaimOutcome::Dead { reason } => (Dead, true, None, Some(reason), Some(O::Dead)),
            ClaimOutcome::Retry { after, reason } => {
                (Pending, true, Some(after), Some(reason), Some(O::Failed))
            }
            ClaimOutcome::Deferred { after, reason } => {
                (Pending, false, Some(after), Some(reason), Some(O::Deferred))
            }
            ClaimOutcome::HeldBack { after, reason } => {
                (Pending, false, Some(after), Some(reason), None)
            }
            ClaimOutcome::Cancelled { reason } => {
                (Cancelled, false, None, Some(reason), Some(O::Cancelled))
            }
            ClaimOutcome::Released => (Pending, false, Some(Duration::ZERO), None, None),
        };
        Self { status, counts, due_after, reason, outcome, is_held_back }
    }
}

/// A completed claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// Id of the notification.
    pub id: NotificationId,
    /// Token of the claim.
    pub claim: ClaimToken,
    /// Duration of the attempt.
    pub took: Duration,
    /// Outcome of the claim.
    pub completion: ClaimOutcome,
}

/// A notification that was rejected in a way that may concern its whole channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedMessage {
    /// Id of the notification.
    pub id: NotificationId,
    /// Channel of the notification.
    pub channel: Channel,
    /// Key of the kind of rejection. Equal for the same rejection of another notification.
    pub kind: String,
    /// True if the recipient was not chosen by a stranger.
    pub is_ours: bool,
    /// True if a recipient may have caused the rejection. If false, two notifications are
    /// sufficient evidence even if they have the same recipient.
    pub depends_on_recipient: bool,
}

/// Status of a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelStatus {
    /// The channel.
    pub channel: Channel,
    /// Time and reason of the stop, if the channel is stopped.
    pub stopped: Option<(Timestamp, String)>,
}

/// The transactional outbox.
///
/// ```
/// use std::time::Duration;
///
/// use engage_repository::{Attempt, CaseRepository, ClaimOutcome, OutboxRepository};
/// use engage_sqlite::SqliteStore;
/// use engage_testkit::builders::{a_change_set, a_claim, a_message, an_opened};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let store = SqliteStore::in_memory()?;
/// let messages = vec![a_message("john@example.com")];
/// store.commit(a_change_set(an_opened(1), messages)).await?;
///
/// let claimed = store.claim_due(a_claim()).await?;
/// let (id, claim, took) = (claimed[0].id, claimed[0].claim, Duration::from_millis(80));
/// let attempt = Attempt { id, claim, took, completion: ClaimOutcome::Sent };
/// assert_eq!(store.complete(vec![attempt]).await?, [true]);
/// assert_eq!(store.claim_due(a_claim()).await?, []);
/// # Ok(())
/// # }
/// ```
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait OutboxRepository: Send + Sync {
    /// Claims due notifications of a channel under a lease, longest due first.
    ///
    /// MUST NOT return a notification that another worker has claimed under a lease that has not
    /// expired, nor one that is finished. MUST count the attempt. A notification whose lease has
    /// expired is due.
    ///
    /// MUST NOT return a notification while an earlier event of the same case has one for the same
    /// address that is neither finished nor held back and has failed fewer than
    /// [`FAILURES_BEFORE_OVERTAKING`](crate::FAILURES_BEFORE_OVERTAKING) times. An attempt in
    /// progress does not count as a failure. MUST NOT return more notifications for an address than
    /// [`most_per_address`](Claim::most_per_address) minus those [in progress](Claim::under_way).
    ///
    /// MUST return no notification whose participant no longer
    /// [may receive it](ClaimedMessage::has_recipient), and MUST cancel it. Commits cancel what waits
    /// for somebody who is gone, but a code may be stored at the same time, and staff may have a
    /// cancelled notification sent again.
    ///
    /// While the channel is stopped, MUST return only one notification per
    /// [`TRIAL_DELIVERY_INTERVAL`](crate::TRIAL_DELIVERY_INTERVAL) across all callers, marked as a
    /// [trial delivery](ClaimedMessage::is_trial).
    async fn claim_due(&self, claim: Claim) -> Result<Vec<ClaimedMessage>, RepositoryError>;

    /// Cancels the waiting notifications of a channel that have expired, and returns their number.
    /// On a stopped channel this keeps them from being used as trial deliveries.
    async fn cancel_expired(&self, channel: Channel, reason: &str) -> Result<u64, RepositoryError>;

    /// Records the outcomes of claims, and returns for each whether it was recorded.
    ///
    /// MUST return `false` and change nothing for a notification that is no longer claimed with the
    /// token. A claim with an expired lease remains valid until another worker takes the
    /// notification over. MUST record each attempt, except for [released](ClaimOutcome::Released)
    /// claims.
    async fn complete(&self, attempts: Vec<Attempt>) -> Result<Vec<bool>, RepositoryError>;

    /// Marks a channel as stopped. The first trial delivery is due after the interval of these. If
    /// the channel is already stopped, MUST retain the time of the stop and replace the reason.
    async fn stop_channel(&self, channel: Channel, reason: &str) -> Result<(), RepositoryError>;

    /// Records a rejection, and returns whether those recorded consecutively show that the channel as
    /// a whole is failing ([`ChannelRefusals`](crate::ChannelRefusals)).
    ///
    /// Consecutively MUST mean that in between no rejection of another kind occurred and no
    /// notification of the channel was recorded as accepted, regardless of the worker. MUST compare
    /// e-mail addresses case-insensitively. If the channel is failing, the notifications that were
    /// given up for the same reason MUST become due again without counting the attempt, either now
    /// or when the channel is started.
    async fn note_refusal(&self, refused: RefusedMessage) -> Result<bool, RepositoryError>;

    /// Marks a channel as running.
    async fn start_channel(&self, channel: Channel) -> Result<(), RepositoryError>;

    /// Returns the status of every channel, in the order of [`Channel::ALL`].
    async fn list_channels(&self) -> Result<Vec<ChannelStatus>, RepositoryError>;

    /// Suppresses an address. MUST retain the first reason.
    async fn suppress(&self, address: &Address, reason: &str) -> Result<(), RepositoryError>;

    /// Lifts the suppression of an address. Returns `false` if it was not suppressed. MUST compare
    /// e-mail addresses case-insensitively, and lift the suppression of an erased person, too.
    async fn lift_suppression(&self, key: &SuppressionKey) -> Result<bool, RepositoryError>;

    /// Returns the reason for which an address is suppressed, or `None` if it is not. MUST compare
    /// e-mail addresses case-insensitively, and find the suppression of an erased person, too.
    async fn find_suppression(
        &self,
        key: &SuppressionKey,
    ) -> Result<Option<String>, RepositoryError>;

    /// Counts a claimed notification against budgets, unless one of them is exhausted.
    ///
    /// MUST count against all of them or none, and never admit more than a budget allows, however
    /// many callers there are at once. An admitted notification is
    /// [not checked again](ClaimedMessage::is_admitted). MUST decide and count as
    /// [`Verdict`](crate::Verdict) does, so that a shared budget is divided fairly.
    async fn admit(
        &self,
        id: NotificationId,
        budgets: Vec<Budget>,
    ) -> Result<Admission, RepositoryError>;

    /// Merges the notifications that are held back for the same address, compared
    /// case-insensitively, into a claimed one, and cancels them. Returns the numbers of the cases
    /// that the claimed one then covers, in order and without its own.
    ///
    /// MUST leave out notifications that are not held back, are being delivered, or are for another
    /// participant or for the customer if this one is not: only they have the link or the reason
    /// for the e-mail. MUST change
    /// nothing if the notification is no longer claimed with the token. On each later attempt, the
    /// notification MUST cover the same cases.
    async fn gather(
        &self,
        id: NotificationId,
        claim: ClaimToken,
    ) -> Result<Vec<CaseNumber>, RepositoryError>;

    /// Returns the number of held-back notifications by channel. Channels without any are omitted.
    async fn count_held_back(&self) -> Result<Vec<(Channel, u64)>, RepositoryError>;
}
