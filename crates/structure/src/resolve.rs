//! Resolves paths to modules and items.

use std::collections::BTreeSet;

use crate::module::{Crate, Kind, ModuleId};

/// The target of a path within its crate.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Target {
    Module(ModuleId),
    /// An item with this name that the module defines.
    Item(ModuleId, String, Kind),
}

/// Resolves names within a crate.
pub(crate) struct Resolver<'a> {
    krate: &'a Crate,
    /// Steps in progress, so that two globs of each other do not recurse forever.
    followed: BTreeSet<Step<'a>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Step<'a> {
    Import(ModuleId, usize),
    Glob(ModuleId, usize, &'a str),
}

impl<'a> Resolver<'a> {
    pub(crate) fn new(krate: &'a Crate) -> Self {
        Self { krate, followed: BTreeSet::new() }
    }

    /// Resolves a path that is written in a module. Returns nothing if the target is in another
    /// crate. There can be several targets, such as a type and a function with the same name.
    pub(crate) fn resolve(&mut self, scope: ModuleId, path: &'a [String]) -> Vec<Target> {
        let Some((first, rest)) = path.split_first() else { return Vec::new() };
        let mut targets = self.first(scope, first);
        for name in rest {
            let before = std::mem::take(&mut targets);
            for target in before {
                targets.extend(self.next(target, name));
            }
        }
        targets
    }

    /// Checks whether a module itself defines a name, with an item or a `use` of that name.
    pub(crate) fn declares(&self, module: ModuleId, name: &str) -> bool {
        let found = &self.krate.modules[module];
        found.children.contains_key(name)
            || found.contents.kinds(name).next().is_some()
            || found.contents.imports.iter().any(|import| import.name == name)
    }

    fn first(&mut self, scope: ModuleId, name: &'a str) -> Vec<Target> {
        match name {
            "crate" => vec![Target::Module(self.root(scope))],
            "self" => vec![Target::Module(scope)],
            "super" => self.parent(scope),
            _ => {
                let found = self.look_up(scope, name, true);
                if found.is_empty() && !self.declares(scope, name) {
                    return self.own_library(name);
                }
                found
            }
        }
    }

    fn next(&mut self, target: Target, name: &'a str) -> Vec<Target> {
        match target {
            Target::Module(module) if name == "super" => self.parent(module),
            Target::Module(module) => self.member(module, name),
            // The rest of the path names a variant or an associated item.
            Target::Item(_, _, kind) if kind.has_parts() => vec![target],
            Target::Item(..) => Vec::new(),
        }
    }

    fn root(&self, module: ModuleId) -> ModuleId {
        self.krate.modules[module].parent.map_or(module, |parent| self.root(parent))
    }

    fn parent(&self, module: ModuleId) -> Vec<Target> {
        self.krate.modules[module].parent.map(Target::Module).into_iter().collect()
    }

    /// Returns the library of the crate if the name is that of the crate, as its programs use it.
    fn own_library(&self, name: &str) -> Vec<Target> {
        let library = self.krate.library.filter(|_| self.krate.name.as_deref() == Some(name));
        library.map(Target::Module).into_iter().collect()
    }

    /// Resolves `module::name`. A name that is not visible there was defined by a macro.
    fn member(&mut self, module: ModuleId, name: &'a str) -> Vec<Target> {
        let found = self.look_up(module, name, false);
        let is_made = found.is_empty()
            && self.krate.modules[module].contents.has_made_items
            && !self.declares(module, name);
        if is_made { vec![Target::Item(module, name.to_owned(), Kind::Made)] } else { found }
    }

    /// Resolves a name in a module. From within the module, imports inside functions count too.
    fn look_up(&mut self, module: ModuleId, name: &'a str, from_within: bool) -> Vec<Target> {
        if !self.declares(module, name) {
            return self.by_glob(module, name);
        }
        let krate = self.krate;
        let found = &krate.modules[module];
        let mut targets: Vec<_> =
            found.children.get(name).copied().map(Target::Module).into_iter().collect();
        let item = |kind| Target::Item(module, name.to_owned(), kind);
        targets.extend(found.contents.kinds(name).map(item));
        for (at, import) in found.contents.imports.iter().enumerate() {
            if import.name == name && (from_within || !import.is_local) {
                targets.extend(self.follow(Step::Import(module, at), |resolver| {
                    resolver.resolve(module, &import.path)
                }));
            }
        }
        targets
    }

    fn by_glob(&mut self, module: ModuleId, name: &'a str) -> Vec<Target> {
        let krate = self.krate;
        let mut targets = Vec::new();
        for (at, path) in krate.modules[module].contents.globs.iter().enumerate() {
            targets.extend(self.follow(Step::Glob(module, at, name), |resolver| {
                let sources = resolver.resolve(module, path);
                sources.iter().flat_map(|source| resolver.in_source(source, name)).collect()
            }));
        }
        targets
    }

    fn in_source(&mut self, source: &Target, name: &'a str) -> Vec<Target> {
        match source {
            Target::Module(module) => self.look_up(*module, name, false),
            // The variants of an enum. The `use` itself records that the enum is taken.
            Target::Item(..) => Vec::new(),
        }
    }

    fn follow(
        &mut self,
        step: Step<'a>,
        resolve: impl FnOnce(&mut Self) -> Vec<Target>,
    ) -> Vec<Target> {
        if !self.followed.insert(step) {
            return Vec::new();
        }
        let targets = resolve(self);
        self.followed.remove(&step);
        targets
    }
}
