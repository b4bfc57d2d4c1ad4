use std::fmt;
use std::time::Duration;

/// Steps of a delivery, in order. The meaning of a reply depends on the step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    /// Waiting for a free connection.
    Place,
    Connect,
    Handshake,
    Greeting,
    Ehlo,
    StartTls,
    Auth,
    Reset,
    Mail,
    Recipient,
    Data,
    /// Sending the message itself.
    Content,
    /// Waiting for the reply to the message.
    End,
}

impl Step {
    /// Time limit of the step.
    ///
    /// RFC 5321, section 4.5.3.2, allows minutes, which a delivery does not have. Servers that
    /// delay clients on purpose do so for half a minute.
    pub(super) fn limit(self) -> Duration {
        Duration::from_secs(match self {
            Self::Reset => 5,
            Self::Connect | Self::Handshake => 10,
            Self::Place
            | Self::Greeting
            | Self::Ehlo
            | Self::StartTls
            | Self::Auth
            | Self::Mail
            | Self::Recipient
            | Self::Data
            | Self::Content => 60,
            // Giving up at this step would send the message twice.
            Self::End => 100,
        })
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Place => "a free connection",
            Self::Connect | Self::Greeting => "the connection",
            Self::Handshake => "the TLS handshake",
            Self::Ehlo => "EHLO",
            Self::StartTls => "STARTTLS",
            Self::Auth => "AUTH",
            Self::Reset => "RSET",
            Self::Mail => "MAIL",
            Self::Recipient => "RCPT",
            Self::Data => "DATA",
            Self::Content | Self::End => "the message",
        })
    }
}
