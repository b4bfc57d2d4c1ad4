//! A PostgreSQL server for tests.
//!
//! `ENGAGE_TEST_DATABASE_URL` names a server whose user may create databases. If it is not set, a
//! private cluster is created in a temporary folder from the PostgreSQL binaries of the machine. It
//! listens only on a socket in that folder and ends with the process that started it, even if that
//! process is killed. Each test gets its own database, copied from a template that was migrated
//! once.

use std::fs::Permissions;
use std::future::Future;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::OnceCell;
use tokio_postgres::{Client, Config, NoTls, SimpleQueryMessage};

/// PostgreSQL refuses to run as root. This is the user `nobody` on every distribution.
const UNPRIVILEGED: u32 = 65_534;

/// A server on which tests create databases.
///
/// ```no_run
/// use engage_testkit::postgres::cluster;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// // One server for all tests of a program, and a database for each test.
/// let url = cluster().empty_database().await;
/// assert_eq!(cluster().ask_in(&url, "SELECT 1 + 1").await, ["2"]);
/// # Ok(())
/// # }
/// ```
pub struct Cluster {
    /// The address of the server, without a database.
    config: Config,
    url: Box<dyn Fn(&str) -> String + Send + Sync>,
    private: Option<Private>,
}

/// A server that was started for the tests.
struct Private {
    binaries: PathBuf,
    folder: PathBuf,
    options: Vec<String>,
    port: u16,
    // Closing its input ends the server.
    shell: Child,
}

/// Returns the server of this process, and starts it on first use.
pub fn cluster() -> &'static Cluster {
    static CLUSTER: OnceLock<Cluster> = OnceLock::new();
    CLUSTER.get_or_init(|| match std::env::var("ENGAGE_TEST_DATABASE_URL") {
        Ok(url) => Cluster::given(&url),
        Err(_) => Cluster::start(),
    })
}

impl Cluster {
    fn given(url: &str) -> Self {
        let config = url.parse().expect("ENGAGE_TEST_DATABASE_URL is a PostgreSQL URL");
        let (server, _) = url.rsplit_once('/').expect("ENGAGE_TEST_DATABASE_URL has a database");
        let server = server.to_owned();
        Self { config, url: Box::new(move |name| format!("{server}/{name}")), private: None }
    }

    /// Starts a separate server, which the test may stop.
    pub fn private() -> Self {
        Self::start()
    }

    /// Starts a separate server on a port of 127.0.0.1, without TLS.
    pub fn private_on_tcp() -> Self {
        Self::start_with(Some(free_port()), None)
    }

    /// Starts a separate server on a port of 127.0.0.1 that accepts TLS. The certificate and the
    /// key are PEM.
    pub fn private_with_tls(certificate: &str, key: &str) -> Self {
        Self::start_with(Some(free_port()), Some((certificate, key)))
    }

    fn start() -> Self {
        Self::start_with(None, None)
    }

    fn start_with(tcp: Option<u16>, identity: Option<(&str, &str)>) -> Self {
        let binaries = find_binaries();
        let folder = make_folder();
        let port = tcp.unwrap_or(5432);
        let mut options = vec!["-p".to_owned(), port.to_string()];
        if tcp.is_some() {
            options.extend(["-c".to_owned(), "listen_addresses=127.0.0.1".to_owned()]);
        }
        if let Some((certificate, key)) = identity {
            options.extend(tls_options(&folder, certificate, key));
        }
        let socket = folder.to_str().expect("a plain path").replace('/', "%2F");
        let initialised = as_nobody(binaries.join("initdb"), &folder)
            .args(["--username=engage", "--auth=trust", "--encoding=UTF8", "--no-locale"])
            .args(["--no-sync", "--pgdata"])
            .arg(folder.join("data"))
            .output()
            .expect("initdb can be started");
        assert!(initialised.status.success(), "{}", String::from_utf8_lossy(&initialised.stderr));
        let shell = serve(&binaries, &folder, &options);
        let own_url = format!("postgres://engage@{socket}:{port}");
        let config: Config = format!("{own_url}/postgres").parse().expect("our own URL");
        wait_until_ready(&folder);
        let private = Some(Private { binaries, folder, options, port, shell });
        let url = tcp.map_or(own_url, |port| format!("postgres://engage@127.0.0.1:{port}"));
        Self { config, url: Box::new(move |name| format!("{url}/{name}")), private }
    }

    fn own(&self) -> &Private {
        self.private.as_ref().expect("only a separate server can be stopped")
    }

    /// Suspends the server's processes, as if the machine had hung.
    pub fn freeze(&self) {
        self.own().stop_first();
        self.own().signal_all("STOP");
    }

    /// Resumes the server's processes.
    pub fn thaw(&self) {
        self.own().signal_all("CONT");
    }

    /// Kills the server, as in a crash, and starts it again after `meanwhile`.
    pub async fn crash_and_restart(&mut self, meanwhile: impl Future<Output = ()>) {
        let private = self.private.as_mut().expect("only a separate server can be stopped");
        private.kill();
        meanwhile.await;
        private.shell = serve(&private.binaries, &private.folder, &private.options);
        wait_until_ready(&private.folder);
    }

    /// Returns the URL of a database on the server.
    pub fn url(&self, database: &str) -> String {
        (self.url)(database)
    }

    /// Reloads the server's configuration, and waits until every new connection uses it.
    pub async fn reload(&self) {
        let loaded = "SELECT pg_conf_load_time()";
        let before = self.ask(loaded).await;
        self.ask("SELECT pg_reload_conf()").await;
        while self.ask(loaded).await == before {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Runs a statement and returns the first column of its result as text.
    pub async fn ask(&self, statement: &str) -> Vec<String> {
        Self::first_column(&self.connect().await, statement).await
    }

    /// Runs a statement in a database created here and returns the first column of its result.
    pub async fn ask_in(&self, url: &str, statement: &str) -> Vec<String> {
        let config: Config = url.parse().expect("the URL of a test database");
        let (client, connection) = config.connect(NoTls).await.expect("a test database");
        tokio::spawn(connection);
        Self::first_column(&client, statement).await
    }

    async fn first_column(client: &Client, statement: &str) -> Vec<String> {
        let response = client.simple_query(statement).await.expect("a statement that works");
        let rows = response.iter().filter_map(|message| match message {
            SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
            _ => None,
        });
        rows.collect()
    }

    /// Creates a database from a template that `migrate` prepares once, and returns its URL.
    pub async fn database<F>(&self, migrate: impl FnOnce(String) -> F) -> String
    where
        F: Future<Output = ()>,
    {
        static TEMPLATE: OnceCell<String> = OnceCell::const_new();
        let template = TEMPLATE
            .get_or_init(|| async {
                let template = self.create("template0").await;
                migrate((self.url)(&template)).await;
                template
            })
            .await;
        (self.url)(&self.create(template).await)
    }

    /// Creates an empty database, and returns its URL.
    pub async fn empty_database(&self) -> String {
        (self.url)(&self.create("template0").await)
    }

    async fn create(&self, template: &str) -> String {
        static COUNT: AtomicU64 = AtomicU64::new(1);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("engage_test_{}_{count}", std::process::id());
        let client = self.connect().await;
        let statement = format!("CREATE DATABASE {name} TEMPLATE {template}");
        client.batch_execute(&statement).await.expect("a database can be made");
        name
    }

    async fn connect(&self) -> Client {
        let deadline = Instant::now() + Duration::from_secs(30);
        loop {
            match self.config.connect(NoTls).await {
                Ok((client, connection)) => {
                    tokio::spawn(connection);
                    return client;
                }
                // A server that has just created its socket may still be starting.
                Err(error) if Instant::now() < deadline => {
                    let is_starting = error.code().is_some_and(|code| code.code() == "57P03");
                    assert!(is_starting || error.code().is_none(), "{error}");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
                Err(error) => panic!("PostgreSQL does not respond: {error}"),
            }
        }
    }
}

impl Private {
    fn postmaster(&self) -> String {
        let file = self.folder.join("data/postmaster.pid");
        let text = std::fs::read_to_string(file).expect("the server runs");
        text.lines().next().expect("a process id").to_owned()
    }

    /// Returns the process IDs of the server: the postmaster and its children.
    fn processes(&self) -> Vec<String> {
        let postmaster = self.postmaster();
        let children =
            std::fs::read_to_string(format!("/proc/{postmaster}/task/{postmaster}/children"));
        let children = children.unwrap_or_default();
        let children = children.split_whitespace().map(str::to_owned);
        std::iter::once(postmaster.clone()).chain(children).collect()
    }

    fn signal_all(&self, signal: &str) {
        send(signal, &self.processes());
    }

    /// Suspends the postmaster, so that it starts no more processes.
    fn stop_first(&self) {
        let postmaster = self.postmaster();
        send("STOP", std::slice::from_ref(&postmaster));
        let status = || std::fs::read_to_string(format!("/proc/{postmaster}/status"));
        while !status().expect("the server is there").contains("State:\tT") {
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// Kills every process at once, the shell first, so that it does not remove the folder.
    fn kill(&mut self) {
        self.shell.kill().and_then(|()| self.shell.wait().map(drop)).expect("the shell ends");
        self.stop_first();
        let processes = self.processes();
        self.signal_all("KILL");
        let is_gone = |process: &String| !Path::new("/proc").join(process).join("fd").exists();
        while !processes.iter().all(is_gone) {
            std::thread::sleep(Duration::from_millis(10));
        }
        let socket = format!(".s.PGSQL.{}", self.port);
        for leftover in ["data/postmaster.pid", &socket, &format!("{socket}.lock")] {
            let _ = std::fs::remove_file(self.folder.join(leftover));
        }
    }
}

fn send(signal: &str, processes: &[String]) {
    let sent = Command::new("kill").arg(format!("-{signal}")).args(processes).status();
    assert!(sent.expect("kill can be started").success());
}

fn find_binaries() -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = versions.map(|entry| entry.path().join("bin")).collect();
    folders.sort();
    let path = std::env::var_os("PATH").unwrap_or_default();
    folders.splice(0..0, std::env::split_paths(&path));
    let has_server = |folder: &PathBuf| folder.join("initdb").exists();
    folders.into_iter().rev().find(has_server).expect(
        "PostgreSQL is not installed: install it (Debian: apt-get install postgresql), or set \
         ENGAGE_TEST_DATABASE_URL",
    )
}

fn is_root() -> bool {
    std::os::unix::fs::MetadataExt::uid(&std::fs::metadata("/proc/self").expect("Linux")) == 0
}

fn make_folder() -> PathBuf {
    // A socket's path is limited to 107 characters, so the folder is in `/tmp`.
    static COUNT: AtomicU64 = AtomicU64::new(1);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let folder = PathBuf::from(format!("/tmp/engage-postgres-{}-{count}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir(&folder).expect("a folder in /tmp can be made");
    if is_root() {
        chown(&folder, Some(UNPRIVILEGED), Some(UNPRIVILEGED))
            .expect("root may give a folder away");
    }
    folder
}

/// Returns an unused port of 127.0.0.1.
fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("an address").port()
}

/// Writes a certificate and its key into the server's folder, and returns the options to use them.
fn tls_options(folder: &Path, certificate: &str, key: &str) -> Vec<String> {
    let mut options = vec!["-c".to_owned(), "ssl=on".to_owned()];
    for (name, setting, content) in
        [("server.crt", "ssl_cert_file", certificate), ("server.key", "ssl_key_file", key)]
    {
        let path = folder.join(name);
        std::fs::write(&path, content).expect("a file in our own folder");
        // PostgreSQL rejects a key that other users can read.
        std::fs::set_permissions(&path, Permissions::from_mode(0o600)).expect("our own file");
        if is_root() {
            chown(&path, Some(UNPRIVILEGED), Some(UNPRIVILEGED)).expect("root may give it away");
        }
        options.extend(["-c".to_owned(), format!("{setting}={}", path.display())]);
    }
    options
}

fn as_nobody(program: impl AsRef<std::ffi::OsStr>, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder).env("LC_ALL", "C");
    if is_root() {
        command.uid(UNPRIVILEGED).gid(UNPRIVILEGED);
    }
    command
}

/// Starts the server under a shell. When the shell's input closes, it stops the server and removes
/// the folder. That happens when this process ends, even by a signal.
fn serve(binaries: &Path, folder: &Path, options: &[String]) -> Child {
    let script = r#"
        binaries=$1 folder=$2
        shift 2
        "$binaries/postgres" -D "$folder/data" -k "$folder" -c listen_addresses= \
            -c max_connections=400 -c fsync=off -c full_page_writes=off \
            -c synchronous_commit=off -c autovacuum=off "$@" > "$folder/log" 2>&1 < /dev/null &
        server=$!
        read -r _
        kill -QUIT $server; kill -CONT $server
        wait $server
        cd / && rm -rf "$folder"
    "#;
    as_nobody("sh", folder)
        .args(["-c", script, "sh"])
        .args([binaries, folder])
        .args(options)
        .stdin(Stdio::piped())
        .process_group(0)
        .spawn()
        .expect("a shell can be started")
}

/// Waits until the server's file says that it accepts connections.
fn wait_until_ready(folder: &Path) {
    let deadline = Instant::now() + Duration::from_secs(30);
    let file = || std::fs::read_to_string(folder.join("data/postmaster.pid")).unwrap_or_default();
    while file().lines().last().is_none_or(|state| state.trim() != "ready") {
        assert!(
            Instant::now() < deadline,
            "PostgreSQL did not start: {}",
            std::fs::read_to_string(folder.join("log")).unwrap_or_default()
        );
        std::thread::sleep(Duration::from_millis(20));
    }
}
