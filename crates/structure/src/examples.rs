//! The rule that the documentation of what a program begins with has an example.

use std::collections::BTreeSet;
use std::fmt;

use syn::{Attribute, Expr, ExprLit, ImplItem, Item, ItemImpl, Lit, Meta, Visibility};

use crate::cfg::is_production;
use crate::error::StructureError;
use crate::items::{attributes, attributes_in_impl, is_public, name_and_kind};
use crate::module::{Crate, Kind};
use crate::ports::{implemented, port_names, type_name};
use crate::public_api::flattened;
use crate::tree::SourceTree;

/// Maximum number of lines of an example that a reader sees, without blank ones.
const MOST_LINES: usize = 15;

/// Attributes of a block that rustdoc compiles and that ends without an error.
const OF_EXAMPLES: [&str; 4] = ["", "rust", "no_run", "should_panic"];

/// Items of a crate that need an example in addition to those that the rule finds by itself.
pub type Entries<'a> = (&'a str, &'a [&'a str]);

/// An item without a good example.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExampleFault {
    /// File of the item, or folder of the crate that has no such item.
    pub place: String,
    /// Name of the item.
    pub item: String,
    /// The fault.
    pub reason: Reason,
}

/// Reason why an item has no good example.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// No such item is public.
    Unknown,
    /// The documentation has no example, or rustdoc does not run it.
    Missing,
    /// An example shows this many lines.
    Long(usize),
    /// An example has no assertion, so it cannot fail.
    Unasserted,
}

impl fmt::Display for ExampleFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { place, item, reason } = self;
        match reason {
            Reason::Unknown => write!(f, "{place} has no public item {item}"),
            Reason::Missing => write!(f, "{place}: {item} has no example that runs"),
            Reason::Long(lines) => {
                write!(f, "{place}: {item} has an example of {lines} lines, more than {MOST_LINES}")
            }
            Reason::Unasserted => {
                write!(f, "{place}: {item} has an example without an assertion")
            }
        }
    }
}

/// Returns the items without a good example among the public traits in `crates/ports`, the public
/// types that implement one of them, the public structs of `crates/application` with an async method,
/// and the `entries`. Fails if a file is not valid Rust.
///
/// A good example is a block that rustdoc compiles, of at most 15 visible lines, with an assertion.
pub fn example_faults(
    tree: &SourceTree,
    crates: &[Crate],
    entries: &[Entries<'_>],
) -> Result<Vec<ExampleFault>, StructureError> {
    let ports = port_names(tree, crates)?;
    let mut found = Vec::new();
    for one in crates {
        let items = public_items(tree, one)?;
        let mut wanted = found_by_rule(one, &items, &ports);
        let listed = entries.iter().filter(|(directory, _)| *directory == one.directory());
        wanted.extend(listed.flat_map(|(_, names)| names.iter().map(ToString::to_string)));
        for name in wanted {
            found.extend(faults(one, &items, &name));
        }
    }
    Ok(found)
}

/// Returns the production code of a crate, each item with its file.
fn public_items<'a>(
    tree: &SourceTree,
    one: &'a Crate,
) -> Result<Vec<(&'a str, Item)>, StructureError> {
    let mut items = Vec::new();
    for file in one.files() {
        items.extend(flattened(tree.parse(file)?.items).into_iter().map(|item| (file, item)));
    }
    Ok(items)
}

/// Returns the names of the items that the rule finds by itself.
fn found_by_rule(
    one: &Crate,
    items: &[(&str, Item)],
    ports: &BTreeSet<String>,
) -> BTreeSet<String> {
    let mut wanted = BTreeSet::new();
    for (_, item) in items {
        let implementer = implemented(item, ports).map(|(_, implementer)| implementer);
        let is_application = one.directory() == "crates/application";
        let use_case = is_application.then(|| with_async_method(item)).flatten();
        wanted.extend(implementer.into_iter().chain(use_case));
    }
    let public: BTreeSet<_> = public_names(items, Kind::Type).collect();
    wanted.retain(|name| public.contains(name));
    if one.directory().starts_with("crates/ports/") {
        wanted.extend(public_names(items, Kind::Trait));
    }
    wanted
}

fn public_names(items: &[(&str, Item)], of: Kind) -> impl Iterator<Item = String> {
    let public = items.iter().filter(|(_, item)| is_public(item));
    let named = public.filter_map(|(_, item)| name_and_kind(item));
    named.filter(move |(_, kind)| *kind == of).map(|(name, _)| name)
}

/// Returns the type of an inherent implementation with a public async method.
fn with_async_method(item: &Item) -> Option<String> {
    let Item::Impl(ItemImpl { trait_: None, self_ty, items, .. }) = item else { return None };
    let is_async = |item: &ImplItem| {
        is_production(attributes_in_impl(item))
            && matches!(item, ImplItem::Fn(method)
                if method.sig.asyncness.is_some() && matches!(method.vis, Visibility::Public(_)))
    };
    items.iter().any(is_async).then(|| type_name(self_ty)).flatten()
}

fn faults(one: &Crate, items: &[(&str, Item)], name: &str) -> Vec<ExampleFault> {
    let is_named = |item: &Item| name_and_kind(item).is_some_and(|(found, _)| found == name);
    let is_exported =
        |item: &Item| attributes(item).iter().any(|one| one.path().is_ident("macro_export"));
    let mut of_name = items
        .iter()
        .filter(|(_, item)| is_named(item) && (is_public(item) || is_exported(item)))
        .peekable();
    let fault = |place: &str, reason| {
        let (place, item) = (place.to_owned(), name.to_owned());
        ExampleFault { place, item, reason }
    };
    if of_name.peek().is_none() {
        return vec![fault(one.directory(), Reason::Unknown)];
    }
    let reasons = of_name.filter_map(|(file, item)| Some((file, reason(attributes(item))?)));
    reasons.map(|(file, reason)| fault(file, reason)).collect()
}

/// Returns the first fault of the examples in a documentation.
fn reason(attributes: &[Attribute]) -> Option<Reason> {
    let documentation = documentation(attributes);
    let examples = examples(&documentation);
    if examples.is_empty() {
        return Some(Reason::Missing);
    }
    examples.iter().find_map(|example| {
        let visible = example.iter().filter(|line| is_visible(line)).count();
        let asserts = example.iter().any(|line| line.contains("assert"));
        if visible > MOST_LINES {
            Some(Reason::Long(visible))
        } else {
            (!asserts).then_some(Reason::Unasserted)
        }
    })
}

/// Checks whether a reader of the documentation sees a line that is not blank.
fn is_visible(line: &str) -> bool {
    let line = line.trim();
    !line.is_empty() && line != "#" && !line.starts_with("# ")
}

/// Returns the lines of each example in a documentation.
fn examples(documentation: &str) -> Vec<Vec<&str>> {
    let mut examples = Vec::new();
    let mut lines = documentation.lines();
    while let Some(line) = lines.next() {
        let Some(of_block) = line.trim().strip_prefix("```") else { continue };
        let is_example =
            of_block.split([',', ' ']).all(|attribute| OF_EXAMPLES.contains(&attribute));
        let block = lines.by_ref().take_while(|line| !line.trim().starts_with("```")).collect();
        if is_example {
            examples.push(block);
        }
    }
    examples
}

/// Returns the documentation that the attributes of an item contain.
fn documentation(attributes: &[Attribute]) -> String {
    let texts = attributes.iter().filter_map(|attribute| match &attribute.meta {
        Meta::NameValue(pair) if pair.path.is_ident("doc") => match &pair.value {
            Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value()),
            _ => None,
        },
        _ => None,
    });
    texts.collect::<Vec<_>>().join("\n")
}
