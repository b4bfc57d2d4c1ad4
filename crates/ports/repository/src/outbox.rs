use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use async_trait::async_trait;
use engage_domain::{
    Address, AttemptOutcome, CaseId, CaseNumber, Channel, NotificationId, NotificationStatus,
    Template, Timestamp,
};

use crate::{AccessGeneration, Admission, Budget, RepositoryError};

/// Proves that a message is claimed by the one who shows it: a claim that has run out and was
/// taken over has another token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClaimToken(pub i64);

/// Which messages somebody wants to deliver now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// By which channel.
    pub channel: Channel,
    /// How many at most.
    pub limit: NonZeroU32,
    /// For how long the claim holds.
    pub lease: Duration,
    /// How many may be on their way to one address at once.
    pub most_per_address: NonZeroU32,
    /// How many the claimer has on their way already, by address.
    pub under_way: Vec<(Address, u32)>,
}

/// A message that somebody is to deliver now.
// Each is a fact of its own: any of them may hold with any other.
#[allow(clippy::struct_excessive_bools)]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimedMessage {
    /// Identifies the message over all its attempts.
    pub id: NotificationId,
    /// Needed to complete it.
    pub claim: ClaimToken,
    /// Which attempt this is, from 1.
    pub attempt: u32,
    /// The case it is about.
    pub case_id: CaseId,
    /// The same, for people.
    pub case_number: CaseNumber,
    /// The generation of the proofs of ownership that hold for the case now.
    pub access_generation: AccessGeneration,
    /// What it says.
    pub template: Template,
    /// Where it goes.
    pub address: Address,
    /// The case and the event as text, as they were when the message was written down.
    pub snapshot: String,
    /// The last moment at which it is worth sending; any moment where there is none.
    pub expires_at: Option<Timestamp>,
    /// Whether that had passed, by the clock of storage.
    pub is_expired: bool,
    /// Whether somebody has it sent again by itself, whatever is known of its address.
    pub is_asked_again: bool,
    /// Whether the channel is stopped, and this message is to show whether it works again.
    pub is_probe: bool,
    /// Whether the customer caused the event, for which nobody has to log in.
    pub is_caused_by_customer: bool,
    /// From where the event was caused, if that is known.
    pub client: Option<IpAddr>,
    /// Whether the budgets have let it go.
    pub is_admitted: bool,
    /// Whether it was held back, the last time that the budgets were asked.
    pub is_held_back: bool,
    /// Cases whose messages to the same address were held back and are told of in this one.
    pub gathered: Vec<CaseNumber>,
}

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClaimOutcome {
    /// The other side accepted the message.
    Sent,
    /// It failed in a way that may pass.
    Retry {
        /// How long to wait.
        after: Duration,
        /// What went wrong.
        reason: String,
    },
    /// It will never succeed.
    Dead {
        /// What went wrong.
        reason: String,
    },
    /// The channel took no message at all, through no fault of this one: the attempt does not count.
    Deferred {
        /// How long to wait.
        after: Duration,
        /// What went wrong.
        reason: String,
    },
    /// A budget is used up: it waits, and the attempt does not count.
    HeldBack {
        /// How long to wait.
        after: Duration,
        /// Which budget.
        reason: String,
    },
    /// It is not to be sent; nothing was attempted.
    Cancelled {
        /// Why.
        reason: String,
    },
    /// It was not attempted after all; it is due again at once and the attempt does not count.
    Released,
}

/// What is kept of a message once an attempt is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotificationTransition {
    /// Where the message stands.
    pub status: NotificationStatus,
    /// Whether the attempt counts as one.
    pub counts: bool,
    /// When it is due again; a message that is not is finished.
    pub due_after: Option<Duration>,
    /// What went wrong.
    pub reason: Option<String>,
    /// As what the attempt is kept; one that was not made is not.
    pub outcome: Option<AttemptOutcome>,
    /// Whether a budget holds the message back.
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

/// A claim that is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// The message.
    pub id: NotificationId,
    /// The claim it was attempted under.
    pub claim: ClaimToken,
    /// How long it took.
    pub took: Duration,
    /// How it ended.
    pub completion: ClaimOutcome,
}

/// A message that was refused in a way that may be about every message of its channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedMessage {
    /// The message.
    pub id: NotificationId,
    /// By which channel it was to go.
    pub channel: Channel,
    /// The same for the same refusal of another message.
    pub kind: String,
    /// Whether no stranger chose the recipient.
    pub is_ours: bool,
    /// Whether a recipient can have caused it. Otherwise two messages show as much as two
    /// recipients, whoever they are for.
    pub depends_on_recipient: bool,
}

/// Whether a channel takes messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelStatus {
    /// Which channel.
    pub channel: Channel,
    /// Since when, and why, it takes none.
    pub stopped: Option<(Timestamp, String)>,
}

/// Messages on their way out.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait OutboxRepository: Send + Sync {
    /// Claims due messages of a channel, the longest due first, for the time of a lease.
    ///
    /// MUST NOT return a message that is claimed by another whose lease has not run out, nor one
    /// that is finished. MUST count the attempt. A message whose lease ran out is due.
    ///
    /// MUST NOT return a message while an earlier event of the same case has one for the same
    /// address that is neither finished nor held back nor has failed four times; an attempt under way
    /// has not failed yet. MUST NOT return more for an address than
    /// [`most_per_address`](Claim::most_per_address) less those [under way](Claim::under_way).
    ///
    /// Of a stopped channel, MUST return one message a minute and no other, whoever asks, as a
    /// [probe](ClaimedMessage::is_probe).
    async fn claim_due(&self, claim: Claim) -> Result<Vec<ClaimedMessage>, RepositoryError>;

    /// Cancels the messages of a channel that wait and whose last moment has passed, and returns how
    /// many; so that of a stopped channel none of them is taken for a probe.
    async fn cancel_expired(&self, channel: Channel, reason: &str) -> Result<u64, RepositoryError>;

    /// Records how attempts ended, and returns for each whether it was recorded.
    ///
    /// MUST return `false` and change nothing for a message that is no longer claimed with the
    /// token. A claim whose lease ran out holds until another takes the message over. MUST keep
    /// each attempt, but for what was [released](ClaimOutcome::Released).
    async fn complete(&self, attempts: Vec<Attempt>) -> Result<Vec<bool>, RepositoryError>;

    /// Notes that a channel takes no messages; the first probe is due in a minute. MUST keep the
    /// time since when where it is stopped already, and take the new reason.
    async fn stop_channel(&self, channel: Channel, reason: &str) -> Result<(), RepositoryError>;

    /// Notes that a message was refused, and returns whether that shows that the channel is: two
    /// recipients have got refusals of this kind in a row, at least one of them ours, or two
    /// messages where it depends on no recipient.
    ///
    /// In a row MUST mean with no refusal of another kind, and no message of the channel recorded
    /// as accepted, in between, whoever attempted them. MUST take an e-mail address for the same in
    /// any case of letters. Where it shows that, those that were given up for the same MUST become
    /// due again, their attempt not counted, now or when the channel is started.
    async fn note_refusal(&self, refused: RefusedMessage) -> Result<bool, RepositoryError>;

    /// Notes that a channel takes messages.
    async fn start_channel(&self, channel: Channel) -> Result<(), RepositoryError>;

    /// Every channel, in the order of [`Channel::ALL`].
    async fn list_channels(&self) -> Result<Vec<ChannelStatus>, RepositoryError>;

    /// Notes that an address wants no messages any more. MUST keep the first reason.
    async fn suppress(&self, address: &Address, reason: &str) -> Result<(), RepositoryError>;

    /// Notes that an address may want messages again; `false` when nothing was known of it. MUST take
    /// an e-mail address for the same in any case of letters.
    async fn lift_suppression(&self, address: &Address) -> Result<bool, RepositoryError>;

    /// Returns why an address wants no messages, if it is known to want none. MUST take an e-mail
    /// address for the same in any case of letters.
    async fn find_suppression(&self, address: &Address) -> Result<Option<String>, RepositoryError>;

    /// Counts a claimed message against budgets, unless one of them is used up.
    ///
    /// MUST count against all of them or none, and never admit more than a budget has, however many
    /// ask at once. An admitted message is [no longer asked about](ClaimedMessage::is_admitted). MUST
    /// decide and count as [`Verdict`](crate::Verdict) does, so that a budget that is shared is dealt
    /// out.
    async fn admit(
        &self,
        id: NotificationId,
        budgets: Vec<Budget>,
    ) -> Result<Admission, RepositoryError>;

    /// Makes a claimed message tell of those that are held back for the same address, in any case of
    /// letters, and cancels these. Returns the cases that it tells of, its own left out, in the order
    /// of their numbers.
    ///
    /// MUST leave out messages that are not held back or are attempted now. MUST change nothing if the
    /// message is no longer claimed with the token. The message MUST tell of the same cases on each
    /// later attempt.
    async fn gather(
        &self,
        id: NotificationId,
        claim: ClaimToken,
    ) -> Result<Vec<CaseNumber>, RepositoryError>;

    /// Counts the messages that are held back, by channel; channels without any are left out.
    async fn count_held_back(&self) -> Result<Vec<(Channel, u64)>, RepositoryError>;
}
