//! A Postfix of the distribution, as a real mail server.

use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use super::{Mail, eventually, eventually_all, listens_at};

/// The user and the password that are required to send.
const USER: &str = "desk";
const PASSWORD: &str = "p@ss: wörd";

/// The user `nobody` of every distribution, who owns the mailboxes.
const UNPRIVILEGED: &str = "65534";

/// The certificate is valid for the address, but not for signing others.
const CERTIFICATE: &str = "\
[req]
distinguished_name = name
x509_extensions = extensions
prompt = no
[name]
CN = A mail server for tests
[extensions]
subjectAltName = IP:127.0.0.1
basicConstraints = critical, CA:FALSE
";

/// The Postfix services that receive and file e-mails, on any free port.
const SERVICES: &str = "\
127.0.0.1:0 inet n - n - - smtpd
anvil unix - - n - 1 anvil
bounce unix - - n - 0 bounce
cleanup unix n - n - 0 cleanup
defer unix - - n - 0 bounce
error unix - - n - - error
postlog unix-dgram n - n - 1 postlogd
proxymap unix - - n - - proxymap
qmgr unix n - n 300 1 qmgr
retry unix - - n - - error
rewrite unix - - n - - trivial-rewrite
tlsmgr unix - - n 1000? 1 tlsmgr
trace unix - - n - 0 bounce
virtual unix - n n - - virtual
";

/// A private instance of Postfix in a temporary folder, on its own port. It ends with the test.
///
/// It accepts e-mails from clients that log in after STARTTLS, for any address at `example.com` and
/// `desk.example` and for none at `empty.example`. All of them are filed in one maildir.
pub(crate) struct MailServer {
    address: SocketAddr,
    // Closing its input ends the server.
    shell: Child,
    folder: TempDir,
}

impl Drop for MailServer {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        // There is nothing left to do if waiting fails.
        let _ = self.shell.wait();
    }
}

impl MailServer {
    pub(crate) async fn start() -> Self {
        Self::start_with("").await
    }

    /// Starts the server with one more line of settings.
    pub(crate) async fn start_with(setting: &str) -> Self {
        assert_eq!(
            std::fs::metadata("/proc/self").unwrap().uid(),
            0,
            "Postfix is started by root only: run the tests as root, such as in a container"
        );
        let folder = tempfile::tempdir().unwrap();
        // The processes of Postfix run as several users.
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
        configure(folder.path(), setting);
        make_certificate(folder.path());
        set_password(folder.path());
        let mut shell = Command::new("sh")
            .args(["-c", include_str!("mail_server.sh"), "sh"])
            .args([folder.path().as_os_str(), UNPRIVILEGED.as_ref()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(shell.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let master = line.trim().parse().expect("the process of a Postfix that is installed");
        let address = eventually("Postfix listens, or ends", || {
            let is_there = Path::new(&format!("/proc/{master}/fd")).exists();
            assert!(is_there, "Postfix ended: {}", log_in(folder.path()));
            listens_at(master)
        })
        .await;
        Self { address, shell, folder }
    }

    /// Returns the value for `email.url`.
    pub(crate) fn url(&self) -> String {
        self.url_with_password("p%40ss:%20w%C3%B6rd")
    }

    /// Returns the value for `email.url` with another, percent-encoded password.
    pub(crate) fn url_with_password(&self, password: &str) -> String {
        format!("smtp://{USER}:{password}@{}?tls=required", self.address)
    }

    /// Returns the self-signed certificate.
    pub(crate) fn certificate(&self) -> String {
        path_in(self.folder.path(), "certificate.pem")
    }

    /// Returns the filed e-mails as they were sent.
    pub(crate) fn mails(&self) -> Vec<Mail> {
        // A maildir lists a file here once it is complete.
        let Ok(files) = std::fs::read_dir(self.folder.path().join("mail/all/new")) else {
            return Vec::new();
        };
        let mails = files.map(|file| {
            let lines = std::fs::read_to_string(file.unwrap().path()).unwrap();
            Mail::parse(lines.replace('\n', "\r\n").into_bytes(), String::new())
        });
        mails.collect()
    }

    /// Waits for this many e-mails and returns them. Fails if there are more.
    pub(crate) async fn mails_once(&self, count: usize) -> Vec<Mail> {
        eventually_all(count, "e-mails", || self.mails()).await
    }

    /// Returns the log of the server.
    pub(crate) fn log(&self) -> String {
        log_in(self.folder.path())
    }
}

fn path_in(folder: &Path, name: &str) -> String {
    folder.join(name).to_str().expect("a plain path").to_owned()
}

fn log_in(folder: &Path) -> String {
    std::fs::read_to_string(folder.join("log")).unwrap_or_default()
}

fn configure(folder: &Path, more: &str) {
    let path = |name| path_in(folder, name);
    let settings = [
        ("compatibility_level", "3.6"),
        ("queue_directory", &path("queue")),
        ("data_directory", &path("data")),
        ("maillog_file", &path("log")),
        ("maillog_file_prefixes", &path("")),
        ("myhostname", "mail.example"),
        ("inet_interfaces", "127.0.0.1"),
        ("inet_protocols", "ipv4"),
        // Makes no lookups with the machine's resolver.
        ("smtpd_peername_lookup", "no"),
        ("smtpd_tls_security_level", "encrypt"),
        ("smtpd_tls_chain_files", &format!("{}, {}", path("key.pem"), path("certificate.pem"))),
        ("smtpd_tls_received_header", "yes"),
        ("smtpd_sasl_auth_enable", "yes"),
        ("smtpd_sasl_authenticated_header", "yes"),
        // Debian's Postfix reads this folder regardless of the setting.
        ("cyrus_sasl_config_path", &path("config/sasl")),
        ("mynetworks", ""),
        ("smtpd_relay_restrictions", "permit_sasl_authenticated, reject"),
        ("mydestination", ""),
        ("alias_maps", ""),
        ("virtual_mailbox_domains", "example.com, desk.example, empty.example"),
        ("virtual_mailbox_base", &path("mail")),
        ("virtual_mailbox_maps", "inline:{@example.com=all/ @desk.example=all/}"),
        ("virtual_uid_maps", &format!("static:{UNPRIVILEGED}")),
        ("virtual_gid_maps", &format!("static:{UNPRIVILEGED}")),
    ];
    let main: String = settings.map(|(name, value)| format!("{name} = {value}\n")).concat();
    let main = format!("{main}{more}\n");
    let sasl = format!(
        "pwcheck_method: auxprop\nauxprop_plugin: sasldb\nmech_list: PLAIN\nsasldb_path: {}\n",
        path("passwords")
    );
    std::fs::create_dir_all(folder.join("config/sasl")).unwrap();
    for (name, content) in [
        ("config/main.cf", main.as_str()),
        ("config/master.cf", SERVICES),
        ("config/sasl/smtpd.conf", &sasl),
        ("certificate.cnf", CERTIFICATE),
    ] {
        std::fs::write(folder.join(name), content).unwrap();
    }
}

fn make_certificate(folder: &Path) {
    let mut openssl = Command::new("openssl");
    openssl
        .args(["req", "-x509", "-days", "2", "-config", "certificate.cnf", "-nodes"])
        .args(["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"])
        .args(["-keyout", "key.pem", "-out", "certificate.pem"]);
    run(folder, &mut openssl, "");
}

fn set_password(folder: &Path) {
    let mut saslpasswd = Command::new("saslpasswd2");
    saslpasswd.args(["-p", "-c", "-f", "passwords", "-u", "mail.example", USER]);
    run(folder, &mut saslpasswd, PASSWORD);
}

/// Runs a program with this input until it ends.
fn run(folder: &Path, command: &mut Command, input: &str) {
    // Users who become root do not always get root's path.
    let path = std::env::var("PATH").unwrap_or_default();
    command.env("PATH", format!("{path}:/usr/sbin"));
    command.current_dir(folder).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("a program that scripts/ensure-mail-server.sh installs");
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
