//! Lists the public items of a library.

use std::collections::{BTreeMap, BTreeSet};

use syn::{Item, ItemImpl, Type};

use crate::cfg::is_production;
use crate::error::StructureError;
use crate::items::{attributes, is_public, name_and_kind};
use crate::module::{Contents, Crate};
use crate::signature::signature;
use crate::tokens::paths_in;
use crate::tree::SourceTree;
use crate::use_tree::add_imports;

/// Returns the public items of a crate as Rust, in order of their names, each type with its
/// implementations. They have neither bodies nor comments.
///
/// Every `pub` counts, since the compiler rejects those that others cannot reach
/// (`unreachable_pub`). Items that a macro defines are listed as the call of the macro.
pub fn public_api(tree: &SourceTree, of: &Crate) -> Result<String, StructureError> {
    let mut items = Vec::new();
    for file in of.files() {
        let is_root = file.ends_with("/src/lib.rs");
        let of_file = flattened(tree.parse(file)?.items).into_iter();
        items.extend(of_file.filter(|item| is_root || !matches!(item, Item::Use(_))));
    }
    let exported = exported(&items);
    let mut found: BTreeMap<String, Vec<Item>> = BTreeMap::new();
    for item in &items {
        if let Some(name) = public_name(item, &exported) {
            found.entry(name).or_default().push(item.clone());
        }
    }
    for item in items {
        let Item::Impl(implementation) = &item else { continue };
        // Without a public type or trait, nobody can use an implementation.
        let name = names(implementation).find(|name| found.contains_key(name));
        if let Some(of_name) = name.and_then(|name| found.get_mut(&name)) {
            of_name.push(item);
        }
    }
    Ok(found.into_values().map(written).collect())
}

/// Returns the names that the root of a crate exports.
fn exported(items: &[Item]) -> BTreeSet<String> {
    let mut contents = Contents::default();
    for item in items.iter().filter(|item| is_public(item)) {
        if let Item::Use(item) = item {
            add_imports(&mut contents, item, false);
        }
    }
    contents.imports.into_iter().map(|import| import.name).collect()
}

/// Returns the production code among items, and that of inline modules.
pub(crate) fn flattened(items: Vec<Item>) -> Vec<Item> {
    let items = items.into_iter().filter(|item| is_production(attributes(item)));
    let parts = items.flat_map(|mut item| match &mut item {
        Item::Mod(module) => match module.content.take() {
            Some((_, items)) => flattened(items),
            None => vec![item],
        },
        _ => vec![item],
    });
    parts.collect()
}

/// Returns the name under which an item is listed, if others can use it.
fn public_name(item: &Item, exported: &BTreeSet<String>) -> Option<String> {
    match item {
        Item::Macro(call) if call.ident.is_none() => {
            let mentioned = paths_in(call.mac.tokens.clone()).concat();
            mentioned.into_iter().find(|name| exported.contains(name))
        }
        Item::Macro(_) => {
            let exported = attributes(item).iter().any(|one| one.path().is_ident("macro_export"));
            name_and_kind(item).filter(|_| exported).map(|(name, _)| name)
        }
        Item::Mod(module) if is_public(item) => Some(format!("mod {}", module.ident)),
        Item::Use(_) if is_public(item) => Some("use".to_owned()),
        _ => name_and_kind(item).filter(|_| is_public(item)).map(|(name, _)| name),
    }
}

/// Returns the names of the type and the trait of an implementation.
fn names(item: &ItemImpl) -> impl Iterator<Item = String> {
    let self_type = if let Type::Path(path) = &*item.self_ty { Some(&path.path) } else { None };
    let paths = self_type.into_iter().chain(item.trait_.as_ref().map(|(path, _)| path));
    paths.filter_map(|path| path.segments.last()).map(|part| part.ident.to_string())
}

fn written(items: Vec<Item>) -> String {
    let items = items.into_iter().filter_map(signature).collect();
    let file = syn::File { shebang: None, frontmatter: None, attrs: Vec::new(), items };
    prettyplease::unparse(&file) + "\n"
}
