//! The rules on the source files of the workspace, and the tests of what checks them.

#![allow(clippy::unwrap_used)]

mod documentation;
mod made_up;
mod workspace;
