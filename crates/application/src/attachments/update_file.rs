//! Files that staff attach to an update or a new case.

use engage_domain::{Attachment, AttachmentId, StaffId};

use super::{Attachments, TakeUploadsError};

/// A file of an update.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UpdateFile {
    /// A file that was stored for this update.
    Stored(Attachment),
    /// A file that the member of staff uploaded earlier.
    Upload(AttachmentId),
}

impl UpdateFile {
    /// Returns the files that were stored for the update.
    pub(crate) fn stored(files: &[Self]) -> Vec<Attachment> {
        let stored = files.iter().filter_map(|file| match file {
            Self::Stored(file) => Some(file.clone()),
            Self::Upload(_) => None,
        });
        stored.collect()
    }
}

impl Attachments {
    /// Returns the files of an update in their order. The uploads among them must be those of a
    /// member of staff.
    pub(crate) async fn gather(
        &self,
        files: &[UpdateFile],
        by: &StaffId,
    ) -> Result<Vec<Attachment>, TakeUploadsError> {
        let named = files.iter().filter_map(|file| match file {
            UpdateFile::Upload(id) => Some(*id),
            UpdateFile::Stored(_) => None,
        });
        let taken = self.take(&named.collect::<Vec<_>>(), by).await?;
        let mut taken = taken.into_iter();
        let in_order = files.iter().filter_map(|file| match file {
            UpdateFile::Stored(file) => Some(file.clone()),
            UpdateFile::Upload(_) => taken.next(),
        });
        Ok(in_order.collect())
    }
}
