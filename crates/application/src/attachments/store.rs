use std::error::Error;
use std::io::{self, ErrorKind};

use engage_domain::attachment::{ContentType, FileName};
use engage_domain::{Attachment, AttachmentId, StaffId};
use engage_repository::{Content, RepositoryError, Upload};
use thiserror::Error;

use super::Attachments;
use super::file_limits::LARGEST_FILE;
use super::meter::{Meter, State};
use super::metrics::{FileRefusal, count_refused_files};

/// A file to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFile {
    /// Name suggested when the file is saved.
    pub filename: FileName,
    /// Content type as declared by the sender.
    pub content_type: ContentType,
    /// The member of staff who sends the file, or `None` for a customer.
    pub uploaded_by: Option<StaffId>,
}

/// Error returned when a file cannot be stored.
#[derive(Debug, Error)]
pub enum StoreFileError {
    /// The file is larger than allowed.
    #[error("the file is larger than {limit} bytes")]
    TooLarge {
        /// Maximum size in bytes.
        limit: u64,
    },
    /// The file storage has too little free space.
    #[error("there is not enough space for files")]
    NoSpace,
    /// The upload was interrupted.
    #[error("the upload was interrupted")]
    Interrupted,
    /// Storage failed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

impl Attachments {
    /// Stores a file while it arrives. The upload expires unless an update attaches it.
    ///
    /// A refused file leaves nothing behind.
    pub async fn store(
        &self,
        file: NewFile,
        content: Content,
    ) -> Result<Attachment, StoreFileError> {
        if !self.has_space().await? {
            return Err(refused_for_space());
        }
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
            (_, Err(error)) if is_for_space(&error) => return Err(refused_for_space()),
            (_, Err(error)) => return Err(error.into()),
            (State::Complete, Ok(())) => {}
            (State::Flowing, Ok(())) => {
                let cause = "the store accepted an incomplete content";
                return Err(RepositoryError::internal(cause).into());
            }
        }
        let (size, hash) = meter.result();
        if !self.uploads.finish_upload(id, size, hash).await? {
            // The upload took so long that it was swept in the meantime.
            return Err(StoreFileError::Interrupted);
        }
        Ok(Attachment { id, filename, content_type, size, hash })
    }
}

fn refused_for_space() -> StoreFileError {
    count_refused_files(FileRefusal::Space);
    tracing::warn!("refused a file: not enough free space in the file storage");
    StoreFileError::NoSpace
}

/// Checks whether an I/O error in the chain of causes reports a full disk or an exceeded quota.
fn is_for_space(error: &RepositoryError) -> bool {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = cause {
        let io = error.downcast_ref::<io::Error>();
        if io.is_some_and(|io| {
            matches!(io.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded)
        }) {
            return true;
        }
        cause = match io {
            // The source of an I/O error is that of the wrapped error, so the wrapped error comes
            // first.
            Some(io) => io.get_ref().map(|wrapped| wrapped as &(dyn Error + 'static)),
            None => error.source(),
        };
    }
    false
}
