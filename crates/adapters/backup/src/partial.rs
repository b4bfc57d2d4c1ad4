//! A file that has its name only once it is complete.

use std::fs::File;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::error::ArchiveError;

/// A file that is being written. It is removed unless it is published.
#[derive(Debug)]
pub(crate) struct Partial {
    file: NamedTempFile,
    target: PathBuf,
    replaces: bool,
}

impl Partial {
    /// Creates a file in the folder of the target, which only its owner can read. Fails if the target
    /// exists and is not to be replaced.
    pub(crate) fn create(target: &Path, replaces: bool) -> Result<Self, ArchiveError> {
        if !replaces && target.exists() {
            return Err(ArchiveError::Exists(target.to_owned()));
        }
        let named = tempfile::Builder::new()
            .prefix(".engage-backup-")
            .suffix(".partial")
            .tempfile_in(folder_of(target));
        let file = named.map_err(|cause| ArchiveError::Write { path: target.to_owned(), cause })?;
        Ok(Self { file, target: target.to_owned(), replaces })
    }

    /// Returns the file, to be written.
    pub(crate) fn file(&self) -> Result<File, ArchiveError> {
        self.file.as_file().try_clone().map_err(|cause| self.failed(cause))
    }

    /// Returns the folder of the file.
    pub(crate) fn folder(&self) -> &Path {
        folder_of(&self.target)
    }

    /// Gives a complete file its name.
    pub(crate) fn publish(self) -> Result<(), ArchiveError> {
        let Self { file, target, replaces } = self;
        let folder = folder_of(&target).to_owned();
        let failed = |cause| ArchiveError::Write { path: target.clone(), cause };
        let published =
            if replaces { file.persist(&target) } else { file.persist_noclobber(&target) };
        published.map_err(|error| failed(error.error))?;
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)
    }

    /// Describes a failure to write the file.
    pub(crate) fn failed(&self, cause: std::io::Error) -> ArchiveError {
        ArchiveError::Write { path: self.target.clone(), cause }
    }
}

fn folder_of(path: &Path) -> &Path {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    folder.unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_file_has_its_name_once_it_is_published() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("backup.tar");
        let partial = Partial::create(&target, false).unwrap();
        assert!(!target.exists());
        partial.publish().unwrap();
        assert_eq!(fs::metadata(&target).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_file_that_is_not_published_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        drop(Partial::create(&folder.path().join("backup.tar"), false).unwrap());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn an_existing_file_is_replaced_only_on_request() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("backup.tar");
        let early = Partial::create(&target, false).unwrap();
        fs::write(&target, "old").unwrap();
        assert!(matches!(Partial::create(&target, false), Err(ArchiveError::Exists(_))));
        // Created by somebody else in the meantime.
        early.publish().unwrap_err();
        assert_eq!(fs::read(&target).unwrap(), b"old");
        Partial::create(&target, true).unwrap().publish().unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"");
    }
}
