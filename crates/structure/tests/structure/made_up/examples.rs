//! Tests of the rule on examples.

use engage_structure::{Entries, SourceTree, crates, example_faults};

/// Returns the faults in crates with these texts.
fn faults(files: &[(&str, &str)], entries: &[Entries<'_>]) -> Vec<String> {
    let tree = SourceTree::of(files);
    let found = example_faults(&tree, &crates(&tree).unwrap(), entries).unwrap();
    found.iter().map(ToString::to_string).collect()
}

/// Returns the fault of the entry `One`, if its documentation has one.
fn of_one(documentation: &str) -> Option<String> {
    let text = format!("{documentation}\npub struct One;");
    let found = faults(&[("crates/made/src/lib.rs", text.as_str())], &[("crates/made", &["One"])]);
    found.into_iter().next().map(|fault| fault.replace("crates/made/src/lib.rs: One ", ""))
}

/// Documents an item with a block of these attributes and lines.
fn block(attributes: &str, lines: &[&str]) -> String {
    let lines: String = lines.iter().flat_map(|line| ["/// ", line, "\n"]).collect();
    format!("/// Text.\n///\n/// ```{attributes}\n{lines}/// ```")
}

#[test]
fn ports_their_implementations_and_use_cases_need_an_example() {
    let port = "pub trait Port {} trait Private {}";
    let store = "pub struct Store; struct Hidden; pub struct Other;
        impl Port for Store {} impl Port for Hidden {} impl Clone for Other {}";
    let application = "pub struct UseCase; pub struct Request; pub struct Inner;
        impl UseCase { pub async fn execute(&self) {} }
        impl Request { pub fn new() {} }
        impl Inner { pub(crate) async fn execute(&self) {} }";
    let files = [
        ("crates/ports/made/src/lib.rs", port),
        ("crates/adapters/made/src/lib.rs", store),
        ("crates/application/src/lib.rs", application),
    ];
    let expected = [
        "crates/adapters/made/src/lib.rs: Store has no example that runs",
        "crates/application/src/lib.rs: UseCase has no example that runs",
        "crates/ports/made/src/lib.rs: Port has no example that runs",
    ];
    assert_eq!(faults(&files, &[]), expected);
}

#[test]
fn an_example_is_a_block_that_rustdoc_compiles() {
    let lines = ["assert!(true);"];
    for attributes in ["", "rust", "no_run", "should_panic"] {
        assert_eq!(of_one(&block(attributes, &lines)), None, "{attributes}");
    }
    for attributes in ["ignore", "text", "rust,ignore", "compile_fail,E0308", "sh"] {
        let fault = of_one(&block(attributes, &lines));
        assert_eq!(fault.as_deref(), Some("has no example that runs"), "{attributes}");
    }
    assert!(of_one("/// Text.").is_some());
}

#[test]
fn an_example_is_short_and_asserts_something() {
    let shown = vec!["let x = 1;"; 14];
    let lines = |further: &[&'static str]| [&shown[..], further].concat();
    assert_eq!(of_one(&block("", &lines(&["assert!(true);", "", "# hidden", "#"]))), None);
    let long = of_one(&block("", &lines(&["assert!(true);", "#[cfg(x)]"])));
    assert_eq!(long.as_deref(), Some("has an example of 16 lines, more than 15"));
    let lenient = of_one(&block("", &shown));
    assert_eq!(lenient.as_deref(), Some("has an example without an assertion"));
}

#[test]
fn an_entry_must_be_a_public_item() {
    let files =
        [("crates/made/src/lib.rs", "struct One; #[macro_export] macro_rules! two { () => {} }")];
    let found = faults(&files, &[("crates/made", &["One", "two"])]);
    let expected = [
        "crates/made has no public item One",
        "crates/made/src/lib.rs: two has no example that runs",
    ];
    assert_eq!(found, expected);
}
