//! Makes a backup.

use std::path::Path;
use std::sync::Arc;

use engage_domain::Timestamp;
use engage_repository::{AttachmentStore, BackupError, DatabaseBackup};
use flate2::read::GzDecoder;

use crate::contents::add;
use crate::copy_writer::ArchivedCopy;
use crate::entry::TAR_BLOCK;
use crate::error::ArchiveError;
use crate::file_list::FileList;
use crate::layout::{FILE_LIST, MANIFEST, MANIFEST_HASH};
use crate::manifest::{Attachments, DamagedFile, FORMAT, Manifest, Part, Table};
use crate::partial::Partial;
use crate::slice::FileSlice;
use crate::tar_writer::TarWriter;

/// A backup to make.
pub struct BackupRequest<'a> {
    /// The database.
    pub database: &'a dyn DatabaseBackup,
    /// The contents of attachments, unless they are to be left out.
    pub contents: Option<&'a dyn AttachmentStore>,
    /// The archive to write.
    pub target: &'a Path,
    /// True if an existing file of this name is to be replaced.
    pub replaces: bool,
    /// Version of the program.
    pub program: &'a str,
    /// The time.
    pub at: Timestamp,
}

/// A complete backup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackedUp {
    /// Description of the archive.
    pub manifest: Manifest,
    /// Size of the archive in bytes.
    pub bytes: u64,
}

/// Copies a database and the contents of its attachments into an archive. The archive appears under
/// its name once it is complete and on disk.
///
/// It blocks the calling thread while it writes.
pub async fn back_up(request: BackupRequest<'_>) -> Result<BackedUp, ArchiveError> {
    let BackupRequest { database, contents, target, replaces, program, at } = request;
    let partial = Partial::create(target, replaces)?;
    let failed = |cause| partial.failed(cause);
    let modified = u64::try_from(at.as_millis() / 1000).unwrap_or_default();
    let mut archive = TarWriter::new(partial.file()?, modified);
    let mut copy = ArchivedCopy::new(&mut archive);
    let facts = database.copy(partial.folder(), &mut copy).await.map_err(|error| match error {
        BackupError::File(cause) => failed(cause),
        other => other.into(),
    })?;
    let parts = copy.finish().map_err(failed)?;
    let attachments = match contents {
        None => Attachments::default(),
        Some(contents) => {
            let list = written_list(&partial, &archive, &parts)?;
            add_files(&mut archive, list, contents, &partial).await?
        }
    };
    let table =
        |counted: engage_repository::TableRows| Table { name: counted.table, rows: counted.rows };
    let manifest = Manifest {
        format: FORMAT,
        program: program.to_owned(),
        store: database.kind().to_owned(),
        created_at: at,
        migrations: facts.migrations,
        tables: facts.tables.into_iter().map(table).collect(),
        parts,
        attachments,
    };
    describe(&mut archive, &manifest).map_err(failed)?;
    archive.finish().map_err(failed)?;
    let bytes = partial.file()?.metadata().map_err(failed)?.len();
    partial.publish()?;
    Ok(BackedUp { manifest, bytes })
}

fn describe(archive: &mut TarWriter, manifest: &Manifest) -> std::io::Result<()> {
    let mut text = serde_json::to_vec_pretty(manifest)?;
    text.push(b'\n');
    let hash = archive.add(MANIFEST, &text)?;
    archive.add(MANIFEST_HASH, format!("{hash}  {MANIFEST}\n").as_bytes())?;
    Ok(())
}

type WrittenList = FileList<GzDecoder<FileSlice>>;

/// Returns the list of files that was just written, which ends at the position of the next entry. It
/// may be too long for the memory.
fn written_list(
    partial: &Partial,
    archive: &TarWriter,
    parts: &[Part],
) -> Result<WrittenList, ArchiveError> {
    let whole = FileSlice::whole(Arc::new(partial.file()?));
    let whole = whole.map_err(|cause| partial.failed(cause))?;
    let list = parts.iter().find(|part| part.name == FILE_LIST);
    let bytes = list.map_or(0, |part| part.bytes);
    let start = archive.position() - bytes.next_multiple_of(TAR_BLOCK as u64);
    Ok(FileList::new(GzDecoder::new(whole.range(start, bytes))))
}

async fn add_files(
    archive: &mut TarWriter,
    mut list: WrittenList,
    contents: &dyn AttachmentStore,
    partial: &Partial,
) -> Result<Attachments, ArchiveError> {
    let mut done = Attachments { included: true, ..Attachments::default() };
    while let Some(file) = list.next().map_err(|cause| partial.failed(cause))? {
        match add(archive, file.id, contents, partial).await? {
            None => done.missing.push(file.id),
            Some((bytes, sha256)) => {
                done.files += 1;
                done.bytes += bytes;
                if sha256 != file.hash {
                    done.damaged.push(DamagedFile { id: file.id, sha256 });
                }
            }
        }
    }
    Ok(done)
}
