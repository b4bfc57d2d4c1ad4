//! How a delivery fails, and what follows from it.

use std::fmt;
use std::io;
use std::time::Duration;

use engage_notifier::NotifyError;

use super::judgement;
use super::reply::Reply;
use super::step::Step;

/// What went wrong.
#[derive(Debug)]
pub(super) enum Cause {
    /// The server answered, and not as it should.
    Reply(Reply),
    /// What the server sent is no reply.
    Garbled,
    /// The connection was not made, or broke.
    Lost(io::Error),
    TimedOut,
    /// All that was to be done took this long.
    TookLonger(Duration),
    /// The server offers no STARTTLS, which the settings ask for.
    NoTls,
    /// The password would be sent without TLS.
    NoTlsForPassword,
    /// The server offers no login, or no known one.
    NoLogin,
}

/// Why a message was not delivered.
#[derive(Debug)]
pub(crate) struct Failure {
    step: Step,
    cause: Cause,
}

impl Failure {
    pub(super) fn new(step: Step, cause: Cause) -> Self {
        Self { step, cause }
    }

    /// The same with another text of the server's reply.
    pub(super) fn map_reply(self, change: impl FnOnce(Reply) -> Reply) -> Self {
        let cause = match self.cause {
            Cause::Reply(reply) => Cause::Reply(change(reply)),
            cause => cause,
        };
        Self { cause, ..self }
    }

    /// Whether the server closed a connection that lay idle: another one would do.
    pub(super) fn is_stale(&self) -> bool {
        match (self.step, &self.cause) {
            (Step::Mail, Cause::Lost(_)) => true,
            (Step::Mail, Cause::Reply(reply)) => reply.code == 421,
            _ => false,
        }
    }

    /// Whether the connection is good for another message: the server said no, and goes on.
    pub(super) fn leaves_connection(&self) -> bool {
        matches!(&self.cause, Cause::Reply(reply) if matches!(reply.class(), 4 | 5) && reply.code != 421)
            && matches!(self.step, Step::Mail | Step::Recipient | Step::Data | Step::End)
    }
}

impl Failure {
    /// What it means for a message to a recipient.
    ///
    /// Until a message is begun, whatever goes wrong is the connection's matter.
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
                write!(f, "the mail server answered {step} with {}", reply.shown())
            }
            (Cause::Garbled, Step::StartTls) => {
                f.write_str("something else than TLS follows the mail server's answer to STARTTLS")
            }
            (Cause::Garbled, _) => {
                write!(f, "the mail server's answer to {step} cannot be understood")
            }
            (Cause::Lost(error), Step::Connect) => {
                write!(f, "the mail server cannot be reached: {error}")
            }
            (Cause::Lost(error), Step::Handshake) => {
                write!(f, "TLS with the mail server failed: {error}")
            }
            (Cause::Lost(error), Step::End) => {
                write!(f, "the connection to the mail server was lost when it had the message, ")?;
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
                write!(f, "the mail server did not answer {step} within {limit} s")
            }
            (Cause::TookLonger(limit), Step::Connect) => {
                write!(f, "no connection to the mail server within {} s", limit.as_secs())
            }
            (Cause::TookLonger(limit), _) => {
                write!(f, "the mail server did not take the message within {} s", limit.as_secs())
            }
            (Cause::NoTls, _) => f.write_str("the mail server offers no TLS (STARTTLS)"),
            (Cause::NoTlsForPassword, _) => f.write_str(
                "the mail server offers no TLS (STARTTLS), without which no password is sent",
            ),
            (Cause::NoLogin, _) => {
                f.write_str("the mail server offers no login by AUTH PLAIN or AUTH LOGIN")
            }
        }
    }
}
