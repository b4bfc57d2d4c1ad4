//! A mail server of the distribution, which does with messages what mail servers do.

use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use super::{Mail, eventually, eventually_all, listens_at};

/// The user and the password without which nothing is taken.
const USER: &str = "desk";
const PASSWORD: &str = "p@ss: wörd";

/// `nobody` of every distribution, whose the mailboxes are.
const UNPRIVILEGED: &str = "65534";

/// What the certificate is for: the address, and not the signing of others.
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

/// The services of Postfix that receive and file messages. The port is any that is free.
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

/// A Postfix of the test's own: a private instance in a temporary folder, on a port of its own,
/// which ends with the test.
///
/// It takes messages from whoever logs in after STARTTLS, for any address at `example.com` and
/// `desk.example` and for nobody at `empty.example`, and files all in one maildir.
pub(crate) struct MailServer {
    address: SocketAddr,
    // Closing its input is what ends the server.
    shell: Child,
    folder: TempDir,
}

impl Drop for MailServer {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        // Nothing is left to be done where it cannot be waited for.
        let _ = self.shell.wait();
    }
}

impl MailServer {
    pub(crate) async fn start() -> Self {
        Self::start_with("").await
    }

    /// The same with another line of settings.
    pub(crate) async fn start_with(setting: &str) -> Self {
        assert_eq!(
            std::fs::metadata("/proc/self").unwrap().uid(),
            0,
            "Postfix is started by root only: run the tests as root, such as in a container"
        );
        let folder = tempfile::tempdir().unwrap();
        // Its processes run as several users.
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

    /// What `email.url` has to say.
    pub(crate) fn url(&self) -> String {
        self.url_with_password("p%40ss:%20w%C3%B6rd")
    }

    /// The same with another password, percent-encoded.
    pub(crate) fn url_with_password(&self, password: &str) -> String {
        format!("smtp://{USER}:{password}@{}?tls=required", self.address)
    }

    /// The certificate, which it signed itself.
    pub(crate) fn certificate(&self) -> String {
        path_in(self.folder.path(), "certificate.pem")
    }

    /// The messages that are filed, in the form in which they were sent.
    pub(crate) fn mails(&self) -> Vec<Mail> {
        // A maildir has a file here once all of it is written.
        let Ok(files) = std::fs::read_dir(self.folder.path().join("mail/all/new")) else {
            return Vec::new();
        };
        let mails = files.map(|file| {
            let lines = std::fs::read_to_string(file.unwrap().path()).unwrap();
            Mail::parse(lines.replace('\n', "\r\n").into_bytes(), String::new())
        });
        mails.collect()
    }

    /// The messages, once there are as many; more are a failure.
    pub(crate) async fn mails_once(&self, count: usize) -> Vec<Mail> {
        eventually_all(count, "e-mails", || self.mails()).await
    }

    /// What it wrote to its log.
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
        // Nothing is asked of the machine's resolver.
        ("smtpd_peername_lookup", "no"),
        ("smtpd_tls_security_level", "encrypt"),
        ("smtpd_tls_chain_files", &format!("{}, {}", path("key.pem"), path("certificate.pem"))),
        ("smtpd_tls_received_header", "yes"),
        ("smtpd_sasl_auth_enable", "yes"),
        ("smtpd_sasl_authenticated_header", "yes"),
        // Debian's Postfix looks there whatever this says.
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

/// Runs a program to its end, which reads this.
fn run(folder: &Path, command: &mut Command, input: &str) {
    // Not everybody who becomes root gets root's path.
    let path = std::env::var("PATH").unwrap_or_default();
    command.env("PATH", format!("{path}:/usr/sbin"));
    command.current_dir(folder).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("a program that scripts/ensure-mail-server.sh installs");
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
