//! Tests of the exports of a file that implements a port.

use engage_structure::{SourceTree, crates, port_exports};

const PORT: &str = "pub trait Port {} trait Private {}";

/// Returns the reports for an adapter with this text.
fn reported(text: &str) -> Vec<String> {
    let tree = SourceTree::of(&[
        ("crates/ports/made/src/lib.rs", PORT),
        ("crates/adapters/made/src/lib.rs", "mod store;"),
        ("crates/adapters/made/src/store.rs", text),
    ]);
    let found = port_exports(&tree, &crates(&tree).unwrap()).unwrap();
    found.iter().map(ToString::to_string).collect()
}

#[test]
fn every_kind_of_visible_item_is_reported() {
    let text = "use engage_made::Port;
        impl Port for Store {}
        pub fn a() {} pub(crate) const B: u8 = 1; pub(super) struct C; pub(in crate::x) enum D {}
        pub type E = u8; pub trait F {} pub static G: u8 = 1; pub union H { a: u8 }
        macro_rules! i { () => {} } pub(crate) use i; pub mod j { pub struct K; }";
    let expected = "crates/adapters/made/src/store.rs implements Port for Store and exports \
        B, C, D, E, F, G, H, K, a, i";
    assert_eq!(reported(text), [expected]);
}

#[test]
fn the_implementer_its_methods_and_private_items_are_not_reported() {
    let text = "pub struct Store<T>(T);
        impl<T> Store<T> { pub fn new() {} pub(crate) const MOST: u8 = 1; }
        impl<T> engage_made::Port for Store<T> {}
        fn a() {} struct B; pub(self) fn c() {} mod d { pub fn e() {} }
        #[cfg(test)] pub fn f() {} pub use engage_made::Port;";
    assert_eq!(reported(text), [""; 0]);
}

#[test]
fn a_file_that_implements_other_traits_may_export() {
    assert_eq!(reported("pub struct A; pub struct B; impl Private for A {}"), [""; 0]);
}

#[test]
fn an_implementation_for_tests_does_not_count() {
    let text = "pub struct A; pub fn b() {} #[cfg(test)] impl Port for A {}";
    assert_eq!(reported(text), [""; 0]);
}
