use std::fmt;

use engage_domain::Timestamp;
use engage_repository::{AuditEntry, AuditHead};

use super::recorder::values_mac;

/// A defect found in the audit log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditFault {
    /// An entry is missing.
    Missing {
        /// Position of the missing entry.
        position: u64,
    },
    /// The hash of an entry does not match its content and the entry before it.
    Changed {
        /// Position of the entry.
        position: u64,
    },
    /// The values of an entry do not match its MAC.
    ValuesChanged {
        /// Position of the entry.
        position: u64,
    },
    /// The chain has another hash at the position of the given head.
    OtherHead {
        /// Position of the given head.
        position: u64,
    },
    /// The chain ends before the given head.
    CutOff {
        /// Position of the given head.
        position: u64,
        /// Position of the last entry.
        end: u64,
    },
    /// Retention has removed the entry of the given head.
    NotedCutOff {
        /// Position of the given head.
        position: u64,
        /// Position of the last removed entry.
        base: u64,
    },
    /// Entries have not been sealed for too long.
    Unsealed {
        /// Time of the oldest unsealed entry.
        since: Timestamp,
    },
}

impl fmt::Display for AuditFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { position } => write!(f, "entry {position} is missing"),
            Self::Changed { position } => write!(f, "entry {position} was changed"),
            Self::ValuesChanged { position } => {
                write!(f, "the values of entry {position} were changed")
            }
            Self::OtherHead { position } => {
                write!(f, "entry {position} does not have the hash of the given head")
            }
            Self::CutOff { position, end } => {
                write!(f, "the log ends at entry {end}, before entry {position} of the given head")
            }
            Self::NotedCutOff { position, base } => {
                write!(
                    f,
                    "entry {position} of the given head was removed by retention, as were all up to \
                    entry {base}: use a later head"
                )
            }
            Self::Unsealed { since } => {
                write!(f, "entries have been waiting since {since} to be sealed")
            }
        }
    }
}

/// Result of verifying the audit log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditReport {
    /// End of the chain.
    pub head: AuditHead,
    /// Number of entries.
    pub entries: u64,
    /// Number of entries whose values were erased.
    pub erased: u64,
    /// The first defect, if any.
    pub fault: Option<AuditFault>,
}

/// Verifies the chain entry by entry.
pub(super) struct Chain {
    last: AuditHead,
    noted: Option<AuditHead>,
    entries: u64,
    erased: u64,
    fault: Option<AuditFault>,
}

impl Chain {
    /// Starts after the entries that retention has removed. `noted` is an earlier end of the chain
    /// that it must contain.
    pub(super) fn after(base: AuditHead, noted: Option<AuditHead>) -> Self {
        let cut_off = noted.filter(|noted| noted.position < base.position);
        let fault = cut_off
            .map(|noted| AuditFault::NotedCutOff { position: noted.position, base: base.position });
        let mut chain = Self { last: base, noted, entries: 0, erased: 0, fault };
        chain.compare();
        chain
    }

    pub(super) fn is_broken(&self) -> bool {
        self.fault.is_some()
    }

    pub(super) fn position(&self) -> u64 {
        self.last.position
    }

    pub(super) fn follow(&mut self, entry: &AuditEntry) {
        let position = self.last.position + 1;
        self.fault = self.fault.or_else(|| self.fault_of(entry, position));
        if entry.facts.values_mac.is_some() && entry.values.is_none() {
            self.erased += 1;
        }
        self.entries += 1;
        self.last = AuditHead { position: entry.position, hash: entry.hash };
        self.compare();
    }

    fn fault_of(&self, entry: &AuditEntry, position: u64) -> Option<AuditFault> {
        if entry.position != position {
            return Some(AuditFault::Missing { position });
        }
        if entry.facts.chained(self.last.hash, position) != entry.hash {
            return Some(AuditFault::Changed { position });
        }
        let mac = entry.values.as_ref().map(values_mac);
        let is_sound = mac.is_none() || mac == entry.facts.values_mac;
        (!is_sound).then_some(AuditFault::ValuesChanged { position })
    }

    fn compare(&mut self) {
        if let Some(noted) = self.noted
            && noted.position == self.last.position
            && noted.hash != self.last.hash
        {
            self.fault = self.fault.or(Some(AuditFault::OtherHead { position: noted.position }));
        }
    }

    pub(super) fn report(self, unsealed: Option<Timestamp>) -> AuditReport {
        let end = self.last.position;
        let cut_off = self.noted.filter(|noted| noted.position > end);
        let cut_off = cut_off.map(|noted| AuditFault::CutOff { position: noted.position, end });
        let unsealed = unsealed.map(|since| AuditFault::Unsealed { since });
        AuditReport {
            head: self.last,
            entries: self.entries,
            erased: self.erased,
            fault: self.fault.or(cut_off).or(unsealed),
        }
    }
}
