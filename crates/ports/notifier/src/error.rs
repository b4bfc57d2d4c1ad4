use std::time::Duration;

use thiserror::Error;

/// Error returned when a notification was not delivered. The variant decides how the dispatcher
/// proceeds. Reasons are shown to staff, so they contain neither secrets nor any part of the
/// message.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NotifyError {
    /// A temporary failure. Retry.
    #[error("{reason}")]
    Transient {
        /// Description of the failure.
        reason: String,
        /// Delay requested by the remote server.
        retry_after: Option<Duration>,
    },
    /// A temporary failure because the remote server is overloaded. Retry, and send it fewer
    /// messages concurrently.
    #[error("{reason}")]
    Overloaded {
        /// Description of the failure.
        reason: String,
        /// Delay requested by the remote server.
        retry_after: Option<Duration>,
    },
    /// The notification was rejected permanently. Give it up.
    #[error("{reason}")]
    Rejected {
        /// Description of the failure.
        reason: String,
    },
    /// The recipient no longer accepts messages on this channel. Give the notification up and
    /// suppress the address.
    #[error("{reason}")]
    Unwanted {
        /// Response of the remote server.
        reason: String,
    },
    /// Every delivery fails at present because of credentials, configuration or the connection.
    /// Stop the channel.
    #[error("{reason}")]
    ChannelDown {
        /// Description of the failure.
        reason: String,
    },
    /// The remote server failed without a response about this notification. Retry, and never give
    /// the notification up for this reason. When the attempts are exhausted, stop the channel
    /// instead.
    #[error("{reason}")]
    Unreachable {
        /// Description of the failure.
        reason: String,
        /// Delay requested by the remote server.
        retry_after: Option<Duration>,
    },
    /// A rejection that may concern either this recipient or every message. It is classified by
    /// comparing it with other rejections of the same kind.
    #[error("{}", .0.reason)]
    Ambiguous(Refusal),
}

/// A rejection from which it is not clear whether it concerns the recipient or the whole channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Response of the remote server, shown to staff.
    pub reason: String,
    /// Key of the kind of rejection. Equal for equal responses, independent of the recipient.
    pub kind: String,
    /// True if a recipient or its server may have caused the rejection.
    pub depends_on_recipient: bool,
    /// Assumed cause as long as no other message is rejected in the same way.
    pub presumption: Presumption,
}

/// Assumed cause of an ambiguous rejection in the absence of other evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presumption {
    /// The recipient. The notification is given up.
    Recipient,
    /// Unknown. The notification is retried.
    Unknown,
    /// The sending side, such as its account or sender address. The channel is stopped.
    Sender,
}

impl NotifyError {
    /// Returns a permanent rejection.
    pub fn rejected(reason: impl Into<String>) -> Self {
        Self::Rejected { reason: reason.into() }
    }

    /// Returns a temporary failure.
    pub fn transient(reason: impl Into<String>) -> Self {
        Self::Transient { reason: reason.into(), retry_after: None }
    }
}
