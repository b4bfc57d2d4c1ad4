//! Rebuilds the crate when a migration is added. The compiler only notices changes of files that it
//! has already embedded.

fn main() {
    for folder in ["postgres", "sqlite"] {
        println!("cargo::rerun-if-changed={folder}");
    }
}
