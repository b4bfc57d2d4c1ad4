//! Tests that the files named in the documentation exist.

use std::fs;
use std::path::Path;

/// Returns the pages that describe the present. Decisions describe the state at their time.
fn pages(root: &Path) -> Vec<(String, String)> {
    let pages =
        ["", "docs"].into_iter().flat_map(|folder| fs::read_dir(root.join(folder)).unwrap());
    let pages = pages.map(|page| page.unwrap().path());
    let pages = pages.filter(|page| page.extension().is_some_and(|extension| extension == "md"));
    pages.map(|page| (page.display().to_string(), fs::read_to_string(&page).unwrap())).collect()
}

/// Checks whether a text is the path of one file or folder of a crate. A path with `*` names
/// several.
fn is_path(text: &&str) -> bool {
    text.starts_with("crates/") && !text.contains('*')
}

#[test]
fn every_file_named_in_the_documentation_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut named = 0;
    let mut missing = Vec::new();
    for (page, text) in pages(&root) {
        for path in text.split('`').skip(1).step_by(2).filter(is_path) {
            named += 1;
            if !root.join(path).exists() {
                missing.push(format!("{page}: {path}"));
            }
        }
    }
    assert!(named > 20, "only {named} files are named");
    assert!(missing.is_empty(), "{missing:#?}");
}
