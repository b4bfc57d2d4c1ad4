//! Tests of the rule against circular imports.

use engage_structure::{FileGraph, circles};

use super::{in_circles, made_up};

const LIB: &str = "mod a; mod b;";

#[test]
fn two_files_that_import_each_other_are_a_circle() {
    let files = [
        ("lib.rs", LIB),
        ("a.rs", "use crate::b::Two; pub struct One(Two);"),
        ("b.rs", "use crate::a::One; pub struct Two(Box<One>);"),
    ];
    assert_eq!(in_circles(&files), ["a.rs", "b.rs"]);
}

#[test]
fn a_circle_lists_the_names_that_cause_it() {
    let files = [
        ("lib.rs", LIB),
        ("a.rs", "use crate::b::Two; pub struct One(Two); pub struct Other;"),
        ("b.rs", "use crate::a::{One, Other}; pub struct Two(Box<One>, Other);"),
    ];
    let [circle] = circles(&FileGraph::of(&made_up(&files))).try_into().unwrap();
    let expected = "\
2 files in a circle:
  crates/made/src/a.rs
  crates/made/src/b.rs
by these names:
  crates/made/src/a.rs takes Two from crates/made/src/b.rs
  crates/made/src/b.rs takes One, Other from crates/made/src/a.rs
";
    assert_eq!(circle.to_string(), expected);
}

#[test]
fn a_circle_is_found_through_a_re_export() {
    let files = [
        ("lib.rs", "mod a; mod b; pub use b::Two;"),
        ("a.rs", "use crate::Two; pub struct One(Two);"),
        ("b.rs", "use crate::a::One; pub struct Two(Box<One>);"),
    ];
    assert_eq!(in_circles(&files), ["a.rs", "b.rs"]);
}

#[test]
fn a_circle_is_found_through_super() {
    let files = [
        ("lib.rs", "mod a;"),
        ("a/mod.rs", "mod part; pub const MOST: u8 = 1; pub fn run() { part::step(); }"),
        ("a/part.rs", "pub fn step() -> u8 { super::MOST }"),
    ];
    assert_eq!(in_circles(&files), ["a/mod.rs", "a/part.rs"]);
}

#[test]
fn a_circle_is_found_through_paths_in_expressions() {
    let files = [
        ("lib.rs", LIB),
        ("a.rs", "pub fn one() { crate::b::two(); }"),
        ("b.rs", "pub fn two() { if false { self::super::a::one() } }"),
    ];
    assert_eq!(in_circles(&files), ["a.rs", "b.rs"]);
}

#[test]
fn a_circle_is_found_inside_a_macro_call() {
    let files = [
        ("lib.rs", LIB),
        ("a.rs", "pub fn one() -> String { format!(\"{}\", [crate::b::two()].len()) }"),
        ("b.rs", "pub fn two() { println!(\"{}\", crate::a::one()) }"),
    ];
    assert_eq!(in_circles(&files), ["a.rs", "b.rs"]);
}

#[test]
fn a_circle_is_found_through_a_glob() {
    let files = [
        ("lib.rs", LIB),
        ("a.rs", "use crate::b::*; pub struct One(Two);"),
        ("b.rs", "use crate::a::*; pub struct Two(Box<One>);"),
    ];
    assert_eq!(in_circles(&files), ["a.rs", "b.rs"]);
}

#[test]
fn a_circle_can_have_many_files() {
    let files = [
        ("lib.rs", "mod a; mod b; mod c; mod d;"),
        ("a.rs", "pub fn a() { crate::b::b() }"),
        ("b.rs", "pub fn b() { crate::c::c() }"),
        ("c.rs", "pub fn c() { crate::a::a() }"),
        ("d.rs", "pub fn d() { crate::a::a() }"),
    ];
    assert_eq!(in_circles(&files), ["a.rs", "b.rs", "c.rs"]);
}

#[test]
fn declaring_a_module_makes_no_circle() {
    let files = [
        ("lib.rs", "mod a; pub const MOST: u8 = 1;"),
        ("a.rs", "pub fn one() -> u8 { crate::MOST }"),
    ];
    assert_eq!(in_circles(&files), [""; 0]);
}

#[test]
fn a_re_export_alone_makes_no_circle() {
    let files = [
        ("lib.rs", "mod a; pub use a::one; pub const MOST: u8 = 1;"),
        ("a.rs", "pub fn one() -> u8 { crate::MOST }"),
    ];
    assert_eq!(in_circles(&files), [""; 0]);
}

#[test]
fn a_re_export_that_the_file_uses_itself_makes_a_circle() {
    let files = [
        ("lib.rs", "mod a; pub use a::one; pub const MOST: u8 = 1; pub fn run() { one(); }"),
        ("a.rs", "pub fn one() -> u8 { crate::MOST }"),
    ];
    assert_eq!(in_circles(&files), ["a.rs", "lib.rs"]);
}

#[test]
fn tests_make_no_circle() {
    let files = [
        ("lib.rs", LIB),
        ("a.rs", "pub fn one() { crate::b::two() } pub struct One;"),
        (
            "b.rs",
            "pub fn two() {}
            #[cfg(test)] use crate::a::One;
            #[cfg(all(test, unix))] fn three(_: One) {}
            #[test] fn four() { crate::a::one() }
            #[cfg(test)] mod tests { use super::*; fn five() { crate::a::one() } }
            #[cfg(test)] #[path = \"b_tests.rs\"] mod more_tests;",
        ),
        ("b_tests.rs", "fn six() { crate::a::one() }"),
    ];
    assert_eq!(in_circles(&files), [""; 0]);
}

#[test]
fn code_behind_a_feature_makes_a_circle() {
    let files = [
        ("lib.rs", LIB),
        ("a.rs", "pub fn one() { crate::b::two() }"),
        ("b.rs", "pub fn two() {} #[cfg(any(test, feature = \"mock\"))] use crate::a::one;"),
    ];
    assert_eq!(in_circles(&files), ["a.rs", "b.rs"]);
}
