//! Limits on the files of a request.

/// Maximum size of a file in bytes (10 MiB).
pub const LARGEST_FILE: u64 = 10 * 1024 * 1024;

/// Maximum total size of the files of one request in bytes (25 MiB).
pub const LARGEST_REQUEST: u64 = 25 * 1024 * 1024;

/// Maximum number of files in one request.
pub const MOST_FILES: usize = 10;
