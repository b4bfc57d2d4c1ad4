//! A file whose changes take effect while the program runs.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// A file that is parsed again once it has changed.
///
/// Each access asks the operating system whether the file has changed, as the C library does. That
/// takes microseconds, since the files are small, local and cached.
pub(crate) struct WatchedFile<T> {
    path: PathBuf,
    parse: Box<dyn Fn(io::Result<Vec<u8>>) -> T + Send + Sync>,
    latest: Mutex<Option<(Option<Stamp>, Arc<T>)>>,
}

/// Facts about a file of which at least one differs after a change.
#[derive(PartialEq, Eq)]
struct Stamp {
    device: u64,
    inode: u64,
    size: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Stamp {
    /// Returns nothing if there is no readable file.
    fn of(path: &Path) -> Option<Self> {
        let about = fs::metadata(path).ok()?;
        Some(Self {
            device: about.dev(),
            inode: about.ino(),
            size: about.size(),
            modified: (about.mtime(), about.mtime_nsec()),
            changed: (about.ctime(), about.ctime_nsec()),
        })
    }
}

impl<T> WatchedFile<T> {
    pub(crate) fn new(
        path: PathBuf,
        parse: impl Fn(io::Result<Vec<u8>>) -> T + Send + Sync + 'static,
    ) -> Self {
        Self { path, parse: Box::new(parse), latest: Mutex::default() }
    }

    /// Returns the parsed file as it is now.
    pub(crate) fn current(&self) -> Arc<T> {
        // The stamp is taken first: if the file changes in between, it is read once more.
        let stamp = Stamp::of(&self.path);
        let mut latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, parsed)) = &*latest
            && *known == stamp
        {
            return Arc::clone(parsed);
        }
        let parsed = Arc::new((self.parse)(fs::read(&self.path)));
        *latest = Some((stamp, Arc::clone(&parsed)));
        parsed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_again_only_after_it_has_appeared_changed_or_gone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("resolv.conf");
        let watched = WatchedFile::new(path.clone(), |read| read.map(String::from_utf8).ok());
        let text = || watched.current().as_ref().clone().map(Result::unwrap);
        assert_eq!(text(), None);
        fs::write(&path, "a").unwrap();
        assert_eq!(text().as_deref(), Some("a"));
        assert!(Arc::ptr_eq(&watched.current(), &watched.current()));
        // As DHCP clients do it.
        fs::write(folder.path().join("new"), "b").unwrap();
        fs::rename(folder.path().join("new"), &path).unwrap();
        assert_eq!(text().as_deref(), Some("b"));
        fs::remove_file(&path).unwrap();
        assert_eq!(text(), None);
    }
}
