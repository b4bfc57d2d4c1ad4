//! Metrics of files.

use engage_repository::Space;
use metrics::{counter, describe_counter, describe_gauge, gauge};

const REFUSED: &str = "engage_files_refused_total";
const STORED: &str = "engage_attachment_bytes";
const FREE: &str = "engage_attachment_free_bytes";

/// Which limit refused a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileRefusal {
    /// What a client address may send in an hour.
    Address,
    /// What a case takes from customers.
    Case,
    /// The room that has to stay free.
    Space,
}

impl FileRefusal {
    const ALL: [Self; 3] = [Self::Address, Self::Case, Self::Space];

    fn as_str(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Case => "case",
            Self::Space => "space",
        }
    }
}

/// Counts a request whose files were refused.
pub fn count_refused_files(limit: FileRefusal) {
    counter!(REFUSED, "limit" => limit.as_str()).increment(1);
}

/// Notes how many bytes the files of cases have.
pub(super) fn note_stored(bytes: u64) {
    gauge!(STORED).set(float(bytes));
}

/// Notes how much room there is; of a store without an end nothing is noted.
pub(super) fn note_space(space: Option<Space>) {
    if let Some(space) = space {
        gauge!(FREE).set(float(space.free));
    }
}

/// A count as a gauge has it: exact up to 2^53.
#[allow(clippy::cast_precision_loss)]
fn float(count: u64) -> f64 {
    count as f64
}

/// Describes the metrics of files, and begins the counters with zero. A recorder has to be installed
/// before.
pub(crate) fn begin() {
    describe_counter!(REFUSED, "Requests whose files were refused, by limit.");
    describe_gauge!(STORED, "Bytes of the files that cases have, as last measured.");
    describe_gauge!(FREE, "Bytes that are free where files are kept, as last asked.");
    for limit in FileRefusal::ALL {
        counter!(REFUSED, "limit" => limit.as_str()).increment(0);
    }
}
