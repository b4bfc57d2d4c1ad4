//! Failures of a delivery, and their consequences.

use std::fmt;
use std::io;
use std::time::Duration;

use engage_notifier::NotifyError;

use super::judgement;
use super::reply::Reply;
use super::step::Step;

/// Cause of a failure.
#[derive(Debug)]
pub(super) enum Cause {
    /// The server sent an unexpected or negative reply.
    Reply(Reply),
    /// The server sent something that is not a reply.
    Garbled,
    /// The connection could not be established, or it broke.
    Lost(io::Error),
    TimedOut,
    /// The whole operation exceeded this limit.
    TookLonger(Duration),
    /// The server does not offer STARTTLS, which the settings require.
    NoTls,
    /// The password would be sent without TLS.
    NoTlsForPassword,
    /// The server offers no supported AUTH mechanism.
    NoLogin,
}

/// A failed delivery: the step and the cause.
#[derive(Debug)]
pub(crate) struct Failure {
    step: Step,
    cause: Cause,
}

impl Failure {
    pub(super) fn new(step: Step, cause: Cause) -> Self {
        Self { step, cause }
    }

    /// Returns the failure with a modified reply.
    pub(super) fn map_reply(self, change: impl FnOnce(Reply) -> Reply) -> Self {
        let cause = match self.cause {
            Cause::Reply(reply) => Cause::Reply(change(reply)),
            cause => cause,
        };
        Self { cause, ..self }
    }

    /// Checks whether the server closed an idle connection, in which case a new one may work.
    pub(super) fn is_stale(&self) -> bool {
        match (self.step, &self.cause) {
            (Step::Mail, Cause::Lost(_)) => true,
            (Step::Mail, Cause::Reply(reply)) => reply.code == 421,
            _ => false,
        }
    }

    /// Checks whether the connection can be reused: the server sent a refusal and stays connected.
    pub(super) fn leaves_connection(&self) -> bool {
        matches!(&self.cause, Cause::Reply(reply) if matches!(reply.class(), 4 | 5) && reply.code != 421)
            && matches!(self.step, Step::Mail | Step::Recipient | Step::Data | Step::End)
    }
}

impl Failure {
    /// Converts the failure into the error of a notification to this recipient.
    ///
    /// Failures before MAIL concern the connection, so they stop the channel.
    pub(crate) fn into_error(self, to: &str) -> NotifyError {
        let reason = self.to_string();
        match self.cause {
            Cause::Reply(reply) => judgement::error(self.step, &reply, to, reason),
            Cause::NoTls | Cause::NoTlsForPassword | Cause::NoLogin => {
                NotifyError::ChannelDown { reason }
            }
            Cause::Garbled | Cause::Lost(_) | Cause::TimedOut | Cause::TookLonger(_)
                if self.step > Step::Place && self.step < Step::Mail =>
            {
                NotifyError::ChannelDown { reason }
            }
            Cause::Garbled | Cause::Lost(_) | Cause::TimedOut | Cause::TookLonger(_) => {
                NotifyError::transient(reason)
            }
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let step = self.step;
        match (&self.cause, step) {
            (Cause::Reply(reply), _) => {
                write!(f, "the mail server replied to {step} with {}", reply.shown())
            }
            (Cause::Garbled, Step::StartTls) => {
                f.write_str("something other than TLS follows the mail server's reply to STARTTLS")
            }
            (Cause::Garbled, _) => {
                write!(f, "the mail server's reply to {step} cannot be understood")
            }
            (Cause::Lost(error), Step::Connect) => {
                write!(f, "the mail server cannot be reached: {error}")
            }
            (Cause::Lost(error), Step::Handshake) => {
                write!(f, "TLS with the mail server failed: {error}")
            }
            (Cause::Lost(error), Step::End) => {
                write!(
                    f,
                    "the connection to the mail server was lost after it received the message, "
                )?;
                write!(f, "which it may have accepted: {error}")
            }
            (Cause::Lost(error), _) => {
                write!(f, "the connection to the mail server was lost at {step}: {error}")
            }
            (Cause::TimedOut, Step::Place) => {
                let limit = step.limit().as_secs();
                write!(f, "every connection to the mail server was in use for {limit} s")
            }
            (Cause::TimedOut, _) => {
                let limit = step.limit().as_secs();
                write!(f, "the mail server did not reply to {step} within {limit} s")
            }
            (Cause::TookLonger(limit), Step::Connect) => {
                write!(f, "no connection to the mail server within {} s", limit.as_secs())
            }
            (Cause::TookLonger(limit), _) => {
                write!(f, "the mail server did not accept the message within {} s", limit.as_secs())
            }
            (Cause::NoTls, _) => f.write_str("the mail server offers no TLS (STARTTLS)"),
            (Cause::NoTlsForPassword, _) => {
                f.write_str("the mail server offers no TLS (STARTTLS), so the password is not sent")
            }
            (Cause::NoLogin, _) => {
                f.write_str("the mail server offers no login with AUTH PLAIN or AUTH LOGIN")
            }
        }
    }
}
