//! A folder in which engage runs, and the commands that run there.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, mpsc};

use tempfile::TempDir;

use super::wait::PATIENCE;

/// A folder with its settings. The program does not see the environment of the tests.
#[derive(Clone)]
pub(crate) struct Workspace {
    folder: Arc<TempDir>,
    settings: Arc<Mutex<Vec<(String, String)>>>,
    /// Shell commands to run before the program replaces the shell.
    before: Arc<Mutex<Option<String>>>,
}

/// The result of a command.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    /// Returns the standard output of a successful command.
    pub(crate) fn ok(self) -> String {
        assert_eq!(self.code, Some(0), "{self:?}");
        self.stdout
    }

    /// Returns the one-sentence error of a failed command.
    pub(crate) fn refusal(self) -> String {
        assert!(self.code.is_some_and(|code| code != 0), "{self:?}");
        assert_eq!(self.stdout, "", "{self:?}");
        let told: Vec<&str> = self.stderr.lines().filter(|l| l.starts_with("engage: ")).collect();
        assert_eq!(told.len(), 1, "{self:?}");
        assert!(!self.stderr.contains("panicked"), "{self:?}");
        told[0].to_owned()
    }
}

impl Workspace {
    pub(crate) fn new() -> Self {
        let workspace = Self {
            folder: Arc::new(tempfile::tempdir().expect("a folder")),
            settings: Arc::default(),
            before: Arc::default(),
        };
        workspace.set("ENGAGE_SERVER__BIND", "127.0.0.1:0");
        // The customers of the tests all share one domain, and there are many of them.
        workspace.set("ENGAGE_LIMITS__EMAILS_PER_DOMAIN", "100000");
        workspace.set("ENGAGE_LIMITS__EMAILS", "100000");
        workspace
    }

    pub(crate) fn with(settings: &[(&str, &str)]) -> Self {
        let workspace = Self::new();
        workspace.set_all(settings);
        workspace
    }

    /// Creates a folder whose program uses this database, with a secret shared by all servers on
    /// it.
    pub(crate) fn on_database(url: &str) -> Self {
        let secret = "the secret of all servers of the tests";
        Self::with(&[("ENGAGE_DATABASE__URL", url), ("ENGAGE_SERVER__SECRET", secret)])
    }

    /// Sets an environment variable for all further commands.
    pub(crate) fn set(&self, name: &str, value: &str) {
        self.settings.lock().unwrap().push((name.to_owned(), value.to_owned()));
    }

    pub(crate) fn set_all(&self, settings: &[(&str, &str)]) {
        for (name, value) in settings {
            self.set(name, value);
        }
    }

    /// Runs shell commands before each further command, for example to set limits.
    pub(crate) fn first(&self, before: &str) {
        *self.before.lock().unwrap() = Some(before.to_owned());
    }

    /// Returns the configured database.
    pub(crate) fn database_url(&self) -> String {
        let settings = self.settings.lock().unwrap();
        let url = settings.iter().rfind(|(name, _)| name == "ENGAGE_DATABASE__URL");
        url.expect("a workspace on a database").1.clone()
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn mail_folder(&self) -> PathBuf {
        self.folder().join("var/mail")
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let program = env!("CARGO_BIN_EXE_engage");
        let mut command = match &*self.before.lock().unwrap() {
            None => Command::new(program),
            Some(before) => {
                let mut shell = Command::new("/bin/sh");
                shell.arg("-c").arg(format!("{before}; exec \"$0\" \"$@\"")).arg(program);
                shell
            }
        };
        command
            .args(arguments)
            .current_dir(self.folder())
            .env_clear()
            .envs(self.settings.lock().unwrap().iter().cloned())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs a command to its end. Fails if that takes too long.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        let child = self.command(arguments).spawn().expect("the program starts");
        let pid = child.id().to_string();
        let (done, ended) = mpsc::channel();
        std::thread::spawn(move || done.send(child.wait_with_output()));
        let Ok(output) = ended.recv_timeout(PATIENCE) else {
            let killed = Command::new("kill").args(["-KILL", &pid]).status();
            panic!("engage {arguments:?} did not end within {PATIENCE:?} ({killed:?})");
        };
        let output = output.expect("the program runs");
        Ran {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).expect("UTF-8 on standard output"),
            stderr: String::from_utf8(output.stderr).expect("UTF-8 on standard error"),
        }
    }

    pub(crate) fn add_member(&self, id: &str, name: &str, email: &str, more: &[&str]) {
        let mut arguments = vec!["staff", "add", "--id", id, "--name", name, "--email", email];
        arguments.extend(more);
        if !more.contains(&"--role") {
            arguments.extend(["--role", "AGENT"]);
        }
        self.run(&arguments).ok();
    }

    /// Adds the seed's members of staff: Jane Smith, `staff-123`, and Sam Jones, `staff-456`.
    pub(crate) fn add_staff(&self) {
        self.add_member(
            "staff-123",
            "Jane Smith",
            "jane@staff.example",
            &["--role", "ADMIN", "--department", "Technical Support", "--phone", "+15550100123"],
        );
        let department = ["--department", "Technical Support"];
        self.add_member("staff-456", "Sam Jones", "sam@staff.example", &department);
    }

    /// Issues a token for a member.
    pub(crate) fn token(&self, id: &str) -> String {
        let printed = self.run(&["staff", "token", id]).ok();
        let token = printed.strip_suffix('\n').expect("a line");
        assert!(!token.is_empty() && !token.contains(char::is_whitespace), "{printed:?}");
        token.to_owned()
    }
}
