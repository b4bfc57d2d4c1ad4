//! How much customers may write to a case, and how that is counted.

use std::num::NonZeroU32;
use std::time::Duration;

use super::counted_replies::CountedReplies;
use crate::attachment::{Attachment, total_size};
use crate::time::Timestamp;

/// How much customers may write to a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReplyPolicy {
    /// How many replies a case takes in a period; 20 by default.
    pub most: NonZeroU32,
    /// How long a period is, from its first reply on; an hour by default.
    pub period: Duration,
    /// How many bytes of files a case takes from customers; 250 MiB by default. What opens a case is
    /// not held to it.
    pub most_file_bytes: u64,
}

impl Default for ReplyPolicy {
    fn default() -> Self {
        const TWENTY: NonZeroU32 = NonZeroU32::MIN.saturating_add(19);
        Self { most: TWENTY, period: Duration::from_hours(1), most_file_bytes: 250 * 1024 * 1024 }
    }
}

impl ReplyPolicy {
    /// The count with one reply more; or how long to wait for it.
    pub(super) fn count(
        &self,
        counted: Option<CountedReplies>,
        now: Timestamp,
    ) -> Result<CountedReplies, Duration> {
        let Some(CountedReplies { since, count }) = counted else {
            return Ok(CountedReplies { since: now, count: 1 });
        };
        let left = self.period.saturating_sub(now.since(since));
        if left.is_zero() {
            Ok(CountedReplies { since: now, count: 1 })
        } else if count < self.most.get() {
            Ok(CountedReplies { since, count: count + 1 })
        } else {
            Err(left)
        }
    }

    /// How many bytes of files the case has with these; `None` if it does not take them.
    pub(super) fn add_files(&self, present: u64, files: &[Attachment]) -> Option<u64> {
        let sum = present.saturating_add(total_size(files));
        (files.is_empty() || sum <= self.most_file_bytes).then_some(sum)
    }
}
