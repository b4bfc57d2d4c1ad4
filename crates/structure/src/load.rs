//! Finds the crates of a source tree, and follows the modules that they declare.

use std::collections::{BTreeMap, BTreeSet};

use syn::{Expr, ExprLit, Item, ItemMod, Lit, Meta};

use crate::collect::collect;
use crate::error::StructureError;
use crate::module::{Crate, Module, ModuleId};
use crate::tree::{SourceTree, is_rust};

/// Returns the crates of a source tree: every folder with a `src/lib.rs`, a `src/main.rs` or
/// programs in `src/bin`. Fails if a module has no file or a file is not valid Rust.
pub fn crates(tree: &SourceTree) -> Result<Vec<Crate>, StructureError> {
    let mut roots: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for path in tree.paths() {
        if let Some(directory) = directory_of_root(path) {
            roots.entry(directory).or_default().push(path);
        }
    }
    roots.into_iter().map(|(directory, files)| load(tree, directory, &files)).collect()
}

/// Returns the folder of the crate of which a file is a root, if it is one.
fn directory_of_root(path: &str) -> Option<&str> {
    let (directory, file) = path.rsplit_once("/src/")?;
    let is_root = matches!(file, "lib.rs" | "main.rs")
        || file.strip_prefix("bin/").is_some_and(|file| !file.contains('/') && is_rust(file));
    is_root.then_some(directory)
}

fn load(tree: &SourceTree, directory: &str, roots: &[&str]) -> Result<Crate, StructureError> {
    let name = tree.text(&format!("{directory}/Cargo.toml")).and_then(name_in_manifest);
    let mut loader = Loader { tree, modules: Vec::new() };
    let mut library = None;
    for root in roots {
        let place = Place { file: (*root).to_owned(), children: folder(root).to_owned() };
        let id = loader.add_file(&place, None)?;
        if root.ends_with("/lib.rs") {
            library = Some(id);
        }
    }
    Ok(Crate { directory: directory.to_owned(), name, modules: loader.modules, library })
}

/// Returns the first name in a manifest, which is that of the package, as it is written in paths.
fn name_in_manifest(manifest: &str) -> Option<String> {
    let line = manifest.lines().find_map(|line| line.strip_prefix("name = \""))?;
    Some(line.trim_end_matches('"').replace('-', "_"))
}

struct Loader<'a> {
    tree: &'a SourceTree,
    modules: Vec<Module>,
}

/// The location of a module's file.
struct Place {
    file: String,
    /// The folder with the files of the modules that it declares.
    children: String,
}

impl Loader<'_> {
    fn add_file(
        &mut self,
        place: &Place,
        parent: Option<ModuleId>,
    ) -> Result<ModuleId, StructureError> {
        let file = self.tree.parse(&place.file)?;
        self.add(place, parent, &file.items)
    }

    fn add(
        &mut self,
        place: &Place,
        parent: Option<ModuleId>,
        items: &[Item],
    ) -> Result<ModuleId, StructureError> {
        let (contents, submodules) = collect(items);
        let id = self.modules.len();
        let file = place.file.clone();
        self.modules.push(Module { file, parent, children: BTreeMap::new(), contents });
        for submodule in submodules {
            let child = self.add_submodule(place, id, submodule)?;
            self.modules[id].children.insert(submodule.ident.to_string(), child);
        }
        Ok(id)
    }

    fn add_submodule(
        &mut self,
        place: &Place,
        parent: ModuleId,
        submodule: &ItemMod,
    ) -> Result<ModuleId, StructureError> {
        let children = format!("{}/{}", place.children, submodule.ident);
        if let Some((_, items)) = &submodule.content {
            let inside = Place { file: place.file.clone(), children };
            return self.add(&inside, Some(parent), items);
        }
        let place = match path_attribute(submodule) {
            Some(path) => self.given_place(place, parent, &path),
            None => self.usual_place(children),
        };
        let Some(place) = place.filter(|place| self.tree.text(&place.file).is_some()) else {
            let file = self.modules[parent].file.clone();
            return Err(StructureError::NoModule { file, module: submodule.ident.to_string() });
        };
        self.add_file(&place, Some(parent))
    }

    fn usual_place(&self, children: String) -> Option<Place> {
        let candidates = [format!("{children}.rs"), format!("{children}/mod.rs")];
        let file = candidates.into_iter().find(|file| self.tree.text(file).is_some())?;
        Some(Place { file, children })
    }

    /// Resolves the path of a `#[path]` attribute. Within `mod name { }` it is relative to the
    /// folder of the module's own files, otherwise to the folder of the file.
    fn given_place(&self, place: &Place, parent: ModuleId, path: &str) -> Option<Place> {
        let is_whole_file = self.modules[parent]
            .parent
            .is_none_or(|grandparent| self.modules[grandparent].file != place.file);
        let base = if is_whole_file { folder(&place.file) } else { &place.children };
        let file = without_dots(&format!("{base}/{path}"))?;
        let children = folder(&file).to_owned();
        Some(Place { file, children })
    }
}

fn path_attribute(submodule: &ItemMod) -> Option<String> {
    let attribute = submodule.attrs.iter().find(|attribute| attribute.path().is_ident("path"))?;
    let Meta::NameValue(given) = &attribute.meta else { return None };
    match &given.value {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value()),
        _ => None,
    }
}

/// Returns the folder of a file.
fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// Returns the path without `.` and `..`, if it stays within the tree.
fn without_dots(path: &str) -> Option<String> {
    let mut parts = Vec::new();
    for part in path.split('/') {
        match part {
            "." => {}
            ".." => {
                parts.pop()?;
            }
            _ => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

impl Crate {
    /// Returns the files of the crate that declare a module with its own file.
    pub(crate) fn files_with_submodules(&self) -> BTreeSet<&str> {
        let parents = self.modules.iter().filter_map(|module| {
            let parent = &self.modules[module.parent?];
            (parent.file != module.file).then_some(parent.file.as_str())
        });
        parents.collect()
    }
}
