//! What the rules on the source files of the workspace are checked with.
//!
//! [`SourceTree`] has the texts, [`crates`] finds the crates in it with the modules of their
//! production code, [`FileGraph`] says which file of a crate takes which names from which other
//! one. The rules: [`circles`], [`widely_used`] and [`port_exports`]. They are applied to the
//! workspace by `tests/structure`.
//!
//! Names are resolved as far as can be without compiling: paths are, but neither what a method call
//! leads to nor what macros make of their input.
#![warn(missing_docs)]

mod cfg;
mod circles;
mod collect;
mod error;
mod graph;
mod items;
mod load;
mod module;
mod ports;
mod resolve;
mod tokens;
mod tree;
mod use_tree;
mod widely_used;

pub use circles::{Circle, circles};
pub use error::StructureError;
pub use graph::{FileGraph, Taken};
pub use load::crates;
pub use module::Crate;
pub use ports::{PortExports, port_exports};
pub use tree::SourceTree;
pub use widely_used::{WidelyUsed, widely_used};
