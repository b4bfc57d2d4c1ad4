//! Contents of attachments on their way into an archive and back.

use std::io::{self, Read, Write};

use bytes::Bytes;
use engage_domain::AttachmentId;
use engage_domain::attachment::ContentHash;
use engage_repository::{AttachmentStore, Content};
use futures_util::{StreamExt, stream};

use crate::error::ArchiveError;
use crate::hashing::BLOCK;
use crate::layout::content_name;
use crate::partial::Partial;
use crate::slice::FileSlice;
use crate::tar_writer::TarWriter;

/// Adds a content to the archive, and returns its size and SHA-256. Returns `None` if there is none.
pub(crate) async fn add(
    archive: &mut TarWriter,
    id: AttachmentId,
    contents: &dyn AttachmentStore,
    partial: &Partial,
) -> Result<Option<(u64, ContentHash)>, ArchiveError> {
    let failed = |cause| partial.failed(cause);
    let found = contents.get(id).await.map_err(ArchiveError::Contents)?;
    let Some(mut content) = found else { return Ok(None) };
    archive.begin(&content_name(id), false).map_err(failed)?;
    while let Some(bytes) = content.next().await {
        let bytes = bytes.map_err(|cause| {
            ArchiveError::Contents(engage_repository::RepositoryError::unavailable(cause))
        })?;
        archive.write_all(&bytes).map_err(failed)?;
    }
    archive.end().map(Some).map_err(failed)
}

/// Returns a range of the archive as the content of a file.
pub(crate) fn content(range: FileSlice) -> Content {
    Box::pin(stream::iter(Blocks(range)))
}

struct Blocks(FileSlice);

impl Iterator for Blocks {
    type Item = io::Result<Bytes>;

    fn next(&mut self) -> Option<io::Result<Bytes>> {
        let mut block = vec![0; BLOCK];
        match self.0.read(&mut block) {
            Ok(0) => None,
            Ok(length) => {
                block.truncate(length);
                Some(Ok(block.into()))
            }
            Err(error) => Some(Err(error)),
        }
    }
}
