//! Tests of following modules to their files.

use engage_structure::{SourceTree, crates};

use super::{made_up, taken};

#[test]
fn modules_are_followed_to_their_files() {
    let files = [
        ("lib.rs", "mod a; mod inline { mod c; } #[path = \"other/d.rs\"] mod elsewhere;"),
        ("a.rs", "mod b;"),
        ("a/b.rs", ""),
        ("inline/c/mod.rs", ""),
        ("other/d.rs", "mod e;"),
        ("other/e.rs", ""),
        ("nobodys.rs", ""),
    ];
    let made = made_up(&files);
    let found: Vec<_> =
        made.files().into_iter().map(|file| file.replace("crates/made/src/", "")).collect();
    assert_eq!(found, ["a.rs", "a/b.rs", "inline/c/mod.rs", "lib.rs", "other/d.rs", "other/e.rs"]);
}

#[test]
fn an_inline_module_is_part_of_its_file() {
    let files = [
        (
            "lib.rs",
            "mod a; mod b { pub mod c { use super::super::a::One; struct B(One); } pub struct Two; }",
        ),
        ("a.rs", "use crate::b::Two; pub struct One;"),
    ];
    let expected = ["a.rs takes Two from lib.rs", "lib.rs takes One from a.rs"];
    assert_eq!(taken(&files), expected);
}

#[test]
fn an_inline_module_sees_what_its_file_imports() {
    let files = [
        ("lib.rs", "mod a; mod b;"),
        ("a.rs", "use crate::b::Two; mod inner { use super::*; struct One(Two); }"),
        ("b.rs", "pub struct Two;"),
    ];
    assert_eq!(taken(&files), ["a.rs takes Two from b.rs"]);
}

#[test]
fn a_program_takes_from_its_library_by_the_name_of_the_crate() {
    let files = [
        ("lib.rs", "mod a; pub use a::run;"),
        ("main.rs", "fn main() { engage_made::run() }"),
        ("bin/other.rs", "use engage_made::run; fn main() { run() }"),
        ("a.rs", "pub fn run() {}"),
    ];
    let expected = ["bin/other.rs takes run from a.rs", "main.rs takes run from a.rs"];
    assert_eq!(taken(&files), expected);
}

#[test]
fn a_module_without_a_file_is_an_error() {
    let tree = SourceTree::of(&[("crates/made/src/lib.rs", "mod gone;")]);
    let error = crates(&tree).unwrap_err();
    let expected = "crates/made/src/lib.rs declares the module gone, which has no file";
    assert_eq!(error.to_string(), expected);
}

#[test]
fn invalid_rust_is_an_error() {
    let tree = SourceTree::of(&[("crates/made/src/lib.rs", "mod")]);
    let error = crates(&tree).unwrap_err();
    assert!(error.to_string().starts_with("crates/made/src/lib.rs is not Rust: "), "{error}");
}
