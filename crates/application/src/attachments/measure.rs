use std::num::NonZeroU32;
use std::time::Duration;

use engage_domain::AttachmentId;
use engage_repository::RepositoryError;
use tokio::sync::watch;

use super::Attachments;
use super::metrics::{note_space, note_stored};

/// Number of files measured per query.
const BATCH: NonZeroU32 = NonZeroU32::new(10_000).unwrap();

/// Pause between two batches, which leaves the database to other work.
const PAUSE_BETWEEN_BATCHES: Duration = Duration::from_millis(50);

impl Attachments {
    /// Updates the gauges of files.
    ///
    /// Reads the file sizes of all cases in batches, until `stop` becomes true. Files that are
    /// added or deleted meanwhile may be missed.
    pub(crate) async fn measure(
        &self,
        stop: &watch::Receiver<bool>,
    ) -> Result<(), RepositoryError> {
        note_space(self.contents.space().await?);
        let mut total: u64 = 0;
        let mut after = AttachmentId::from_u128(0);
        while let Some(measured) = self.uploads.measure_attachments(after, BATCH).await? {
            total = total.saturating_add(measured.bytes);
            after = measured.last;
            tokio::time::sleep(PAUSE_BETWEEN_BATCHES).await;
            if *stop.borrow() {
                return Ok(());
            }
        }
        note_stored(total);
        Ok(())
    }
}
