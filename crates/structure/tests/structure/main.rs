//! The rules on the source files of the workspace, and tests of the rules.

#![allow(clippy::unwrap_used)]

mod documentation;
mod examples;
mod made_up;
mod names;
mod packages;
mod public_api;
mod workspace;
