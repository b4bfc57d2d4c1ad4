//! Admission, delivery and outcome of one notification.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use engage_domain::{Address, Channel, Template, TraceContext};
use engage_notifier::{
    ChannelProfile, Notification, Notifier, NotifyError, Refusal, RetrySchedule,
};
use engage_repository::{
    Admission, Attempt, ClaimOutcome, ClaimedMessage, OutboxRepository, RepositoryError,
    TRIAL_DELIVERY_INTERVAL,
};
use futures_util::FutureExt;
use tokio::time::{Instant, timeout};
use tracing::{Instrument, error, warn};

use super::log_text::for_the_log;
use super::recorder::Recorder;
use super::sending_limits::{self, SendingLimits};
use super::{channel_stop, retry_delay, trial_delivery};
use crate::customer_access::CustomerLinks;
use crate::metrics::{count_attempt, outcome_name};
use crate::trace::{TraceSampler, child_span, delivery_span};
use crate::webhooks::EndpointHealth;

/// Reason for cancelling an expired notification.
pub(super) const EXPIRED: &str = "expired";

/// Reason for cancelling an e-mail to a customer without an address. Only programs of earlier
/// releases queue one.
const NO_ADDRESS: &str = "the customer has no e-mail address";

/// Delay before admission is checked again if it could not be determined.
const ASK_AGAIN: Duration = Duration::from_secs(5);

/// Finding of a delivery about its address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AddressSignal {
    /// No finding.
    None,
    /// The address accepts notifications.
    Succeeded,
    /// The delivery failed.
    Failed,
    /// The address is overloaded.
    Overloaded {
        /// Pause that the recipient requested.
        retry_after: Option<Duration>,
    },
}

/// Delivers the notifications of a channel.
pub(super) struct Delivery {
    pub(super) channel: Channel,
    pub(super) profile: ChannelProfile,
    pub(super) notifier: Arc<dyn Notifier>,
    pub(super) outbox: Arc<dyn OutboxRepository>,
    pub(super) endpoints: EndpointHealth,
    pub(super) links: CustomerLinks,
    pub(super) recorder: Recorder,
    pub(super) limits: SendingLimits,
    /// Decides which claims are traced.
    pub(super) sampler: TraceSampler,
}

impl Delivery {
    pub(super) async fn deliver(&self, message: ClaimedMessage) -> AddressSignal {
        let began = Instant::now();
        let (id, claim) = (message.id, message.claim);
        let (completion, effect) = match self.admit(message).await {
            Ok(Ok(message)) => self.attempt(&message).await,
            Ok(Err(completion)) => (completion, AddressSignal::None),
            Err(failure) => {
                let reason = "the limits on sending could not be checked".to_owned();
                warn!(notification = %id, cause = failure.causes(), "{reason}");
                (ClaimOutcome::Deferred { after: ASK_AGAIN, reason }, AddressSignal::None)
            }
        };
        let ended = Attempt { id, claim, took: began.elapsed(), completion };
        count_attempt(self.channel, &ended.completion, ended.took);
        self.recorder.record(ended).await;
        effect
    }

    /// Returns the notification, with the cases it also covers, if it is admitted. Otherwise
    /// returns its outcome.
    async fn admit(
        &self,
        mut message: ClaimedMessage,
    ) -> Result<Result<ClaimedMessage, ClaimOutcome>, RepositoryError> {
        if self.channel == Channel::Webhook {
            return Ok(Ok(message));
        }
        if message.is_expired {
            return Ok(Err(ClaimOutcome::Cancelled { reason: EXPIRED.to_owned() }));
        }
        if matches!(&message.address, Address::Email(email) if email.is_absent()) {
            return Ok(Err(ClaimOutcome::Cancelled { reason: NO_ADDRESS.to_owned() }));
        }
        // A member of staff who resends it wants to know whether the recipient still refuses.
        let key = self.links.tokens().suppression_key(&message.address);
        let suppression = self.outbox.find_suppression(&key).await?;
        if let Some(reason) = suppression.filter(|_| !message.is_asked_again) {
            return Ok(Err(ClaimOutcome::Cancelled { reason }));
        }
        if message.is_admitted {
            return Ok(Ok(message));
        }
        let budgets = self.limits.budgets(&message)?;
        if budgets.is_empty() {
            return Ok(Ok(message));
        }
        let tells_of_others = match self.outbox.admit(message.id, budgets).await? {
            Admission::Granted => message.is_held_back,
            Admission::Exhausted { free_in } => match self.admit_digest(&message).await? {
                Admission::Granted => true,
                Admission::Exhausted { free_in: digest_in } => {
                    let (after, reason) =
                        (free_in.min(digest_in), sending_limits::reason(self.channel));
                    return Ok(Err(ClaimOutcome::HeldBack { after, reason }));
                }
            },
        };
        if tells_of_others {
            message.gathered = self.outbox.gather(message.id, message.claim).await?;
        }
        Ok(Ok(message))
    }

    /// Checks whether a notification above its budget may be sent as a digest of all held-back
    /// ones.
    async fn admit_digest(&self, message: &ClaimedMessage) -> Result<Admission, RepositoryError> {
        match sending_limits::digest_budget(message) {
            Some(budget) => self.outbox.admit(message.id, vec![budget]).await,
            None => Ok(Admission::Exhausted { free_in: Duration::MAX }),
        }
    }

    async fn attempt(&self, message: &ClaimedMessage) -> (ClaimOutcome, AddressSignal) {
        let notification = Notification {
            id: message.id,
            case_number: message.case_number.clone(),
            template: message.template,
            address: message.address.clone(),
            snapshot: message.snapshot.clone(),
            access: self.links.access(message),
            gathered: message.gathered.clone(),
            trace: trace_of_attempt(message),
        };
        let ChannelProfile { deadline, retries, .. } = self.profile;
        let span = delivery_span(&notification, message.trace.as_ref(), message.attempt);
        let delivering = self.notifier.deliver(&notification).instrument(span.clone());
        let outcome = in_time(deadline, delivering).await;
        span.record("trace.ended", true);
        let outcome = channel_stop::judge(&*self.outbox, message, retries, outcome).await;
        if let Err(failure) = &outcome {
            let (channel, attempt) = (self.channel, message.attempt);
            let failure = for_the_log(&failure.to_string());
            warn!(notification = %message.id, %channel, attempt, failure, "delivery failed");
        }
        self.follow_up(message, &outcome).await;
        let effect = effect_of(&outcome);
        let completion = completion(retries, message.attempt, outcome);
        span.record("engage.outcome", outcome_name(&completion));
        if !matches!(completion, ClaimOutcome::Sent) {
            span.record("otel.status_code", "ERROR");
        }
        (completion, effect)
    }

    /// Applies an outcome to the channel and the address. No failure here may prevent the attempt
    /// from being recorded.
    async fn follow_up(&self, message: &ClaimedMessage, outcome: &Result<(), NotifyError>) {
        let (outbox, channel) = (&*self.outbox, self.channel);
        let of_channel =
            trial_delivery::follow_up(outbox, channel, message.is_trial, outcome).await;
        let of_address = self.follow_up_on_address(message, outcome).await;
        for failure in [of_channel, of_address].into_iter().filter_map(Result::err) {
            let cause = failure.causes();
            error!(notification = %message.id, cause, "failed to record the result of a delivery");
        }
    }

    async fn follow_up_on_address(
        &self,
        message: &ClaimedMessage,
        outcome: &Result<(), NotifyError>,
    ) -> Result<(), RepositoryError> {
        match (&message.address, outcome) {
            (Address::Webhook(id), Ok(())) => self.endpoints.succeeded(*id).await,
            (Address::Webhook(id), Err(NotifyError::Unwanted { reason })) => {
                self.endpoints.disable(*id, reason, message).await
            }
            (
                Address::Webhook(id),
                Err(
                    NotifyError::Transient { .. }
                    | NotifyError::Overloaded { .. }
                    | NotifyError::Unreachable { .. },
                ),
            ) => self.endpoints.failed(*id, message).await,
            (address, Ok(())) if message.is_asked_again => {
                let key = self.links.tokens().suppression_key(address);
                self.outbox.lift_suppression(&key).await.map(drop)
            }
            (address, Err(NotifyError::Unwanted { reason })) => {
                self.outbox.suppress(address, reason).await
            }
            _ => Ok(()),
        }
    }
}

/// Returns the span of an attempt, in the trace of the change that caused the notification. Codes and
/// notices about endpoints are stored with an earlier event, which did not cause them.
fn trace_of_attempt(message: &ClaimedMessage) -> Option<TraceContext> {
    match message.template {
        Template::EndpointDisabledStaff => None,
        template if template.delivers_code() => None,
        _ => message.trace.as_ref().map(child_span),
    }
}

/// Delivers within the deadline. A timeout or a panic is a transient failure.
async fn in_time(
    deadline: Duration,
    delivery: impl Future<Output = Result<(), NotifyError>>,
) -> Result<(), NotifyError> {
    match timeout(deadline, AssertUnwindSafe(delivery).catch_unwind()).await {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(_)) => Err(NotifyError::transient("the channel failed unexpectedly")),
        Err(_) => Err(NotifyError::transient(format!("no answer within {} s", deadline.as_secs()))),
    }
}

fn effect_of(outcome: &Result<(), NotifyError>) -> AddressSignal {
    match outcome {
        Ok(()) => AddressSignal::Succeeded,
        Err(NotifyError::Transient { .. } | NotifyError::Unreachable { .. }) => {
            AddressSignal::Failed
        }
        Err(NotifyError::Overloaded { retry_after, .. }) => {
            AddressSignal::Overloaded { retry_after: *retry_after }
        }
        Err(
            NotifyError::Rejected { .. }
            | NotifyError::Unwanted { .. }
            | NotifyError::ChannelDown { .. }
            | NotifyError::Ambiguous(_),
        ) => AddressSignal::None,
    }
}

fn completion(
    retries: RetrySchedule,
    attempt: u32,
    outcome: Result<(), NotifyError>,
) -> ClaimOutcome {
    match outcome {
        Ok(()) => ClaimOutcome::Sent,
        Err(NotifyError::Rejected { reason } | NotifyError::Unwanted { reason }) => {
            ClaimOutcome::Dead { reason }
        }
        Err(
            NotifyError::Transient { reason, retry_after }
            | NotifyError::Overloaded { reason, retry_after }
            | NotifyError::Unreachable { reason, retry_after },
        ) => match retry_delay::delay(retries, attempt, retry_after) {
            Some(after) => ClaimOutcome::Retry { after, reason },
            None => ClaimOutcome::Dead { reason: format!("given up: {reason}") },
        },
        Err(
            NotifyError::ChannelDown { reason } | NotifyError::Ambiguous(Refusal { reason, .. }),
        ) => ClaimOutcome::Deferred { after: TRIAL_DELIVERY_INTERVAL, reason },
    }
}
