//! System settings of this process.

use rustix::fs::Mode;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit, umask};
use tracing::{info, warn};

/// Removes all permissions of other users from files and folders created from now on.
pub(crate) fn keep_files_private() {
    umask(Mode::RWXG | Mode::RWXO);
}

/// Raises the limit on open files, and thus connections, to the system's maximum. The usual soft
/// limit of 1,024 exists for programs that use `select`.
pub(crate) fn allow_many_connections() {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current == maximum {
        return;
    }
    match setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }) {
        Ok(()) => info!(from = current, to = maximum, "raised the limit on open files"),
        Err(error) => warn!(%error, "cannot raise the limit on open files"),
    }
}
