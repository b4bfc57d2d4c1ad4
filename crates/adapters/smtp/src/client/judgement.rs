//! About whom a refusal is: this recipient, this desk, or one that other refusals have to show.

use engage_notifier::{NotifyError, Presumption, Refusal};

use super::reply::{Enhanced, Reply};
use super::step::Step;

/// What is to become of a message after a reply that is not the right one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    TryAgain,
    GiveUp,
    StopChannel,
    /// Others that are refused in the same way decide.
    Ambiguous(Presumption),
    /// The same, and no recipient can have caused it.
    Busy,
}

/// What a reply at a step means.
///
/// Servers say at RCPT what they think of this client and its sender (Postfix does so by default),
/// and after the message what they think of the account. So the enhanced code decides (RFC 3463)
/// and not the command, but for RCPT: there a relay that asks the recipient's server repeats what
/// that says, and anybody can name a recipient.
pub(super) fn judge(step: Step, reply: &Reply) -> Verdict {
    use Presumption::{Desk, Recipient, Unknown};
    let is_early = step < Step::Mail;
    match (reply.class(), is_early) {
        (4, true) => return Verdict::Busy,
        (_, true) => return Verdict::StopChannel,
        (5, false) => {}
        // What may pass, and what should not be said at this step.
        (_, false) => return Verdict::TryAgain,
    }
    let is_at_recipient = step == Step::Recipient;
    let said_about = reply.enhanced().and_then(subject);
    match (reply.code, said_about) {
        (530 | 535 | 504, _) | (_, Some(Subject::Desk)) => Verdict::Ambiguous(Desk),
        (_, Some(Subject::Recipient)) if step == Step::Mail => Verdict::StopChannel,
        (_, Some(Subject::Recipient | Subject::Message)) => Verdict::GiveUp,
        _ if reply.asks_for_patience() => {
            Verdict::Ambiguous(if is_at_recipient { Unknown } else { Desk })
        }
        (552, _) => Verdict::GiveUp,
        (_, Some(Subject::Policy)) if is_at_recipient => Verdict::Ambiguous(Unknown),
        (_, Some(Subject::Policy)) => Verdict::Ambiguous(Desk),
        _ if step == Step::Mail => Verdict::StopChannel,
        (550 | 551 | 553, None) if is_at_recipient => Verdict::Ambiguous(Recipient),
        (_, None) => Verdict::Ambiguous(Unknown),
    }
}

/// About whom or what an enhanced code is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Subject {
    Recipient,
    Message,
    /// This desk's sender, account or client.
    Desk,
    /// What the server, or the recipient's, lets pass.
    Policy,
}

fn subject(Enhanced { subject, detail }: Enhanced) -> Option<Subject> {
    match (subject, detail) {
        (1, 1..=3 | 6 | 10) | (2, 1 | 2) => Some(Subject::Recipient),
        (3, 4) | (6, _) => Some(Subject::Message),
        // The sender's address; a quota; Exchange's "send as" that was denied; the protocol.
        (1, 7 | 8) | (4, 5) | (2, 252) | (5, _) => Some(Subject::Desk),
        (7, _) => Some(Subject::Policy),
        _ => None,
    }
}

/// What a refusal means for a message to a recipient.
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

/// What two recipients' refusals have in common where they are the same.
fn kind(step: Step, reply: &Reply, to: &str) -> String {
    let enhanced = reply.enhanced();
    match enhanced.and_then(subject) {
        // Every server words its policy in its own way.
        Some(Subject::Policy) if step == Step::Recipient => format!("{step}: X.7"),
        _ => format!("{step}: {}", reply.without_particulars(to)),
    }
}

#[cfg(test)]
#[path = "judgement_tests.rs"]
mod tests;
