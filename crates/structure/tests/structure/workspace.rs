//! Applies the rules to this workspace.

use std::path::Path;
use std::sync::LazyLock;

use engage_structure::{
    Crate, FileGraph, SourceTree, WidelyUsed, circles, crates, misplaced_tests, port_exports,
    widely_used,
};

/// Files from which more than a quarter of their crate may take something, each with the reason.
const WIDELY_USED: &[(&str, &str)] = &[
    ("crates/adapters/postgres/src/store.rs", "the type that implements every port"),
    ("crates/adapters/sql/src/column.rs", "the parser of every column"),
    ("crates/adapters/sql/src/db_id.rs", "the type of every id column"),
    ("crates/adapters/sql/src/db_timestamp.rs", "the type of every timestamp column"),
    ("crates/adapters/sql/src/error.rs", "the error of every invalid column"),
    ("crates/adapters/sql/src/schema.rs", "the tables of every row"),
    ("crates/adapters/sqlite/src/clock.rs", "the time of every write"),
    ("crates/adapters/sqlite/src/error.rs", "the error of all work on a connection"),
    ("crates/adapters/sqlite/src/sql.rs", "the statements that are written out"),
    ("crates/adapters/sqlite/src/store.rs", "the type that implements every port"),
    ("crates/bench/src/client.rs", "the HTTP client of every measurement"),
    ("crates/testkit/src/builders/changes.rs", "the changes of the contract suites"),
    ("crates/domain/src/text/kinds.rs", "the type of every text"),
    ("crates/domain/src/wire.rs", "the spelling of every enumeration"),
    ("crates/http/src/deadline.rs", "the time limit of every handler"),
    ("crates/http/src/error.rs", "the error responses of every handler"),
    ("crates/http/src/staff/access.rs", "the permission of every endpoint for staff"),
    ("crates/http/src/validation.rs", "the validation of every request"),
    ("crates/ports/repository/src/error.rs", "the error type of every port"),
    ("crates/server/src/settings/mod.rs", "the settings of all wiring"),
    ("crates/structure/src/module.rs", "the model of a crate that every rule is about"),
    ("crates/testkit/src/builders/delivery.rs", "the notifications of the contract suites"),
    ("crates/testkit/src/builders/mod.rs", "the cases of the contract suites"),
    ("crates/testkit/src/contract/mod.rs", "the common parts of all contracts"),
    ("crates/testkit/src/contract/store.rs", "the store under test in every contract"),
];

/// The workspace, read once for all tests, since reading takes most of their time.
pub(crate) static WORKSPACE: LazyLock<Workspace> = LazyLock::new(|| {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let tree = SourceTree::read(&root).unwrap_or_else(|error| panic!("{error}"));
    let crates = crates(&tree).unwrap_or_else(|error| panic!("{error}"));
    let graphs = crates.iter().map(FileGraph::of).collect();
    Workspace { tree, crates, graphs }
});

pub(crate) struct Workspace {
    pub(crate) tree: SourceTree,
    pub(crate) crates: Vec<Crate>,
    graphs: Vec<FileGraph>,
}

/// Fails with a list of the violations, if there are any.
#[track_caller]
pub(crate) fn assert_none(violations: &[impl ToString]) {
    let texts: Vec<_> = violations.iter().map(ToString::to_string).collect();
    assert!(texts.is_empty(), "\n{}", texts.join("\n"));
}

#[test]
fn every_crate_is_checked() {
    let Workspace { tree, crates, .. } = &*WORKSPACE;
    let looked_at: Vec<_> = crates.iter().map(Crate::directory).collect();
    let manifests: Vec<_> =
        tree.paths().filter_map(|path| path.strip_suffix("/Cargo.toml")).collect();
    assert_eq!(looked_at, manifests);
}

#[test]
fn files_do_not_import_each_other_in_circles() {
    let found: Vec<_> = WORKSPACE.graphs.iter().flat_map(circles).collect();
    assert_none(&found);
}

fn all_widely_used() -> Vec<WidelyUsed> {
    WORKSPACE.graphs.iter().flat_map(widely_used).collect()
}

#[test]
fn no_file_is_imported_by_more_than_a_quarter_of_its_crate() {
    let mut found = all_widely_used();
    found.retain(|wide| WIDELY_USED.iter().all(|(file, _)| wide.file != *file));
    assert_none(&found);
}

#[test]
fn every_exception_is_still_needed() {
    let found = all_widely_used();
    let is_needed = |file: &str| found.iter().any(|wide| wide.file == file);
    let stale: Vec<_> = WIDELY_USED.iter().filter(|(file, _)| !is_needed(file)).collect();
    assert!(stale.is_empty(), "no longer imported so widely, or missing: {stale:?}");
}

#[test]
fn a_file_that_implements_a_port_exports_nothing_else() {
    let Workspace { tree, crates, .. } = &*WORKSPACE;
    let found = port_exports(tree, crates).unwrap_or_else(|error| panic!("{error}"));
    assert_none(&found);
}

#[test]
fn long_tests_of_a_file_are_in_its_folder() {
    assert_none(&misplaced_tests(&WORKSPACE.tree));
}
