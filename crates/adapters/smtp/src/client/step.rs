use std::fmt;
use std::time::Duration;

/// How far a delivery has come, in order: what decides the meaning of a reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    /// A place among the connections.
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
    /// The message itself.
    Content,
    /// The answer to the message.
    End,
}

impl Step {
    /// How long it may take.
    ///
    /// RFC 5321, section 4.5.3.2, has minutes, which a delivery does not have: servers that make
    /// others wait on purpose do so for half a minute.
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
            // Whoever gives up here sends the message twice.
            Self::End => 100,
        })
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Place => "a place",
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
