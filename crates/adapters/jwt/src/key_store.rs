//! Cache of the provider's keys.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use engage_identity::VerifierError;
use engage_outbound::{DnsResolver, root_cause};
use jsonwebtoken::Algorithm;
use thiserror::Error;
use tokio::time::Instant;
use tracing::{Instrument, info, warn};

use crate::key_set::{KeySet, KeySetError, VerificationKey};
use crate::settings::JwtSettings;
use crate::source::{KeySource, Reader, SetUpError};

/// Age up to which the keys count as fresh. A key that the provider withdrew is accepted for this
/// long, and longer if the provider cannot be reached.
const FRESH: Duration = Duration::from_mins(10);

/// Minimum time between two attempts to read the provider's keys, no matter what triggers them.
const PAUSE: Duration = Duration::from_secs(30);

/// Error returned when no keys have been read yet.
#[derive(Debug, Error)]
#[error("the identity provider's keys have not been read yet")]
struct NoKeys;

/// Caches the keys. They are read again when they are old and when a token names an unknown key.
#[derive(Clone)]
pub(crate) struct KeyStore(Arc<Inner>);

struct Inner {
    source: KeySource,
    reader: Reader,
    memory: Mutex<Memory>,
    /// Locked while the keys are being read.
    reading: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Memory {
    keys: Option<Arc<KeySet>>,
    read_at: Option<Instant>,
    tried_at: Option<Instant>,
}

impl KeyStore {
    /// Creates a store. A file is read immediately, so that an unusable file is reported at
    /// startup. A URL is read when the first key is needed or [`warm_up`](Self::warm_up) is called,
    /// since the provider may be temporarily unavailable.
    pub(crate) fn new(settings: &JwtSettings, resolver: &DnsResolver) -> Result<Self, SetUpError> {
        let source = settings.keys.clone();
        let memory = match &source {
            KeySource::File(path) => Memory::of(read_now(path)?),
            KeySource::Url(_) => Memory::default(),
        };
        let reader = Reader::new(&source, resolver)?;
        let (memory, reading) = (Mutex::new(memory), tokio::sync::Mutex::default());
        Ok(Self(Arc::new(Inner { source, reader, memory, reading })))
    }

    /// Reads the keys if that has not been done yet.
    pub(crate) async fn warm_up(&self) {
        if self.keys().is_none() {
            self.read_again().await;
        }
    }

    /// Returns the key for a token's signature, or `None` if the provider has no such key.
    pub(crate) async fn find(
        &self,
        id: Option<&str>,
        algorithm: Algorithm,
    ) -> Result<Option<VerificationKey>, VerifierError> {
        if let Some(keys) = self.keys() {
            if !self.is_fresh() {
                let store = self.clone();
                let reading = async move { store.read_again().await };
                tokio::spawn(reading.in_current_span());
            }
            if let Some(key) = keys.find(id, algorithm) {
                return Ok(Some(key.clone()));
            }
        }
        self.read_again().await;
        let keys = self.keys().ok_or_else(|| VerifierError::unavailable(NoKeys))?;
        Ok(keys.find(id, algorithm).cloned())
    }

    /// Reads the keys again, unless the last attempt was too recent. If reading fails, the previous
    /// keys remain.
    async fn read_again(&self) {
        let _reading = self.0.reading.lock().await;
        let now = Instant::now();
        {
            let mut memory = self.memory();
            if memory.tried_at.is_some_and(|at| now < at + PAUSE) {
                return;
            }
            memory.tried_at = Some(now);
        }
        match self.0.reader.read().await {
            Ok(keys) => {
                info!(source = %self.0.source, "read the identity provider's keys");
                let mut memory = self.memory();
                memory.keys = Some(Arc::new(keys));
                memory.read_at = Some(now);
            }
            Err(error) => {
                // The root cause is more informative than the error itself.
                let cause = root_cause(&error);
                warn!(source = %self.0.source, %error, cause, "cannot read the identity provider's keys");
            }
        }
    }

    fn keys(&self) -> Option<Arc<KeySet>> {
        self.memory().keys.clone()
    }

    fn is_fresh(&self) -> bool {
        self.memory().read_at.is_some_and(|at| Instant::now() < at + FRESH)
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        // The memory is consistent after every statement that changes it.
        self.0.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Memory {
    fn of(keys: KeySet) -> Self {
        let now = Some(Instant::now());
        Self { keys: Some(Arc::new(keys)), read_at: now, tried_at: now }
    }
}

fn read_now(path: &std::path::Path) -> Result<KeySet, SetUpError> {
    let path = path.to_owned();
    let text = match std::fs::read(&path) {
        Ok(text) => text,
        Err(cause) => return Err(SetUpError::File { path, cause }),
    };
    KeySet::parse(&text).map_err(|cause: KeySetError| SetUpError::Keys { path, cause })
}
