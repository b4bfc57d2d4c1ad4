//! What a module of a crate consists of.

use std::collections::{BTreeMap, BTreeSet};

/// The names of a path, first to last. One that begins with `::` has an empty name in front.
pub(crate) type Names = Vec<String>;

/// Where a module is among those of its crate.
pub(crate) type ModuleId = usize;

/// The production code of a crate.
#[derive(Debug, Default)]
pub struct Crate {
    pub(crate) directory: String,
    /// Its name in paths, if its manifest is there.
    pub(crate) name: Option<String>,
    pub(crate) modules: Vec<Module>,
    /// The root module of the library, if the crate has one.
    pub(crate) library: Option<ModuleId>,
}

impl Crate {
    /// Returns the folder that it is in, such as `crates/http`.
    pub fn directory(&self) -> &str {
        &self.directory
    }

    /// Returns the paths of its files, in order.
    pub fn files(&self) -> BTreeSet<&str> {
        self.modules.iter().map(|module| module.file.as_str()).collect()
    }
}

/// A module: a file, or a part of one.
#[derive(Debug)]
pub(crate) struct Module {
    pub(crate) file: String,
    pub(crate) parent: Option<ModuleId>,
    pub(crate) children: BTreeMap<String, ModuleId>,
    pub(crate) contents: Contents,
}

/// What stands in a module itself.
#[derive(Debug, Default)]
pub(crate) struct Contents {
    /// Its items, each with what it is; a name may stand for a type and for a function.
    pub(crate) items: BTreeSet<(String, Kind)>,
    pub(crate) imports: Vec<Import>,
    /// The paths of what is imported with `*`.
    pub(crate) globs: Vec<Names>,
    /// The paths that its items mention, outside `use`.
    pub(crate) mentions: BTreeSet<Names>,
    /// The names of its variables.
    pub(crate) variables: BTreeSet<String>,
    /// Whether a macro is called where items are, which may make any item.
    pub(crate) has_made_items: bool,
}

impl Contents {
    /// Returns what the items of this name are.
    pub(crate) fn kinds<'a>(&'a self, name: &'a str) -> impl Iterator<Item = Kind> + 'a {
        self.items.iter().filter(move |(item, _)| item == name).map(|(_, kind)| *kind)
    }
}

/// What an item is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Trait,
    Type,
    /// A function, constant or static.
    Value,
    Macro,
    /// Whatever a macro made.
    Made,
}

impl Kind {
    /// Returns whether a path can go on behind its name.
    pub(crate) fn has_parts(self) -> bool {
        !matches!(self, Self::Value | Self::Macro)
    }
}

/// A name that a `use` brings.
#[derive(Debug)]
pub(crate) struct Import {
    pub(crate) path: Names,
    /// As it is called here; `_` if it gets no name.
    pub(crate) name: String,
    /// Whether it is `pub`, to whatever extent.
    pub(crate) is_shared: bool,
    /// Whether it stands within a function.
    pub(crate) is_local: bool,
}
