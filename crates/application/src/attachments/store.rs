use engage_domain::{Attachment, AttachmentId, ContentType, FileName, StaffId};
use engage_repository::{Content, RepositoryError, Upload};
use thiserror::Error;

use super::meter::{Meter, State};
use super::{Attachments, LARGEST_FILE};

/// A file that somebody sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFile {
    /// The name to offer when it is saved.
    pub filename: FileName,
    /// What it is said to be.
    pub content_type: ContentType,
    /// The staff member who sends it; none where it is a customer.
    pub uploaded_by: Option<StaffId>,
}

/// Why a file was not stored.
#[derive(Debug, Error)]
pub enum StoreFileError {
    /// It is larger than a file may be.
    #[error("the file is larger than {limit} bytes")]
    TooLarge {
        /// How large it may be, in bytes.
        limit: u64,
    },
    /// It did not arrive whole.
    #[error("the file did not arrive whole")]
    Interrupted,
    /// Storage failed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

impl Attachments {
    /// Stores a file as it arrives. It belongs to nothing until an update takes it.
    ///
    /// Of a file that is refused nothing is left.
    pub async fn store(
        &self,
        file: NewFile,
        content: Content,
    ) -> Result<Attachment, StoreFileError> {
        let id = AttachmentId::from_u128(self.ids.next_id());
        let NewFile { filename, content_type, uploaded_by } = file;
        let upload =
            Upload { id, uploaded_by, filename, content_type, created_at: self.clock.now() };
        self.uploads.add_upload(&upload).await?;
        let stored = self.store_content(upload, content).await;
        if stored.is_err() {
            self.remove(id).await;
        }
        stored
    }

    async fn store_content(
        &self,
        upload: Upload,
        content: Content,
    ) -> Result<Attachment, StoreFileError> {
        let Upload { id, filename, content_type, .. } = upload;
        let meter = Meter::new(LARGEST_FILE);
        let outcome = self.contents.put(id, meter.measure(content)).await;
        match (meter.state(), outcome) {
            (State::TooLarge, _) => return Err(StoreFileError::TooLarge { limit: LARGEST_FILE }),
            (State::Broken, _) => return Err(StoreFileError::Interrupted),
            (_, Err(error)) => return Err(error.into()),
            (State::Complete, Ok(())) => {}
            (State::Flowing, Ok(())) => {
                let cause = "the store took a content that had not ended";
                return Err(RepositoryError::internal(cause).into());
            }
        }
        let (size, hash) = meter.result();
        if !self.uploads.finish_upload(id, size, hash).await? {
            // It took so long to arrive that it was swept meanwhile.
            return Err(StoreFileError::Interrupted);
        }
        Ok(Attachment { id, filename, content_type, size, hash })
    }
}
