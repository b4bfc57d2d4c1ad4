//! Metrics of files.

use engage_repository::Space;
use metrics::{counter, describe_counter, describe_gauge, gauge};

const REFUSED: &str = "engage_files_refused_total";
const STORED: &str = "engage_attachment_bytes";
const FREE: &str = "engage_attachment_free_bytes";

/// The limit that a refused file exceeded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileRefusal {
    /// Bytes per hour from one client address.
    Address,
    /// Total size of the customer's files in one case.
    Case,
    /// Minimum free space in the file storage.
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

/// Sets the gauge of the total size of all attachments.
pub(super) fn note_stored(bytes: u64) {
    gauge!(STORED).set(float(bytes));
}

/// Sets the gauge of free space. Storage without a capacity limit has no such gauge.
pub(super) fn note_space(space: Option<Space>) {
    if let Some(space) = space {
        gauge!(FREE).set(float(space.free));
    }
}

/// Converts a count to a gauge value, exact up to 2^53.
#[allow(clippy::cast_precision_loss)]
fn float(count: u64) -> f64 {
    count as f64
}

/// Describes the metrics of files and initializes the counters with zero. Requires an installed
/// metrics recorder.
pub(crate) fn begin() {
    describe_counter!(REFUSED, "Requests whose files were refused, by limit.");
    describe_gauge!(STORED, "Total size of all attachments in bytes, as last measured.");
    describe_gauge!(FREE, "Free space in the file storage in bytes, as last measured.");
    for limit in FileRefusal::ALL {
        counter!(REFUSED, "limit" => limit.as_str()).increment(0);
    }
}
