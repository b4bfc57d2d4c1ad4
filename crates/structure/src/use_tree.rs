//! Parses the tree of a `use`.

use syn::{ItemUse, UseTree, Visibility};

use crate::module::{Contents, Import, Names};

/// Adds the imports of a `use` to the contents of its module.
pub(crate) fn add_imports(contents: &mut Contents, item: &ItemUse, is_local: bool) {
    let is_shared = !matches!(item.vis, Visibility::Inherited);
    let start = if item.leading_colon.is_some() { vec![String::new()] } else { Vec::new() };
    let mut leaves = Leaves { contents, is_shared, is_local };
    leaves.add(&item.tree, &start);
}

struct Leaves<'a> {
    contents: &'a mut Contents,
    is_shared: bool,
    is_local: bool,
}

impl Leaves<'_> {
    fn add(&mut self, tree: &UseTree, before: &Names) {
        match tree {
            UseTree::Path(path) => self.add(&path.tree, &joined(before, &path.ident)),
            UseTree::Name(name) => self.add_name(before, &name.ident, None),
            UseTree::Rename(renamed) => {
                self.add_name(before, &renamed.ident, Some(renamed.rename.to_string()));
            }
            UseTree::Glob(_) => self.contents.globs.push(before.clone()),
            UseTree::Group(group) => group.items.iter().for_each(|part| self.add(part, before)),
        }
    }

    fn add_name(&mut self, before: &Names, ident: &syn::Ident, renamed: Option<String>) {
        let path = if ident == "self" { before.clone() } else { joined(before, ident) };
        let Some(name) = renamed.or_else(|| path.last().cloned()) else { return };
        let (is_shared, is_local) = (self.is_shared, self.is_local);
        self.contents.imports.push(Import { path, name, is_shared, is_local });
    }
}

fn joined(before: &Names, ident: &syn::Ident) -> Names {
    let mut names = before.clone();
    names.push(ident.to_string());
    names
}
