//! A database of two tables, and files in memory.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;
use std::sync::Mutex;

use async_trait::async_trait;
use bytes::Bytes;
use engage_backup::{ArchiveError, BackedUp, BackupRequest, back_up};
use engage_domain::attachment::ContentHash;
use engage_domain::{AttachmentId, Timestamp};
use engage_repository::{
    AttachmentStore, BackupError, Content, CopiedFile, CopyFacts, CopyPart, CopyReader, CopyWriter,
    DatabaseBackup, RepositoryError, Restored, Space, TableRows, WaitingNotifications,
};
use futures_util::{StreamExt, stream};
use sha2::{Digest, Sha256};

/// Rows with what is special in the text format of PostgreSQL.
pub(crate) const CASES: &str = "1\tO'Brien \"x\"\\nline\\\\N\n2\t\\N\n3\t\n4\t👩‍👩‍👧‍👦\n";

pub(crate) const STAFF: &str = "jane\n";

/// A database that is copied from constants, and restored into memory.
#[derive(Default)]
pub(crate) struct FakeDatabase {
    pub(crate) files: Vec<CopiedFile>,
    /// Parts that were restored.
    pub(crate) restored: Mutex<Vec<(CopyPart, String)>>,
    pub(crate) is_full: bool,
}

#[async_trait]
impl DatabaseBackup for FakeDatabase {
    fn kind(&self) -> &'static str {
        "fake"
    }

    async fn copy(
        &self,
        scratch: &Path,
        to: &mut dyn CopyWriter,
    ) -> Result<CopyFacts, BackupError> {
        assert!(scratch.is_dir());
        for (name, columns, rows) in
            [("staff", &["id"][..], STAFF), ("cases", &["id", "name"], CASES)]
        {
            let columns = columns.iter().map(|column| (*column).to_owned()).collect();
            to.begin_part(CopyPart { name: format!("{name}.copy"), columns })?;
            for piece in rows.as_bytes().chunks(7) {
                to.write(piece)?;
            }
            assert!(to.end_part()? > 0);
        }
        for file in &self.files {
            to.name_file(file)?;
        }
        let counts = [("staff", 1), ("cases", 4)];
        let tables = counts.map(|(table, rows)| TableRows { table: table.to_owned(), rows });
        Ok(CopyFacts { migrations: vec!["1".to_owned(), "2".to_owned()], tables: tables.to_vec() })
    }

    async fn check_target(&self, facts: &CopyFacts) -> Result<(), BackupError> {
        assert_eq!(facts.migrations, ["1", "2"]);
        if self.is_full { Err(BackupError::NotEmpty { cases: 1, staff: 0 }) } else { Ok(()) }
    }

    async fn restore(
        &self,
        from: &dyn CopyReader,
        _: WaitingNotifications,
    ) -> Result<Restored, BackupError> {
        for part in from.parts() {
            let mut text = String::new();
            from.open(&part.name)?.read_to_string(&mut text)?;
            self.restored.lock().unwrap().push((part, text));
        }
        Ok(Restored { waiting_notifications: 3 })
    }
}

/// Files in memory, by id.
#[derive(Default)]
pub(crate) struct FakeFiles(pub(crate) Mutex<BTreeMap<u128, Vec<u8>>>);

#[async_trait]
impl AttachmentStore for FakeFiles {
    async fn put(&self, id: AttachmentId, mut content: Content) -> Result<(), RepositoryError> {
        let mut bytes = Vec::new();
        while let Some(piece) = content.next().await {
            bytes.extend_from_slice(&piece.map_err(RepositoryError::unavailable)?);
        }
        self.0.lock().unwrap().insert(id.as_u128(), bytes);
        Ok(())
    }

    async fn get(&self, id: AttachmentId) -> Result<Option<Content>, RepositoryError> {
        let found = self.0.lock().unwrap().get(&id.as_u128()).cloned();
        let pieces = |bytes: Vec<u8>| {
            let pieces: Vec<_> =
                bytes.chunks(1000).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
            Box::pin(stream::iter(pieces)) as Content
        };
        Ok(found.map(pieces))
    }

    async fn delete(&self, _: AttachmentId) -> Result<(), RepositoryError> {
        Ok(())
    }

    async fn space(&self) -> Result<Option<Space>, RepositoryError> {
        Ok(None)
    }
}

/// Returns the row of a file with this content.
pub(crate) fn file(id: u128, content: &[u8]) -> CopiedFile {
    CopiedFile {
        id: AttachmentId::from_u128(id),
        size: content.len() as u64,
        hash: ContentHash::from_bytes(Sha256::digest(content).into()),
    }
}

/// Returns a database that names files, and storage that has them.
pub(crate) fn with_files(contents: &[&[u8]]) -> (FakeDatabase, FakeFiles) {
    let (mut database, files) = (FakeDatabase::default(), FakeFiles::default());
    for (id, content) in (1..).zip(contents) {
        database.files.push(file(id, content));
        files.0.lock().unwrap().insert(id, content.to_vec());
    }
    (database, files)
}

/// Backs up into a new file.
pub(crate) async fn backed_up(
    database: &FakeDatabase,
    contents: Option<&FakeFiles>,
    target: &Path,
) -> Result<BackedUp, ArchiveError> {
    let contents = contents.map(|contents| contents as &dyn AttachmentStore);
    let at = Timestamp::from_millis(1_790_000_000_123);
    let program = "0.1.0";
    back_up(BackupRequest { database, contents, target, replaces: false, program, at }).await
}
