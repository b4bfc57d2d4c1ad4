//! Reads a provider's keys.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use engage_outbound::{DnsResolver, client_config, http_client, system_roots};
use reqwest::Client;
use thiserror::Error;
use url::{Host, Url};

use crate::key_set::{KeySet, KeySetError};

/// Time limit for reading the keys. It is shorter than that of a request, which may wait for it.
const PATIENCE: Duration = Duration::from_secs(3);

/// Maximum size of the key document in bytes.
const LARGEST: usize = 256 * 1024;

/// Source of a provider's keys: a file, or an `https` URL (`http` is allowed on this machine).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeySource {
    /// A file with a JSON Web Key Set.
    File(PathBuf),
    /// A URL that returns a JSON Web Key Set.
    Url(Url),
}

/// Error returned when a text is not a valid source of keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum KeySourceError {
    /// The text is not a URL.
    #[error("must be an https URL or the path of a file")]
    Malformed,
    /// An attacker in the network could replace the keys.
    #[error("must use https; http is allowed for this machine only")]
    NotSecure,
}

/// Error returned when a key source cannot be set up.
#[derive(Debug, Error)]
pub enum SetUpError {
    /// The file cannot be read.
    #[error("cannot read {path}", path = path.display())]
    File {
        /// Path of the file.
        path: PathBuf,
        /// Underlying error.
        #[source]
        cause: std::io::Error,
    },
    /// The file contains no usable keys.
    #[error("{path} cannot be used", path = path.display())]
    Keys {
        /// Path of the file.
        path: PathBuf,
        /// Underlying error.
        #[source]
        cause: KeySetError,
    },
    /// TLS cannot be set up.
    #[error("cannot set up TLS to read keys")]
    Tls(#[from] rustls::Error),
    /// The HTTP client cannot be set up.
    #[error("cannot set up the HTTP client to read keys")]
    Client(#[from] reqwest::Error),
}

/// Error returned when reading the keys fails.
#[derive(Debug, Error)]
pub(crate) enum ReadError {
    #[error("the file cannot be read")]
    File(#[from] std::io::Error),
    #[error("the request failed")]
    Request(#[from] reqwest::Error),
    #[error("the response has status {0}")]
    Status(u16),
    #[error("the response is larger than {LARGEST} bytes")]
    TooLarge,
    #[error(transparent)]
    Keys(#[from] KeySetError),
}

impl FromStr for KeySource {
    type Err = KeySourceError;

    fn from_str(text: &str) -> Result<Self, KeySourceError> {
        if !text.contains("://") {
            return Ok(Self::File(text.into()));
        }
        let url: Url = text.parse().map_err(|_| KeySourceError::Malformed)?;
        match url.scheme() {
            "https" => Ok(Self::Url(url)),
            "http" if is_this_machine(&url) => Ok(Self::Url(url)),
            "http" => Err(KeySourceError::NotSecure),
            _ => Err(KeySourceError::Malformed),
        }
    }
}

fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

impl fmt::Display for KeySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Url(url) => url.fmt(f),
        }
    }
}

/// Reads the keys anew on each call.
pub(crate) enum Reader {
    File(PathBuf),
    Url(Client, Url),
}

impl Reader {
    pub(crate) fn new(source: &KeySource, resolver: &DnsResolver) -> Result<Self, SetUpError> {
        Ok(match source {
            KeySource::File(path) => Self::File(path.clone()),
            KeySource::Url(url) => Self::Url(client(resolver.clone())?, url.clone()),
        })
    }

    pub(crate) async fn read(&self) -> Result<KeySet, ReadError> {
        let text = match self {
            Self::File(path) => tokio::fs::read(path).await?,
            Self::Url(client, url) => get(client, url).await?,
        };
        Ok(KeySet::parse(&text)?)
    }
}

async fn get(client: &Client, url: &Url) -> Result<Vec<u8>, ReadError> {
    let request = client.get(url.clone()).header("accept", "application/json");
    let mut answer = request.send().await?;
    if !answer.status().is_success() {
        return Err(ReadError::Status(answer.status().as_u16()));
    }
    let mut text = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        if text.len() + chunk.len() > LARGEST {
            return Err(ReadError::TooLarge);
        }
        text.extend_from_slice(&chunk);
    }
    Ok(text)
}

fn client(resolver: DnsResolver) -> Result<Client, SetUpError> {
    let tls = client_config(system_roots())?;
    Ok(http_client(tls, resolver).timeout(PATIENCE).build()?)
}
