//! What the system is told of this process.

use rustix::fs::Mode;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit, umask};
use tracing::{info, warn};

/// Others get no rights on files and folders that are made from now on.
pub(crate) fn keep_files_private() {
    umask(Mode::RWXG | Mode::RWXO);
}

/// Lets the process open as many files, and so connections, as the system allows it: the usual soft
/// limit of 1,024 is there for programs that use `select`.
pub(crate) fn allow_many_connections() {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current == maximum {
        return;
    }
    match setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }) {
        Ok(()) => info!(from = current, to = maximum, "more files may be open at once"),
        Err(error) => warn!(%error, "the number of files that may be open cannot be raised"),
    }
}
