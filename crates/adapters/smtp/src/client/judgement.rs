//! Decides what a refusal is about: the recipient, this sender, or something only further refusals
//! can show.

use engage_notifier::{NotifyError, Presumption, Refusal};

use super::reply::{Enhanced, Reply};
use super::step::Step;

/// Consequence of an unexpected reply for a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    TryAgain,
    GiveUp,
    StopChannel,
    /// Further refusals of the same kind decide.
    Ambiguous(Presumption),
    /// Like [`Self::Ambiguous`], except that no recipient can have caused it.
    Busy,
}

/// Interprets a reply at a step.
///
/// Servers reply to RCPT with their opinion of this client and its sender (Postfix does so by
/// default), and to the message with their opinion of the account. The enhanced code (RFC 3463)
/// therefore decides, not the command. RCPT is an exception: a relay that queries the recipient's
/// server repeats what that server says, and anyone can name a recipient.
pub(super) fn judge(step: Step, reply: &Reply) -> Verdict {
    use Presumption::{Recipient, Sender, Unknown};
    let is_early = step < Step::Mail;
    match (reply.class(), is_early) {
        (4, true) => return Verdict::Busy,
        (_, true) => return Verdict::StopChannel,
        (5, false) => {}
        // Temporary refusals, and replies that do not belong at this step.
        (_, false) => return Verdict::TryAgain,
    }
    let is_at_recipient = step == Step::Recipient;
    let said_about = reply.enhanced().and_then(subject);
    match (reply.code, said_about) {
        (530 | 535 | 504, _) | (_, Some(Subject::Sender)) => Verdict::Ambiguous(Sender),
        (_, Some(Subject::Recipient)) if step == Step::Mail => Verdict::StopChannel,
        (_, Some(Subject::Recipient | Subject::Message)) => Verdict::GiveUp,
        _ if reply.asks_for_patience() => {
            Verdict::Ambiguous(if is_at_recipient { Unknown } else { Sender })
        }
        (552, _) => Verdict::GiveUp,
        (_, Some(Subject::Policy)) if is_at_recipient => Verdict::Ambiguous(Unknown),
        (_, Some(Subject::Policy)) => Verdict::Ambiguous(Sender),
        _ if step == Step::Mail => Verdict::StopChannel,
        (550 | 551 | 553, None) if is_at_recipient => Verdict::Ambiguous(Recipient),
        (_, None) => Verdict::Ambiguous(Unknown),
    }
}

/// Subject of an enhanced code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Subject {
    Recipient,
    Message,
    /// Our sender, account or client.
    Sender,
    /// A policy of the server, or of the recipient's server.
    Policy,
}

fn subject(Enhanced { subject, detail }: Enhanced) -> Option<Subject> {
    match (subject, detail) {
        (1, 1..=3 | 6 | 10) | (2, 1 | 2) => Some(Subject::Recipient),
        (3, 4) | (6, _) => Some(Subject::Message),
        // Sender address; quota; "send as" denied by Exchange; protocol.
        (1, 7 | 8) | (4, 5) | (2, 252) | (5, _) => Some(Subject::Sender),
        (7, _) => Some(Subject::Policy),
        _ => None,
    }
}

/// Converts a refusal into a delivery error for this recipient.
pub(super) fn error(step: Step, reply: &Reply, to: &str, reason: String) -> NotifyError {
    let refusal = |depends_on_recipient, presumption| {
        let kind = kind(step, reply, to);
        NotifyError::Ambiguous(Refusal {
            reason: reason.clone(),
            kind,
            depends_on_recipient,
            presumption,
        })
    };
    match judge(step, reply) {
        Verdict::TryAgain => NotifyError::transient(reason),
        Verdict::GiveUp => NotifyError::rejected(reason),
        Verdict::StopChannel => NotifyError::ChannelDown { reason },
        Verdict::Busy => refusal(false, Presumption::Unknown),
        Verdict::Ambiguous(presumption) => refusal(true, presumption),
    }
}

/// Returns a key that is the same for equivalent refusals of different recipients.
fn kind(step: Step, reply: &Reply, to: &str) -> String {
    let enhanced = reply.enhanced();
    match enhanced.and_then(subject) {
        // Every server words its policy differently.
        Some(Subject::Policy) if step == Step::Recipient => format!("{step}: X.7"),
        _ => format!("{step}: {}", reply.without_particulars(to)),
    }
}

#[cfg(test)]
mod tests;
