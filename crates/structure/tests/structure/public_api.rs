//! The public items of the crates that other programs use. They are recorded in the folder
//! `public_api`, so that a change of them shows in a review. `make public-api` records them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::{env, fs};

use engage_structure::{Crate, public_api};

use crate::workspace::WORKSPACE;

/// Crates that are published only because others depend on them.
const INTERNAL: [&str; 3] = ["engage_outbound", "engage_server", "engage_sql"];

fn is_used(one: &Crate) -> bool {
    let manifest = WORKSPACE.tree.text(&format!("{}/Cargo.toml", one.directory())).unwrap();
    !manifest.contains("\npublish = false\n") && !INTERNAL.contains(&one.name().unwrap())
}

/// Returns the lines of each item, by the line that begins it.
fn by_item(text: &str) -> BTreeMap<&str, Vec<&str>> {
    let mut items: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for item in text.split("\n\n") {
        if let Some(begin) = item.lines().find(|line| !line.starts_with("#[")) {
            items.entry(begin).or_default().extend(item.lines());
        }
    }
    items
}

/// Returns the lines that differ, each below the line that begins its item.
fn difference(old: &str, new: &str) -> String {
    let (old, new) = (by_item(old), by_item(new));
    let begins: BTreeSet<_> = old.keys().chain(new.keys()).copied().collect();
    let items = begins.into_iter().map(|begin| {
        let [old, new] = [&old, &new].map(|items| items.get(begin).cloned().unwrap_or_default());
        let removed =
            old.iter().filter(|line| !new.contains(line)).map(|line| format!("- {line}\n"));
        let added = new.iter().filter(|line| !old.contains(line)).map(|line| format!("+ {line}\n"));
        let lines: String = removed.chain(added).collect();
        if lines.is_empty() { lines } else { format!("  {begin}\n{lines}") }
    });
    items.collect()
}

#[test]
fn public_items_are_the_recorded_ones() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("public_api");
    let mut changes = Vec::new();
    for one in WORKSPACE.crates.iter().filter(|one| is_used(one)) {
        let current = public_api(&WORKSPACE.tree, one).unwrap();
        let file = folder.join(one.name().unwrap().replace('_', "-")).with_extension("txt");
        if env::var_os("ENGAGE_RECORD_PUBLIC_API").is_some() {
            fs::write(&file, &current).unwrap();
        }
        let recorded = fs::read_to_string(&file).unwrap_or_default();
        if recorded != current {
            changes.push(format!("{}\n{}", one.directory(), difference(&recorded, &current)));
        }
    }
    assert!(
        changes.is_empty(),
        "\n{}If this is intended, run `make public-api`, and add it to CHANGELOG.md.",
        changes.concat()
    );
}
