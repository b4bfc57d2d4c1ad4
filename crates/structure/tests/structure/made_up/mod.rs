//! Tests of the rules with small, made-up source trees.

mod circles;
mod examples;
mod misplaced_tests;
mod modules;
mod names;
mod ports;
mod public_api;
mod widely_used;

use engage_structure::{Crate, FileGraph, SourceTree, crates};

/// Builds a crate from these files. Their paths are relative to its folder `src`.
fn made_up(files: &[(&str, &str)]) -> Crate {
    made_up_in_tree(files).1
}

/// Builds a crate from these files, with its source tree.
fn made_up_in_tree(files: &[(&str, &str)]) -> (SourceTree, Crate) {
    let paths = files.iter().map(|(path, text)| (format!("crates/made/src/{path}"), *text));
    let mut paths: Vec<_> = paths.collect();
    paths.push(("crates/made/Cargo.toml".to_owned(), "[package]\nname = \"engage-made\"\n"));
    let files: Vec<_> = paths.iter().map(|(path, text)| (path.as_str(), *text)).collect();
    let tree = SourceTree::of(&files);
    let [made] = crates(&tree).unwrap().try_into().unwrap();
    (tree, made)
}

/// Returns the names that the files take from each other, such as `a.rs takes One from b.rs`.
fn taken(files: &[(&str, &str)]) -> Vec<String> {
    let graph = FileGraph::of(&made_up(files));
    graph.taken().map(|taken| taken.to_string().replace("crates/made/src/", "")).collect()
}

/// Returns the files in circles.
fn in_circles(files: &[(&str, &str)]) -> Vec<String> {
    let found = engage_structure::circles(&FileGraph::of(&made_up(files)));
    let files = found.iter().flat_map(|circle| &circle.files);
    files.map(|file| file.replace("crates/made/src/", "")).collect()
}
