//! The graph of the names that the files of a crate take from each other.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::module::{Crate, Import, Kind, Module, ModuleId, Names};
use crate::resolve::{Resolver, Target};

/// The names that a file takes from another one, which defines them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// The file that takes the names.
    pub by: String,
    /// The file that defines the names.
    pub from: String,
    /// The names, as they are defined.
    pub names: BTreeSet<String>,
}

impl fmt::Display for Taken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.names.iter().map(String::as_str).collect();
        write!(f, "{} takes {} from {}", self.by, names.join(", "), self.from)
    }
}

/// The files of a crate, with the names that each takes from the others.
///
/// A file takes the names that its items mention or that it imports for its own use. The names
/// count for the file that defines them, regardless of re-exports in between. Declaring a module
/// takes nothing. Re-exporting a name that the file does not use takes nothing either.
#[derive(Debug, Clone)]
pub struct FileGraph {
    files: BTreeSet<String>,
    taken: BTreeMap<(String, String), BTreeSet<String>>,
}

impl FileGraph {
    /// Builds the graph of a crate.
    pub fn of(krate: &Crate) -> Self {
        let files = krate.files().into_iter().map(str::to_owned).collect();
        let mut builder = Builder {
            krate,
            resolver: Resolver::new(krate),
            parents: krate.files_with_submodules(),
            graph: Self { files, taken: BTreeMap::new() },
        };
        for (id, module) in krate.modules.iter().enumerate() {
            builder.add_mentions(id, module);
            builder.add_imports(id, module);
            builder.add_globs(id, module);
        }
        builder.graph
    }

    /// Returns the paths of all files, in order.
    pub fn files(&self) -> &BTreeSet<String> {
        &self.files
    }

    /// Returns the taken names, ordered by the taking file and then by the defining file.
    pub fn taken(&self) -> impl Iterator<Item = Taken> {
        self.taken.iter().map(|((by, from), names)| Taken {
            by: by.clone(),
            from: from.clone(),
            names: names.clone(),
        })
    }
}

struct Builder<'a> {
    krate: &'a Crate,
    resolver: Resolver<'a>,
    /// Files that declare modules with their own files.
    parents: BTreeSet<&'a str>,
    graph: FileGraph,
}

impl<'a> Builder<'a> {
    fn add_mentions(&mut self, id: ModuleId, module: &'a Module) {
        for path in &module.contents.mentions {
            if !self.is_variable(id, module, path) {
                let targets = self.resolver.resolve(id, path);
                self.add(module, targets);
            }
        }
    }

    /// Checks whether a name can only come from a glob and is also the name of a variable.
    fn is_variable(&self, id: ModuleId, module: &Module, path: &Names) -> bool {
        let [name] = path.as_slice() else { return false };
        module.contents.variables.contains(name) && !self.resolver.declares(id, name)
    }

    fn add_imports(&mut self, id: ModuleId, module: &'a Module) {
        for import in &module.contents.imports {
            let mut targets = self.resolver.resolve(id, &import.path);
            if !self.is_for_itself(module, import) {
                targets.retain(|target| !import.is_shared && is_trait(target));
            }
            self.add(module, targets);
        }
    }

    /// Checks whether a file imports a name for its own items. In a file that declares modules, the
    /// import may be for those modules instead. There only mentioned names count, and traits, since
    /// their methods are called without a mention.
    fn is_for_itself(&self, module: &Module, import: &Import) -> bool {
        import.is_local || !import.is_shared && !self.parents.contains(module.file.as_str())
    }

    /// Adds types whose variants are imported with a glob.
    fn add_globs(&mut self, id: ModuleId, module: &'a Module) {
        for path in &module.contents.globs {
            let targets = self.resolver.resolve(id, path);
            self.add(module, targets);
        }
    }

    fn add(&mut self, module: &Module, targets: Vec<Target>) {
        for target in targets {
            let Target::Item(definer, name, _) = target else { continue };
            let definer = &self.krate.modules[definer].file;
            if *definer != module.file {
                let edge = (module.file.clone(), definer.clone());
                self.graph.taken.entry(edge).or_default().insert(name);
            }
        }
    }
}

fn is_trait(target: &Target) -> bool {
    matches!(target, Target::Item(_, _, Kind::Trait))
}
