use std::io;

use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::op::ResponseCode;
use thiserror::Error;

/// Error returned when a name cannot be resolved. It says whether another attempt may succeed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ResolveError {
    /// The text is not a name.
    #[error("{name} is not a host name")]
    Malformed {
        /// The text.
        name: String,
    },
    /// The DNS servers responded that the name does not exist.
    #[error("{name} does not exist in DNS (NXDOMAIN); check the spelling")]
    NoSuchName {
        /// The name.
        name: String,
    },
    /// The name exists, but has no records of the type.
    #[error("{name} exists in DNS, but has no {records} records")]
    NoRecords {
        /// The name.
        name: String,
        /// Type of the records, such as `A or AAAA`.
        records: &'static str,
    },
    /// The DNS servers responded that they cannot resolve the name now.
    #[error("the DNS server failed to resolve {name} ({code}); try again later")]
    Failed {
        /// The name.
        name: String,
        /// Their response, such as `SERVFAIL`.
        code: String,
    },
    /// No DNS server responded in time.
    #[error("no DNS server responded in time to a question about {name}; try again later")]
    TimedOut {
        /// The name.
        name: String,
    },
    /// No DNS server could be asked.
    #[error("no DNS server could be asked about {name}: {reason}")]
    Unreachable {
        /// The name.
        name: String,
        /// Reason.
        reason: String,
    },
    /// No DNS server is known.
    #[error("{name} is not in the hosts file, and no DNS server is known: {reason}")]
    NoServers {
        /// The name.
        name: String,
        /// Reason.
        reason: String,
    },
}

impl ResolveError {
    /// Converts the error of a question about a name.
    pub(crate) fn of(name: &str, records: &'static str, error: &NetError) -> Self {
        let name = name.to_owned();
        match error {
            error if error.is_nx_domain() => Self::NoSuchName { name },
            error if error.is_no_records_found() => Self::NoRecords { name, records },
            NetError::Dns(DnsError::ResponseCode(code)) => Self::Failed { name, code: word(*code) },
            NetError::Timeout => Self::TimedOut { name },
            error => Self::Unreachable { name, reason: error.to_string() },
        }
    }

    /// Checks whether the same attempt may succeed later.
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::Malformed { .. } | Self::NoSuchName { .. } | Self::NoRecords { .. } => false,
            Self::Failed { .. }
            | Self::TimedOut { .. }
            | Self::Unreachable { .. }
            | Self::NoServers { .. } => true,
        }
    }
}

/// Returns a response code as other tools write it.
fn word(code: ResponseCode) -> String {
    match code {
        ResponseCode::ServFail => "SERVFAIL".to_owned(),
        ResponseCode::Refused => "REFUSED".to_owned(),
        ResponseCode::NotImp => "NOTIMP".to_owned(),
        ResponseCode::FormErr => "FORMERR".to_owned(),
        code => code.to_str().to_owned(),
    }
}

impl From<ResolveError> for io::Error {
    fn from(error: ResolveError) -> Self {
        let kind = match &error {
            ResolveError::Malformed { .. } => io::ErrorKind::InvalidInput,
            ResolveError::TimedOut { .. } => io::ErrorKind::TimedOut,
            _ => io::ErrorKind::NotFound,
        };
        Self::new(kind, error)
    }
}
