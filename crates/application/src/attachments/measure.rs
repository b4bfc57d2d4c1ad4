use std::num::NonZeroU32;
use std::time::Duration;

use engage_domain::AttachmentId;
use engage_repository::RepositoryError;
use tokio::sync::watch;

use super::Attachments;
use super::metrics::{note_space, note_stored};

/// How many files are measured at once.
const BATCH: NonZeroU32 = NonZeroU32::new(10_000).unwrap();

/// How long others may work between two batches.
const PAUSE_BETWEEN_BATCHES: Duration = Duration::from_millis(50);

impl Attachments {
    /// Brings the gauges of files up to date. Reads the size of each file of a case, a part at a
    /// time, until it is told to stop; what changes meanwhile may be left out.
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
