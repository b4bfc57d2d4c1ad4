//! Links between the pages of the documentation.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

fn pages() -> Vec<PathBuf> {
    let folders =
        ["", "deploy", "docs", "docs/examples", "docs/decisions"].map(|folder| root().join(folder));
    let files = folders.iter().flat_map(|folder| fs::read_dir(folder).unwrap());
    let files = files.map(|file| file.unwrap().path());
    files.filter(|file| file.extension().is_some_and(|extension| extension == "md")).collect()
}

/// Returns the text without fenced blocks, in which brackets are not links.
fn prose(page: &Path) -> String {
    let text = fs::read_to_string(page).unwrap();
    text.split("\n```").step_by(2).collect::<Vec<_>>().join("\n")
}

/// Returns the anchors of a page's headings, as GitHub generates them.
fn anchors(page: &Path) -> BTreeSet<String> {
    let text = prose(page);
    let headings = text.lines().filter(|line| line.starts_with('#'));
    headings
        .map(|heading| {
            let heading = heading.trim_start_matches('#').trim().to_lowercase();
            let kept = heading.chars().filter(|c| c.is_alphanumeric() || "- _".contains(*c));
            kept.map(|c| if c == ' ' { '-' } else { c }).collect()
        })
        .collect()
}

#[test]
fn every_link_leads_to_an_existing_file_and_heading() {
    let mut broken = BTreeSet::new();
    for page in pages() {
        let text = prose(&page);
        let links = text.split("](").skip(1).map(|rest| rest.split(')').next().unwrap());
        for link in links.filter(|link| !link.contains("://") && !link.starts_with("mailto:")) {
            let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target =
                if path.is_empty() { page.clone() } else { page.parent().unwrap().join(path) };
            let is_page = target.extension().is_some_and(|extension| extension == "md");
            if !target.exists()
                || (is_page && !anchor.is_empty() && !anchors(&target).contains(anchor))
            {
                broken.insert(format!("{}: {link}", page.display()));
            }
        }
    }
    assert_eq!(broken, BTreeSet::new());
}

#[test]
fn every_page_is_in_the_summary_once() {
    let docs = root().join("docs");
    let summary = prose(&docs.join("SUMMARY.md"));
    let mut listed: Vec<PathBuf> = summary
        .split("](")
        .skip(1)
        .map(|rest| docs.join(rest.split(')').next().unwrap()))
        .collect();
    listed.sort_unstable();
    let mut written: Vec<PathBuf> =
        pages().into_iter().filter(|page| page.starts_with(&docs)).collect();
    written.retain(|page| !page.ends_with("SUMMARY.md"));
    written.sort_unstable();
    assert_eq!(listed, written);
}
