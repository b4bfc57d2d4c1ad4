use super::*;

/// Returns the public items of a crate whose root exports `Kept`.
fn listed(text: &str) -> String {
    let root = format!("mod a; pub use a::Kept;\n{text}");
    let files = [("lib.rs", root.as_str()), ("a.rs", "make!(#[doc = \"No.\"] Kept, 3);")];
    let (tree, made) = made_up_in_tree(&files);
    engage_structure::public_api(&tree, &made).unwrap()
}

#[test]
fn public_items_are_listed_without_bodies_comments_and_private_parts() {
    let text = "
        /// Comment.
        #[derive(Debug)]
        pub struct One { pub part: u8, hidden: u16, more: u32 }
        impl One {
            pub fn first(&self) -> u8 { self.part }
            fn second(&self) {}
            pub(crate) fn third(&self) {}
        }
        impl Default for One { fn default() -> Self { todo!() } }
        impl Hidden for Private {}
        struct Private;
        pub(crate) trait Hidden {}
        #[cfg(test)]
        pub struct ForTests;";
    let expected = "make!(Kept, 3);

#[derive(Debug)]
pub struct One {
    pub part: u8,
    _: _,
}
impl One {
    pub fn first(&self) -> u8 {}
}
impl Default for One {}

pub use a::Kept;

";
    assert_eq!(listed(text), expected);
}
