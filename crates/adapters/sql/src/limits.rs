//! Sizes that both stores use.

/// Number of cases whose search words are built at once after a migration.
pub const BACKFILL_BATCH: i64 = 500;

/// Number of dead letters that one statement makes due again, so that it blocks other writers for
/// milliseconds only.
pub const DEAD_LETTER_BATCH: u64 = 1000;

/// Number of writes that may be queued before callers have to wait.
pub const WRITE_QUEUE: usize = 1024;

/// Number of due notifications that a claim looks at for each one that it may take. Many of those in
/// front may be for one address, which accepts only some of them at a time.
pub const LOOKED_AT: u32 = 8;
