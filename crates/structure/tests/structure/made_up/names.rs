//! Tests of finding and resolving names.

use super::taken;

const LIB: &str = "mod a; mod b;";

#[test]
fn a_name_is_taken_from_the_file_that_defines_it() {
    let files = [
        ("lib.rs", "mod a; mod b; pub use b::Two;"),
        ("a.rs", "use crate::Two as Other; pub struct One(Other);"),
        ("b/mod.rs", "mod part; pub use part::*;"),
        ("b/part.rs", "pub struct Two;"),
    ];
    assert_eq!(taken(&files), ["a.rs takes Two from b/part.rs"]);
}

#[test]
fn names_are_followed_through_an_imported_module() {
    let files = [
        ("lib.rs", "mod a;"),
        ("a/mod.rs", "mod failure; mod judgement;"),
        ("a/failure.rs", "pub enum Step { Mail }"),
        ("a/judgement.rs", "use super::failure; pub fn judge(step: failure::Step) {}"),
    ];
    assert_eq!(taken(&files), ["a/judgement.rs takes Step from a/failure.rs"]);
}

#[test]
fn an_imported_module_alone_takes_nothing() {
    let files = [("lib.rs", LIB), ("a.rs", "use crate::b;"), ("b.rs", "pub struct Two;")];
    assert_eq!(taken(&files), [""; 0]);
}

#[test]
fn a_file_and_a_function_with_the_same_name_are_distinguished() {
    let files = [
        ("lib.rs", "mod count; pub use count::count; mod a;"),
        ("count.rs", "pub fn count() {}"),
        ("a.rs", "use crate::count; fn one() { count() }"),
    ];
    assert_eq!(taken(&files), ["a.rs takes count from count.rs"]);
}

#[test]
fn a_variant_or_associated_item_counts_as_its_type() {
    let files = [
        ("lib.rs", LIB),
        ("a.rs", "use crate::b::Kind::{self, Large}; fn f() -> Kind { Kind::small(Large) }"),
        ("b.rs", "pub enum Kind { Large }"),
    ];
    assert_eq!(taken(&files), ["a.rs takes Kind from b.rs"]);
}

#[test]
fn variants_that_are_imported_by_a_glob_count_as_their_type() {
    let files = [
        ("lib.rs", LIB),
        ("a.rs", "use crate::b::Kind::*; fn f() { Large; }"),
        ("b.rs", "pub enum Kind { Large }"),
    ];
    assert_eq!(taken(&files), ["a.rs takes Kind from b.rs"]);
}

#[test]
fn names_are_found_in_types_and_patterns() {
    let files = [
        ("lib.rs", LIB),
        ("a.rs", "fn f(x: &[crate::b::X]) { if let crate::b::Y { .. } = x {} }"),
        ("b.rs", "pub struct X; pub struct Y {}"),
    ];
    assert_eq!(taken(&files), ["a.rs takes X, Y from b.rs"]);
}

#[test]
fn names_are_found_in_attributes() {
    let files = [
        ("lib.rs", LIB),
        (
            "a.rs",
            "#[diesel(table_name = crate::b::cases)]
            struct A { #[serde(serialize_with = \"crate::b::write\")] field: u8 }",
        ),
        ("b.rs", "pub struct cases; pub fn write() {}"),
    ];
    assert_eq!(taken(&files), ["a.rs takes cases, write from b.rs"]);
}

#[test]
fn names_within_functions_are_found() {
    let files = [
        ("lib.rs", LIB),
        ("a.rs", "fn f() { use crate::b; use b::two; two(); b::three() }"),
        ("b.rs", "pub fn two() {} pub fn three() {}"),
    ];
    assert_eq!(taken(&files), ["a.rs takes three, two from b.rs"]);
}

#[test]
fn a_trait_that_a_file_with_submodules_imports_is_taken_without_a_mention() {
    let files = [
        ("lib.rs", "mod a; mod b; use b::{Speak, Two}; fn f() { 1.speak(); }"),
        ("a.rs", "use crate::Two; struct One(Two);"),
        ("b.rs", "pub trait Speak { fn speak(&self) {} } pub struct Two;"),
    ];
    assert_eq!(taken(&files), ["a.rs takes Two from b.rs", "lib.rs takes Speak from b.rs"]);
}

#[test]
fn a_constant_in_a_format_string_is_found() {
    let files = [
        ("lib.rs", "mod b; use b::MOST; pub fn f() -> String { format!(\"{MOST} at most\") }"),
        ("b.rs", "pub const MOST: u8 = 1;"),
    ];
    assert_eq!(taken(&files), ["lib.rs takes MOST from b.rs"]);
}

#[test]
fn fields_methods_and_variables_are_not_confused_with_glob_imports() {
    let files = [
        ("lib.rs", LIB),
        (
            "a.rs",
            "use crate::b::*;
            fn f(number: u8) { number.count(); log!(x.count, total: number); let log = 1; log; }",
        ),
        ("b.rs", "pub fn number() {} pub fn count() {} pub fn total() {} pub fn log() {}"),
    ];
    assert_eq!(taken(&files), [""; 0]);
}

#[test]
fn a_local_name_shadows_a_glob_import() {
    let files = [
        ("lib.rs", LIB),
        ("a.rs", "use std::fmt::Result; use crate::b::*; fn f() -> Result { g() } fn g() {}"),
        ("b.rs", "pub struct Result; pub fn g() {}"),
    ];
    assert_eq!(taken(&files), [""; 0]);
}

#[test]
fn mutual_globs_terminate() {
    let files = [
        ("lib.rs", LIB),
        ("a.rs", "pub use crate::b::*; fn f() -> Unknown {}"),
        ("b.rs", "pub use crate::a::*;"),
    ];
    assert_eq!(taken(&files), [""; 0]);
}

#[test]
fn a_macro_is_taken_by_its_caller() {
    let files = [
        ("lib.rs", LIB),
        ("a.rs", "crate::b::id!(One);"),
        ("b.rs", "macro_rules! id { ($name:ident) => { struct $name; } } pub(crate) use id;"),
    ];
    assert_eq!(taken(&files), ["a.rs takes id from b.rs"]);
}

#[test]
fn a_macro_takes_what_it_names_from_the_root() {
    let files = [
        ("lib.rs", LIB),
        ("a.rs", "macro_rules! id { ($m:ident) => { $crate::b::Two; $m::Three } }"),
        ("b.rs", "pub struct Two; pub struct Three;"),
    ];
    assert_eq!(taken(&files), ["a.rs takes Two from b.rs"]);
}

#[test]
fn an_item_made_by_a_macro_is_taken_from_the_calling_file() {
    let files = [
        ("lib.rs", LIB),
        ("a.rs", "use crate::b::cases; fn f() { cases::table; }"),
        ("b.rs", "table! { cases { id -> Text } }"),
    ];
    assert_eq!(taken(&files), ["a.rs takes cases from b.rs"]);
}

#[test]
fn names_of_other_crates_are_not_taken() {
    let files = [
        ("lib.rs", LIB),
        ("a.rs", "use ::b::Two; use serde::Two as Other; fn f() { std::mem::drop(Two) }"),
        ("b.rs", "pub struct Two;"),
    ];
    assert_eq!(taken(&files), [""; 0]);
}
