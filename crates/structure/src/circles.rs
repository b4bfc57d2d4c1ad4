//! The rule against circular imports between files.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::graph::{FileGraph, Taken};

/// A set of files that all import from each other, directly or through other files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Circle {
    /// Paths of the files, in order.
    pub files: BTreeSet<String>,
    /// Names that the files take from each other.
    pub taken: Vec<Taken>,
}

impl fmt::Display for Circle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} files in a circle:", self.files.len())?;
        self.files.iter().try_for_each(|file| writeln!(f, "  {file}"))?;
        writeln!(f, "by these names:")?;
        self.taken.iter().try_for_each(|taken| writeln!(f, "  {taken}"))
    }
}

/// Returns the circles in a graph. Each is as large as possible, so no file is in two of them.
pub fn circles(graph: &FileGraph) -> Vec<Circle> {
    let mut edges: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for taken in graph.taken() {
        edges.entry(taken.by).or_default().push(taken.from);
    }
    let reach: BTreeMap<&str, BTreeSet<&str>> =
        graph.files().iter().map(|file| (file.as_str(), reachable(&edges, file))).collect();
    let mut rest: BTreeSet<&str> = reach.keys().copied().collect();
    let mut found = Vec::new();
    while let Some(file) = rest.pop_first() {
        let files: BTreeSet<String> = reach[file]
            .iter()
            .filter(|other| reach[*other].contains(file))
            .map(|other| (*other).to_owned())
            .collect();
        rest.retain(|other| !files.contains(*other));
        if files.len() > 1 {
            let taken = graph.taken().filter(|t| files.contains(&t.by) && files.contains(&t.from));
            found.push(Circle { taken: taken.collect(), files });
        }
    }
    found
}

/// Returns the files that can be reached from a file.
fn reachable<'a>(edges: &'a BTreeMap<String, Vec<String>>, start: &str) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::new();
    let mut next: Vec<&str> = edges.get(start).into_iter().flatten().map(String::as_str).collect();
    while let Some(file) = next.pop() {
        if reached.insert(file) {
            next.extend(edges.get(file).into_iter().flatten().map(String::as_str));
        }
    }
    reached
}
