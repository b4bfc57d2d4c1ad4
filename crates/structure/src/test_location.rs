//! The rule that the tests of `x.rs` are in that file or in `x/tests.rs`.

use std::fmt;

use crate::tree::SourceTree;

/// A file of tests with another name than `tests.rs`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MisplacedTests {
    /// Path of the file.
    pub file: String,
    /// Path that the rule requires.
    pub expected: String,
}

impl fmt::Display for MisplacedTests {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} belongs in {}", self.file, self.expected)
    }
}

/// Returns the files of tests in the `src` folders that are named `x_tests.rs` or `tests/mod.rs`.
pub fn misplaced_tests(tree: &SourceTree) -> Vec<MisplacedTests> {
    let files = tree.paths().filter(|path| path.contains("/src/"));
    let misplaced = files.filter_map(|file| {
        let module = file.strip_suffix("_tests.rs").or_else(|| file.strip_suffix("/tests/mod.rs"));
        module.map(|module| (file, format!("{module}/tests.rs")))
    });
    misplaced.map(|(file, expected)| MisplacedTests { file: file.to_owned(), expected }).collect()
}
