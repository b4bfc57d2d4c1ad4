//! Limits on customer replies, and counting them.

use std::num::NonZeroU32;
use std::time::Duration;

use super::counted_replies::CountedReplies;
use crate::attachment::{Attachment, total_size};
use crate::time::Timestamp;

/// Limits on what customers may send to a case.
///
/// ```
/// # use engage_domain::*;
/// # let (mut ids, policies) = (1.., Policies::default());
/// # let mut by = |actor, at: &str| Stamp::new(at.parse().unwrap(), actor, || ids.next().unwrap());
/// # let customer = Customer::new("John Doe".parse()?, "john@example.com".parse()?);
/// # let request = OpenRequest::new(customer, "No access".parse()?, "It says 403.".parse()?);
/// # let (id, number) = (CaseId::from_u128(1), "CW-2025-001".parse()?);
/// # let stamp = by(Actor::Customer, "2025-01-27T10:00:00Z");
/// # let opened = Case::open(id, number, request, &policies, stamp);
/// # use std::num::NonZeroU32;
/// use engage_domain::case::{ReplyError, ReplyPolicy};
///
/// let replies = ReplyPolicy { most: NonZeroU32::MIN, ..ReplyPolicy::default() };
/// let policies = Policies { replies, ..policies };
///
/// let reply = ReplyRequest::message("It still says 403.".parse()?);
/// let stamp = by(Actor::Customer, "2025-01-27T12:00:00Z");
/// let replied = opened.case.reply(reply.clone(), &policies, stamp)?;
/// let stamp = by(Actor::Customer, "2025-01-27T12:10:00Z");
/// let refused = replied.case.reply(reply, &policies, stamp);
/// assert!(matches!(refused, Err(ReplyError::TooMany { .. })), "{refused:?}");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase", default))]
pub struct ReplyPolicy {
    /// Maximum number of replies to a case per period. 20 by default.
    pub most: NonZeroU32,
    /// Length of a period, which starts at its first reply. One hour by default.
    #[cfg_attr(feature = "serde", serde(rename = "periodSeconds", with = "crate::seconds"))]
    pub period: Duration,
    /// Maximum total size of the files that customers send to a case, in bytes. 250 MiB by default.
    /// The files of the opening request may exceed it.
    pub most_file_bytes: u64,
}

impl Default for ReplyPolicy {
    fn default() -> Self {
        const TWENTY: NonZeroU32 = NonZeroU32::MIN.saturating_add(19);
        Self { most: TWENTY, period: Duration::from_secs(3600), most_file_bytes: 250 * 1024 * 1024 }
    }
}

impl ReplyPolicy {
    /// Counts another reply. Fails with the time to wait if the limit is reached.
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

    /// Returns the total size including these files, or `None` if it exceeds the limit.
    pub(super) fn add_files(&self, present: u64, files: &[Attachment]) -> Option<u64> {
        let sum = present.saturating_add(total_size(files));
        (files.is_empty() || sum <= self.most_file_bytes).then_some(sum)
    }
}
