//! Tests of the limit on the users of a file.

use engage_structure::{FileGraph, widely_used};

use super::made_up;

/// Returns the reported number of users of a file in a crate with `users` files that use it and
/// `others` that do not.
fn reported(users: usize, others: usize) -> Option<usize> {
    let count = users + others;
    let modules: Vec<_> = (0..count).map(|number| format!("mod m{number};")).collect();
    let lib = format!("mod wide; {}", modules.concat());
    let paths: Vec<_> = (0..count).map(|number| format!("m{number}.rs")).collect();
    let mut files = vec![("lib.rs", lib.as_str()), ("wide.rs", "pub struct Wide;")];
    let text = |number| if number < users { "use crate::wide::Wide;" } else { "" };
    files.extend(paths.iter().enumerate().map(|(number, path)| (path.as_str(), text(number))));
    let found = widely_used(&FileGraph::of(&made_up(&files)));
    found.first().map(|wide| wide.users.len())
}

#[test]
fn more_than_a_quarter_of_a_crate_is_reported() {
    assert_eq!(reported(10, 27), Some(10));
}

#[test]
fn a_quarter_of_a_crate_is_not_reported() {
    assert_eq!(reported(10, 28), None);
}

#[test]
fn few_users_are_not_reported() {
    assert_eq!(reported(8, 4), None);
    assert_eq!(reported(9, 4), Some(9));
}

#[test]
fn a_small_crate_is_not_reported() {
    assert_eq!(reported(9, 0), None);
}
