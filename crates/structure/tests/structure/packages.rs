//! Tests that packages are complete: a registry delivers the folder of a crate and nothing else.

use std::path::{Component, Path, PathBuf};

use crate::workspace::WORKSPACE;

/// Macros and attributes that name a file, each with whether its path begins at the folder of the
/// crate.
const NAMING: [(&str, bool); 6] = [
    ("include!(", false),
    ("include_str!(", false),
    ("include_bytes!(", false),
    ("#[path = ", false),
    ("embed_migrations!(", true),
    ("#[template(path = ", true),
];

/// Returns the paths that a text gives to a macro or an attribute.
fn named<'text>(text: &'text str, naming: &'text str) -> impl Iterator<Item = &'text str> {
    text.split(naming).skip(1).filter_map(|rest| {
        let literal = rest.trim_start().strip_prefix('"')?;
        literal.split('"').next()
    })
}

/// Returns the path without `..`.
fn resolved(path: &Path) -> PathBuf {
    let mut parts = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => assert!(parts.pop(), "{} leaves the workspace", path.display()),
            part => parts.push(part),
        }
    }
    parts
}

#[test]
fn no_source_includes_a_file_outside_its_package() {
    let mut found = 0;
    let mut outside = Vec::new();
    for one in &WORKSPACE.crates {
        let directory = Path::new(one.directory());
        let tree = &WORKSPACE.tree;
        for file in tree.paths().filter(|file| Path::new(file).starts_with(directory)) {
            for (naming, is_from_crate) in NAMING {
                let base =
                    if is_from_crate { directory } else { Path::new(file).parent().unwrap() };
                for path in named(tree.text(file).unwrap(), naming) {
                    found += 1;
                    if !resolved(&base.join(path)).starts_with(directory) {
                        outside.push(format!("{file}: {path}"));
                    }
                }
            }
        }
    }
    assert!(found > 20, "only {found} files are included");
    assert!(outside.is_empty(), "{outside:#?}");
}
