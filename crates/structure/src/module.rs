//! The contents of a module.

use std::collections::{BTreeMap, BTreeSet};

/// The names of a path, first to last. A path that begins with `::` has an empty first name.
pub(crate) type Names = Vec<String>;

/// The index of a module within its crate.
pub(crate) type ModuleId = usize;

/// The production code of a crate.
#[derive(Debug, Default)]
pub struct Crate {
    pub(crate) directory: String,
    /// The name of the crate in paths, if it has a manifest.
    pub(crate) name: Option<String>,
    pub(crate) modules: Vec<Module>,
    /// The root module of the library, if the crate has one.
    pub(crate) library: Option<ModuleId>,
}

impl Crate {
    /// Returns the folder of the crate, such as `crates/http`.
    pub fn directory(&self) -> &str {
        &self.directory
    }

    /// Returns the name of the crate as it is written in paths, if it has a manifest.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Returns the paths of the files of the crate, in order.
    pub fn files(&self) -> BTreeSet<&str> {
        self.modules.iter().map(|module| module.file.as_str()).collect()
    }
}

/// A module, which is a whole file or a part of one.
#[derive(Debug)]
pub(crate) struct Module {
    pub(crate) file: String,
    pub(crate) parent: Option<ModuleId>,
    pub(crate) children: BTreeMap<String, ModuleId>,
    pub(crate) contents: Contents,
}

/// The contents of a module, without those of its submodules.
#[derive(Debug, Default)]
pub(crate) struct Contents {
    /// Items with their kinds. A name can be that of a type and of a function.
    pub(crate) items: BTreeSet<(String, Kind)>,
    pub(crate) imports: Vec<Import>,
    /// Paths of glob imports.
    pub(crate) globs: Vec<Names>,
    /// Paths that the items mention, outside `use`.
    pub(crate) mentions: BTreeSet<Names>,
    /// Names of variables.
    pub(crate) variables: BTreeSet<String>,
    /// Set if a macro is called in item position, which may define any item.
    pub(crate) has_made_items: bool,
}

impl Contents {
    /// Returns the kinds of the items with this name.
    pub(crate) fn kinds<'a>(&'a self, name: &'a str) -> impl Iterator<Item = Kind> + 'a {
        self.items.iter().filter(move |(item, _)| item == name).map(|(_, kind)| *kind)
    }
}

/// The kind of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Trait,
    Type,
    /// A function, constant or static.
    Value,
    Macro,
    /// An item that a macro defined.
    Made,
}

impl Kind {
    /// Checks whether a path can continue after the name of such an item.
    pub(crate) fn has_parts(self) -> bool {
        !matches!(self, Self::Value | Self::Macro)
    }
}

/// A name that a `use` imports.
#[derive(Debug)]
pub(crate) struct Import {
    pub(crate) path: Names,
    /// The local name, `_` for an unnamed import.
    pub(crate) name: String,
    /// Set for any form of `pub use`.
    pub(crate) is_shared: bool,
    /// Set for a `use` within a function.
    pub(crate) is_local: bool,
}
