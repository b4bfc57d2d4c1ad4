//! What the documentation says of files.

use std::fs;
use std::path::Path;

/// The pages that describe the present; decisions describe what was there when they were made.
fn pages(root: &Path) -> Vec<(String, String)> {
    let pages =
        ["", "docs"].into_iter().flat_map(|folder| fs::read_dir(root.join(folder)).unwrap());
    let pages = pages.map(|page| page.unwrap().path());
    let pages = pages.filter(|page| page.extension().is_some_and(|extension| extension == "md"));
    pages.map(|page| (page.display().to_string(), fs::read_to_string(&page).unwrap())).collect()
}

/// Returns whether a text names one file or folder of a crate; one with a `*` names several.
fn is_path(text: &&str) -> bool {
    text.starts_with("crates/") && !text.contains('*')
}

#[test]
fn every_file_of_a_crate_that_a_page_names_is_there() {
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
