//! The service manager that may have started the program, such as systemd.

mod notify_socket;
mod passed_sockets;
mod supervisor;

use std::io;

pub(crate) use passed_sockets::PassedSockets;
pub(crate) use supervisor::Supervisor;

/// What the service manager has told the program in its environment.
pub(crate) struct ServiceManager {
    /// Sockets that it has opened for the program. An error if they are not as described.
    pub(crate) sockets: io::Result<PassedSockets>,
    /// Receiver of the program's state.
    pub(crate) supervisor: Supervisor,
}

impl ServiceManager {
    /// Reads the environment, and removes what is meant for this process alone, so that processes
    /// that it starts do not take it for theirs.
    ///
    /// Must be called before there are other threads, which might read the environment meanwhile.
    pub(crate) fn take() -> Self {
        Self { sockets: PassedSockets::take(), supervisor: Supervisor::take() }
    }

    /// Returns what a program without a service manager has.
    pub(crate) fn none() -> Self {
        Self { sockets: Ok(PassedSockets::none()), supervisor: Supervisor::default() }
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    const VARIABLES: [&str; 6] = [
        "LISTEN_FDNAMES",
        "LISTEN_FDS",
        "LISTEN_PID",
        "NOTIFY_SOCKET",
        "WATCHDOG_PID",
        "WATCHDOG_USEC",
    ];

    fn remaining() -> Vec<&'static str> {
        VARIABLES.into_iter().filter(|name| std::env::var_os(name).is_some()).collect()
    }

    /// Has the test below run in a process of its own, which has no other tests.
    #[test]
    fn nothing_is_left_for_the_processes_that_the_program_starts() {
        for (process, socket) in [("1", "/nowhere/notify"), ("?", "@nobody"), ("1", "@nobody")] {
            let names = ["service_manager::tests::the_variables_are_removed", "--exact"];
            let mut child = Command::new(std::env::current_exe().unwrap());
            child.args(names).arg("--ignored");
            for (name, value) in
                VARIABLES.into_iter().zip(["a:b", "2", process, socket, process, "200000"])
            {
                child.env(name, value);
            }
            let output = child.output().unwrap();
            assert!(output.status.success(), "{output:?}");
            assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"), "{output:?}");
        }
    }

    #[test]
    #[ignore = "changes the environment; the test above runs it in a process of its own"]
    fn the_variables_are_removed() {
        if remaining().is_empty() {
            return;
        }
        assert_eq!(remaining(), VARIABLES);
        let _ = ServiceManager::take();
        assert_eq!(remaining(), [""; 0]);
    }
}
