//! Checks of the rules on the source files of the workspace.
//!
//! [`SourceTree`] holds the texts, [`crates`] finds the crates in it with the modules of their
//! production code, and [`FileGraph`] lists the names that the files of a crate take from each
//! other. The rules are [`circles`], [`widely_used`], [`port_exports`], [`example_faults`] and
//! [`misplaced_tests`]. [`public_api`] lists what other programs can use of a crate.
//! `tests/structure` applies all of them to the workspace.
//!
//! Names are resolved as far as possible without compiling. Paths are followed, but method calls
//! and the output of macros are not.
#![warn(missing_docs)]

mod cfg;
mod circles;
mod collect;
mod error;
mod examples;
mod graph;
mod items;
mod load;
mod module;
mod ports;
mod public_api;
mod resolve;
mod signature;
mod test_location;
mod tokens;
mod tree;
mod use_tree;
mod widely_used;

pub use circles::{Circle, circles};
pub use error::StructureError;
pub use examples::{Entries, ExampleFault, Reason, example_faults};
pub use graph::{FileGraph, Taken};
pub use load::crates;
pub use module::Crate;
pub use ports::{PortExports, port_exports};
pub use public_api::public_api;
pub use test_location::{MisplacedTests, misplaced_tests};
pub use tree::SourceTree;
pub use widely_used::{WidelyUsed, widely_used};
