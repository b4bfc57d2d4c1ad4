use std::fmt;

use engage_domain::Timestamp;
use engage_repository::{AuditEntry, AuditHead};

use super::recorder::values_mac;

/// Why the audit log is not what it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditFault {
    /// An entry is missing before this one.
    Missing {
        /// The one that should be there.
        position: u64,
    },
    /// An entry, or one before it, was changed.
    Changed {
        /// Its place.
        position: u64,
    },
    /// The values of an entry are not those that were written.
    ValuesChanged {
        /// Its place.
        position: u64,
    },
    /// The chain does not have the end that was noted elsewhere.
    OtherHead {
        /// The place of that.
        position: u64,
    },
    /// The chain ends before the end that was noted elsewhere.
    CutOff {
        /// The place of that.
        position: u64,
        /// Where it ends.
        end: u64,
    },
    /// The end that was noted elsewhere is in the part that retention cut off.
    NotedCutOff {
        /// The place of that.
        position: u64,
        /// Where the part ends that was cut off.
        base: u64,
    },
    /// Entries wait to be put into the chain for too long.
    Unsealed {
        /// Since when.
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
                write!(f, "entry {position} is not the one with the given hash")
            }
            Self::CutOff { position, end } => {
                write!(f, "the log ends at entry {end}, before entry {position} of the given head")
            }
            Self::NotedCutOff { position, base } => {
                write!(
                    f,
                    "entry {position} of the given head is gone, as all up to entry {base} are after \
                    their time: give a later head"
                )
            }
            Self::Unsealed { since } => {
                write!(f, "entries have waited since {since} to be put into the chain")
            }
        }
    }
}

/// What the audit log was found to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditReport {
    /// Where it ends.
    pub head: AuditHead,
    /// How many entries there are.
    pub entries: u64,
    /// How many of them have had their values erased.
    pub erased: u64,
    /// What is wrong with it, if anything.
    pub fault: Option<AuditFault>,
}

/// Follows the chain entry by entry.
pub(super) struct Chain {
    last: AuditHead,
    noted: Option<AuditHead>,
    entries: u64,
    erased: u64,
    fault: Option<AuditFault>,
}

impl Chain {
    /// Begins behind what retention cut off; `noted` is an end that was kept elsewhere.
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
