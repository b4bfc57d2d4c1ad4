//! Tests of the rule on the location of tests.

use engage_structure::{SourceTree, misplaced_tests};

/// Returns the reports for a crate with an empty file at each path.
fn reported(paths: &[&str]) -> Vec<String> {
    let files: Vec<_> = paths.iter().map(|path| (*path, "")).collect();
    misplaced_tests(&SourceTree::of(&files)).iter().map(ToString::to_string).collect()
}

#[test]
fn tests_beside_the_file_that_they_test_are_reported() {
    let expected = "crates/made/src/part/a_tests.rs belongs in crates/made/src/part/a/tests.rs";
    assert_eq!(reported(&["crates/made/src/part/a_tests.rs"]), [expected]);
}

#[test]
fn a_folder_of_tests_with_a_mod_file_is_reported() {
    let expected = "crates/made/src/a/tests/mod.rs belongs in crates/made/src/a/tests.rs";
    assert_eq!(reported(&["crates/made/src/a/tests/mod.rs"]), [expected]);
}

#[test]
fn tests_in_the_folder_of_their_file_are_not_reported() {
    let paths = ["crates/made/src/a.rs", "crates/made/src/a/tests.rs"];
    assert_eq!(reported(&paths), [""; 0]);
    assert_eq!(reported(&["crates/made/src/a/tests/part.rs"]), [""; 0]);
}

#[test]
fn files_of_other_names_and_of_integration_tests_are_not_reported() {
    let paths = ["crates/made/src/contests.rs", "crates/made/tests/made/a_tests.rs"];
    assert_eq!(reported(&paths), [""; 0]);
}
