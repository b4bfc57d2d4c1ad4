//! The texts of a source tree.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use crate::error::StructureError;

/// The Rust files and manifests of a workspace, by their paths from its root, separated by `/`.
#[derive(Debug, Clone, Default)]
pub struct SourceTree {
    texts: BTreeMap<String, String>,
}

impl SourceTree {
    /// Builds a tree of these files, each with its path and text.
    pub fn of(files: &[(&str, &str)]) -> Self {
        let owned = |(path, text): &(&str, &str)| ((*path).to_owned(), (*text).to_owned());
        Self { texts: files.iter().map(owned).collect() }
    }

    /// Reads the folders with crates of the workspace at `root`. Fails if any part of them cannot
    /// be read.
    pub fn read(root: &Path) -> Result<Self, StructureError> {
        let mut tree = Self::default();
        for folder in ["crates", "migrations"] {
            tree.add_folder(&root.join(folder), folder)?;
        }
        Ok(tree)
    }

    /// Returns the paths of all files, in order.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.texts.keys().map(String::as_str)
    }

    /// Returns the text of a file, if it exists.
    pub fn text(&self, path: &str) -> Option<&str> {
        self.texts.get(path).map(String::as_str)
    }

    /// Parses a file as Rust. Fails if it does not exist or is not valid Rust.
    pub(crate) fn parse(&self, path: &str) -> Result<syn::File, StructureError> {
        let missing = || StructureError::Read {
            path: path.to_owned(),
            source: io::ErrorKind::NotFound.into(),
        };
        let syntax = |source| StructureError::Syntax { path: path.to_owned(), source };
        syn::parse_file(self.text(path).ok_or_else(missing)?).map_err(syntax)
    }

    fn add_folder(&mut self, folder: &Path, name: &str) -> Result<(), StructureError> {
        let unread = |source| StructureError::Read { path: name.to_owned(), source };
        for entry in fs::read_dir(folder).map_err(unread)? {
            let entry = entry.map_err(unread)?;
            let path = format!("{name}/{}", entry.file_name().to_string_lossy());
            if entry.file_type().map_err(unread)?.is_dir() {
                self.add_folder(&entry.path(), &path)?;
            } else if is_rust(&path) || path.ends_with("/Cargo.toml") {
                let unread = |source| StructureError::Read { path: path.clone(), source };
                let text = fs::read_to_string(entry.path()).map_err(unread)?;
                self.texts.insert(path, text);
            }
        }
        Ok(())
    }
}

/// Checks whether a path is that of a Rust file.
pub(crate) fn is_rust(path: &str) -> bool {
    Path::new(path).extension().is_some_and(|extension| extension == "rs")
}
