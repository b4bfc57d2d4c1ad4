//! The rule that no file is needed by a large part of its crate.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::graph::FileGraph;

/// Minimum number of files of a crate for the rule to apply.
const FILES_OF_LARGE_CRATE: usize = 12;

/// Number of files that may always take from one file: as many as a reader can check when it
/// changes.
const FEW: usize = 8;

/// A file from which more than a quarter of its crate takes something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WidelyUsed {
    /// Path of the file.
    pub file: String,
    /// Taken names by the file that takes them.
    pub users: BTreeMap<String, BTreeSet<String>>,
    /// Number of files in the crate.
    pub files_of_crate: usize,
}

impl fmt::Display for WidelyUsed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, users, files_of_crate } = self;
        writeln!(f, "{} of {files_of_crate} files take from {file}:", users.len())?;
        let mut by_name: BTreeMap<&str, usize> = BTreeMap::new();
        for name in users.values().flatten() {
            *by_name.entry(name).or_default() += 1;
        }
        by_name.iter().try_for_each(|(name, count)| writeln!(f, "  {name}: {count}"))
    }
}

/// Returns the files of a crate from which more than a quarter of its files take something.
///
/// A change of such a file affects everyone. Either it has several purposes, or it is a part that
/// should be a crate, or its users know more than they need to. In crates of fewer than 12 files a
/// quarter is only two files, and up to 8 users can be checked by hand, so neither is reported.
pub fn widely_used(graph: &FileGraph) -> Vec<WidelyUsed> {
    let files_of_crate = graph.files().len();
    if files_of_crate < FILES_OF_LARGE_CRATE {
        return Vec::new();
    }
    let mut users: BTreeMap<String, BTreeMap<String, BTreeSet<String>>> = BTreeMap::new();
    for taken in graph.taken() {
        users.entry(taken.from).or_default().insert(taken.by, taken.names);
    }
    let wide = |users: usize| users > FEW && users * 4 > files_of_crate;
    let found = users.into_iter().filter(|(_, users)| wide(users.len()));
    found.map(|(file, users)| WidelyUsed { file, users, files_of_crate }).collect()
}
