use std::error::Error;
use std::io::{self, ErrorKind};

use engage_domain::{Attachment, AttachmentId, ContentType, FileName, StaffId};
use engage_repository::{Content, RepositoryError, Upload};
use thiserror::Error;

use super::meter::{Meter, State};
use super::metrics::{FileRefusal, count_refused_files};
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
    /// There is too little room for files.
    #[error("there is too little room for files")]
    NoSpace,
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

fn refused_for_space() -> StoreFileError {
    count_refused_files(FileRefusal::Space);
    tracing::warn!("a file was refused: there is too little room where files are kept");
    StoreFileError::NoSpace
}

/// Whether the system said that there is no room for a content.
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
            // Its source is that of what it wraps, not what it wraps.
            Some(io) => io.get_ref().map(|wrapped| wrapped as &(dyn Error + 'static)),
            None => error.source(),
        };
    }
    false
}
