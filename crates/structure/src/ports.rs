//! The rule that a file which implements a port exports nothing else.

use std::collections::BTreeSet;
use std::fmt;

use syn::{Item, ItemImpl, Path, Type, UseTree, Visibility};

use crate::cfg::is_production;
use crate::error::StructureError;
use crate::items::{attributes, name_and_kind, visibility};
use crate::module::Crate;
use crate::tree::SourceTree;

/// A file that implements a port and exports something else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortExports {
    /// Path of the file.
    pub file: String,
    /// Implementations in the file, such as `CaseQueries for SqliteStore`.
    pub implemented: BTreeSet<String>,
    /// Names of the other items that are visible outside the file.
    pub exported: BTreeSet<String>,
}

impl fmt::Display for PortExports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |names: &BTreeSet<String>| Vec::from_iter(names.clone()).join(", ");
        let (implemented, exported) = (list(&self.implemented), list(&self.exported));
        write!(f, "{} implements {implemented} and exports {exported}", self.file)
    }
}

/// Returns the files of adapters that implement a port and export something else. A port is a
/// public trait of a crate in `crates/ports`. The implementing type may be exported.
///
/// Modules and re-exports from other files do not count. They describe the layout of a crate, and
/// using them does not require reading the implementation. Fails if a file is not valid Rust.
pub fn port_exports(
    tree: &SourceTree,
    crates: &[Crate],
) -> Result<Vec<PortExports>, StructureError> {
    let ports = port_names(tree, crates)?;
    let mut found = Vec::new();
    for file in files_below(crates, "crates/adapters/") {
        let parsed = tree.parse(file)?;
        let Some(exports) = exports_beside_ports(file, &parsed.items, &ports) else { continue };
        found.push(exports);
    }
    Ok(found)
}

/// Returns the names of all ports.
pub(crate) fn port_names(
    tree: &SourceTree,
    crates: &[Crate],
) -> Result<BTreeSet<String>, StructureError> {
    let mut ports = BTreeSet::new();
    for file in files_below(crates, "crates/ports/") {
        add_public_traits(&mut ports, &tree.parse(file)?.items);
    }
    Ok(ports)
}

fn files_below<'a>(crates: &'a [Crate], folder: &'a str) -> impl Iterator<Item = &'a str> {
    let crates = crates.iter().filter(move |krate| krate.directory().starts_with(folder));
    crates.flat_map(Crate::files)
}

fn add_public_traits(ports: &mut BTreeSet<String>, items: &[Item]) {
    for item in production(items) {
        match item {
            Item::Trait(port) if matches!(port.vis, Visibility::Public(_)) => {
                ports.insert(port.ident.to_string());
            }
            Item::Mod(module) => {
                add_public_traits(ports, module.content.as_ref().map_or(&[], |(_, items)| items));
            }
            _ => {}
        }
    }
}

fn production(items: &[Item]) -> impl Iterator<Item = &Item> {
    items.iter().filter(|item| is_production(attributes(item)))
}

fn exports_beside_ports(
    file: &str,
    items: &[Item],
    ports: &BTreeSet<String>,
) -> Option<PortExports> {
    let pairs: Vec<_> = production(items).filter_map(|item| implemented(item, ports)).collect();
    let implementers: BTreeSet<_> = pairs.iter().map(|(_, implementer)| implementer).collect();
    let mut exported = BTreeSet::new();
    add_exported(&mut exported, items);
    exported.retain(|name| !implementers.contains(name));
    (!pairs.is_empty() && !exported.is_empty()).then(|| PortExports {
        file: file.to_owned(),
        implemented: pairs.iter().map(|(port, it)| format!("{port} for {it}")).collect(),
        exported,
    })
}

/// Returns the port that an item implements, with the implementing type.
pub(crate) fn implemented(item: &Item, ports: &BTreeSet<String>) -> Option<(String, String)> {
    let Item::Impl(ItemImpl { trait_: Some((path, _)), self_ty, .. }) = item else { return None };
    let port = last_name(path).filter(|name| ports.contains(name))?;
    Some((port, type_name(self_ty)?))
}

/// Returns the name of a type without its path.
pub(crate) fn type_name(implementer: &Type) -> Option<String> {
    match implementer {
        Type::Path(path) => last_name(&path.path),
        Type::Reference(reference) => type_name(&reference.elem),
        _ => None,
    }
}

fn last_name(path: &Path) -> Option<String> {
    path.segments.last().map(|part| part.ident.to_string())
}

fn add_exported(exported: &mut BTreeSet<String>, items: &[Item]) {
    let macros: BTreeSet<_> = production(items).filter_map(macro_name).collect();
    for item in production(items) {
        match item {
            Item::Mod(module) if is_visible(&module.vis) => {
                add_exported(exported, module.content.as_ref().map_or(&[], |(_, items)| items));
            }
            Item::Use(item) if is_visible(&item.vis) => {
                exported.extend(lone_names(&item.tree).filter(|name| macros.contains(name)));
            }
            _ if visibility(item).is_some_and(is_visible) => {
                exported.extend(name_and_kind(item).map(|(name, _)| name));
            }
            _ => {}
        }
    }
}

fn macro_name(item: &Item) -> Option<String> {
    matches!(item, Item::Macro(_)).then(|| name_and_kind(item)).flatten().map(|(name, _)| name)
}

/// Returns the names in a `use` that have no path, which is how macros are exported.
fn lone_names(tree: &UseTree) -> Box<dyn Iterator<Item = String> + '_> {
    match tree {
        UseTree::Name(name) => Box::new(std::iter::once(name.ident.to_string())),
        UseTree::Rename(name) => Box::new(std::iter::once(name.ident.to_string())),
        UseTree::Group(group) => Box::new(group.items.iter().flat_map(lone_names)),
        _ => Box::new(std::iter::empty()),
    }
}

/// Checks whether an item is visible outside its module.
fn is_visible(visibility: &Visibility) -> bool {
    match visibility {
        Visibility::Public(_) => true,
        Visibility::Restricted(to) => !to.path.is_ident("self"),
        Visibility::Inherited => false,
    }
}
