//! The user of this process, who connects if a URL names no user.

use std::fs;

use rustix::process::geteuid;

/// Returns the name of the user by `/etc/passwd`, or by the variable `USER`, which systemd sets.
/// tokio-postgres would ask the C library, which loads modules for that.
pub(super) fn of_process() -> Option<String> {
    let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
    name_of(&users, geteuid().as_raw()).or_else(|| std::env::var("USER").ok())
}

fn name_of(users: &str, id: u32) -> Option<String> {
    users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let (name, found) = (fields.next()?, fields.nth(1)?);
        (found.parse() == Ok(id)).then(|| name.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_belongs_to_the_id() {
        let users = "root:x:0:0:root:/root:/bin/sh\n\nbroken\nengage:x:101:0::/:/bin/false\n";
        assert_eq!(name_of(users, 0).as_deref(), Some("root"));
        assert_eq!(name_of(users, 101).as_deref(), Some("engage"));
        assert_eq!(name_of(users, 1), None);
    }
}
