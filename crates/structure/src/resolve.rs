//! Finds out what a path leads to.

use std::collections::BTreeSet;

use crate::module::{Crate, Kind, ModuleId};

/// What a path leads to within its crate.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Target {
    Module(ModuleId),
    /// An item of this name, which the module defines.
    Item(ModuleId, String, Kind),
}

/// Looks names up in a crate.
pub(crate) struct Resolver<'a> {
    krate: &'a Crate,
    /// What is being followed, lest two globs of each other be followed for ever.
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

    /// Returns what a path leads to that stands in a module: nothing if that is in another crate.
    /// There may be several, such as a type and a function of one name.
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

    /// Returns whether a module says itself what a name stands for, by an item or a `use` of the
    /// name.
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

    /// Returns the library of the crate if it is called so, as its programs call it.
    fn own_library(&self, name: &str) -> Vec<Target> {
        let library = self.krate.library.filter(|_| self.krate.name.as_deref() == Some(name));
        library.map(Target::Module).into_iter().collect()
    }

    /// Returns what `module::name` is. What is not to be seen there has been made by a macro.
    fn member(&mut self, module: ModuleId, name: &'a str) -> Vec<Target> {
        let found = self.look_up(module, name, false);
        let is_made = found.is_empty()
            && self.krate.modules[module].contents.has_made_items
            && !self.declares(module, name);
        if is_made { vec![Target::Item(module, name.to_owned(), Kind::Made)] } else { found }
    }

    /// Returns what a name stands for in a module. From within, what is imported in a function is
    /// seen, too.
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
            // The names of an enum's variants; the `use` itself says that the enum is taken.
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
