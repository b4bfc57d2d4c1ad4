use std::fs::DirBuilder;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use engage_domain::AttachmentId;
use engage_repository::{AttachmentStore, Content, RepositoryError, Space};
use futures_util::StreamExt;
use object_store::local::LocalFileSystem;
use object_store::memory::InMemory;
use object_store::path::Path as Key;
use object_store::{
    Error as StoreError, MultipartUpload, ObjectStore, ObjectStoreExt, PutPayloadMut,
};

use crate::open_error::OpenError;
use crate::{Location, S3Settings};

/// Size of the parts uploaded to a bucket, in bytes. S3 accepts no smaller parts, except the last.
const PART: usize = 5 * 1024 * 1024;

/// Number of bytes written to a file at once.
const BLOCK: usize = 256 * 1024;

/// Store for the contents of attachments, each under a key derived from its ID.
///
/// ```
/// # use bytes::Bytes;
/// use engage_attachments::{AttachmentContents, Location, S3Settings};
/// use engage_domain::AttachmentId;
/// use engage_repository::AttachmentStore;
/// use futures_util::{TryStreamExt, stream};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// let folder = Location::Folder(folder.path().join("files"));
/// let files = AttachmentContents::open(&folder, &S3Settings::default())?;
/// let (id, chunk) = (AttachmentId::from_u128(7), Bytes::from("It says 403."));
/// files.put(id, Box::pin(stream::iter([Ok(chunk)]))).await?;
/// assert!(files.space().await?.is_some());
///
/// // A program that starts later reads what was stored.
/// let files = AttachmentContents::open(&folder, &S3Settings::default())?;
/// let content = files.get(id).await?.expect("the content is stored");
/// assert_eq!(content.try_collect::<Vec<_>>().await?.concat(), b"It says 403.");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct AttachmentContents {
    store: Arc<dyn ObjectStore>,
    prefix: Key,
    part: usize,
    /// The folder, if the store is one.
    folder: Option<Arc<Path>>,
}

impl AttachmentContents {
    /// Opens a location. A missing folder is created. A missing bucket is only noticed on first
    /// use.
    pub fn open(location: &Location, s3: &S3Settings) -> Result<Self, OpenError> {
        let unusable = |cause| OpenError::Store { location: location.to_string(), cause };
        match location {
            Location::Folder(path) => {
                let failed = |cause| OpenError::Folder { path: path.clone(), cause };
                // Accessible to the owner only, regardless of the umask.
                let private = DirBuilder::new().recursive(true).mode(0o700).create(path);
                private.map_err(failed)?;
                let folder = std::fs::canonicalize(path).map_err(failed)?;
                let files = LocalFileSystem::new_with_prefix(&folder).map_err(unusable)?;
                Ok(Self {
                    // Contents reported as stored survive a power failure, as in the database.
                    store: Arc::new(files.with_fsync(true)),
                    prefix: Key::default(),
                    part: BLOCK,
                    folder: Some(folder.into()),
                })
            }
            Location::Bucket { bucket, prefix } => Ok(Self {
                store: Arc::new(s3.client(bucket).map_err(unusable)?),
                prefix: Key::from(prefix.as_str()),
                part: PART,
                folder: None,
            }),
        }
    }

    /// Creates a store in memory for tests. It is dropped with its last handle.
    pub fn in_memory() -> Self {
        let store = Arc::new(InMemory::new());
        Self { store, prefix: Key::default(), part: BLOCK, folder: None }
    }

    fn key(&self, id: AttachmentId) -> Key {
        self.prefix.clone().join(id.to_string())
    }

    /// Uploads a content that does not fit into one piece, piece by piece.
    async fn put_in_parts(
        &self,
        upload: &mut dyn MultipartUpload,
        mut piece: PutPayloadMut,
        mut content: Content,
    ) -> Result<(), RepositoryError> {
        loop {
            if piece.content_length() >= self.part {
                let full = std::mem::take(&mut piece);
                upload.put_part(full.into()).await.map_err(repository_error)?;
            }
            match content.next().await {
                Some(bytes) => piece.push(bytes.map_err(RepositoryError::unavailable)?),
                None => break,
            }
        }
        if !piece.is_empty() {
            upload.put_part(piece.into()).await.map_err(repository_error)?;
        }
        upload.complete().await.map_err(repository_error)?;
        Ok(())
    }
}

/// Maps an error of the store. All are temporary, since an operator can fix their causes.
fn repository_error(error: StoreError) -> RepositoryError {
    RepositoryError::unavailable(error)
}

#[async_trait]
impl AttachmentStore for AttachmentContents {
    async fn put(&self, id: AttachmentId, mut content: Content) -> Result<(), RepositoryError> {
        let key = self.key(id);
        let mut piece = PutPayloadMut::new();
        while piece.content_length() < self.part {
            match content.next().await {
                Some(bytes) => piece.push(bytes.map_err(RepositoryError::unavailable)?),
                None => {
                    let put = self.store.put(&key, piece.into()).await;
                    return put.map(|_| ()).map_err(repository_error);
                }
            }
        }
        let mut upload = self.store.put_multipart(&key).await.map_err(repository_error)?;
        let outcome = self.put_in_parts(upload.as_mut(), piece, content).await;
        if outcome.is_err()
            && let Err(error) = upload.abort().await
        {
            tracing::warn!(%error, %id, "cannot remove a partially uploaded file");
        }
        outcome
    }

    async fn get(&self, id: AttachmentId) -> Result<Option<Content>, RepositoryError> {
        match self.store.get(&self.key(id)).await {
            Ok(found) => {
                Ok(Some(Box::pin(found.into_stream().map(|piece| piece.map_err(io::Error::other)))))
            }
            Err(StoreError::NotFound { .. }) => Ok(None),
            Err(error) => Err(repository_error(error)),
        }
    }

    async fn delete(&self, id: AttachmentId) -> Result<(), RepositoryError> {
        let key = self.key(id);
        if let Some(folder) = &self.folder {
            remove_unfinished(folder.join(format!("{key}#1"))).await?;
        }
        match self.store.delete(&key).await {
            Ok(()) | Err(StoreError::NotFound { .. }) => Ok(()),
            Err(error) => Err(repository_error(error)),
        }
    }

    async fn space(&self) -> Result<Option<Space>, RepositoryError> {
        let Some(folder) = self.folder.clone() else { return Ok(None) };
        // A network file system may block.
        let asked = tokio::task::spawn_blocking(move || rustix::fs::statvfs(&*folder)).await;
        let about = asked.map_err(RepositoryError::internal)?;
        let about = about.map_err(|error| RepositoryError::unavailable(io::Error::from(error)))?;
        // Counted like df: blocks reserved for root are neither free nor part of the total.
        let written = about.f_blocks.saturating_sub(about.f_bfree);
        let total = written.saturating_add(about.f_bavail);
        Ok(Some(Space {
            free: about.f_bavail.saturating_mul(about.f_frsize),
            total: total.saturating_mul(about.f_frsize),
        }))
    }
}

/// Removes a partial file left behind by a process that was killed.
async fn remove_unfinished(file: PathBuf) -> Result<(), RepositoryError> {
    match tokio::task::spawn_blocking(move || std::fs::remove_file(file)).await {
        Ok(Err(error)) if error.kind() != io::ErrorKind::NotFound => {
            Err(RepositoryError::unavailable(error))
        }
        Ok(_) => Ok(()),
        Err(failure) => Err(RepositoryError::internal(failure)),
    }
}
