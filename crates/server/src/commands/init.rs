//! Command that prepares a new installation: settings, tables and the first administrator.

use std::fs::OpenOptions;
use std::io::{BufRead, IsTerminal, Write, stdin};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::{Context, ensure};
use engage_application::{Initiator, NewMember, NewToken, ServerSecret};
use engage_domain::{EmailAddress, PersonName, Role};
use engage_environment::IdGenerator;
use serde_json::Value;

use super::administration;
use super::output::print;
use super::staff::issue_token;
use crate::exit::{Exit, OrExit};
use crate::settings::{DatabaseUrl, FILE, Settings};
use crate::storage::Storage;
use crate::{logging, process, wiring};
use engage_system::SystemIds;

const DATABASE: &str = "sqlite://var/engage.db";
const PUBLIC_URL: &str = "http://127.0.0.1:3000";

#[derive(clap::Args)]
pub(crate) struct InitOptions {
    /// Folder of the installation, which is created if it is missing.
    #[arg(long, default_value = ".")]
    dir: PathBuf,
    /// The database: sqlite:// and the path of a file, or a postgres:// URL. By default,
    /// sqlite://var/engage.db.
    #[allow(clippy::doc_markdown)] // The text is also shown by --help.
    #[arg(long, value_name = "URL")]
    database: Option<DatabaseText>,
    /// URL at which customers reach the server.
    #[arg(long, value_name = "URL")]
    public_url: Option<PublicUrl>,
    /// Name of the first administrator.
    #[arg(long, value_name = "NAME")]
    admin_name: Option<PersonName>,
    /// E-mail address of the first administrator.
    #[arg(long, value_name = "ADDRESS")]
    admin_email: Option<EmailAddress>,
    /// Ask nothing, as if there were no terminal.
    #[arg(long)]
    non_interactive: bool,
}

/// URL of a database as it is written in the settings, with its password.
#[derive(Clone)]
struct DatabaseText(String);

impl FromStr for DatabaseText {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parsed = text.parse::<DatabaseUrl>();
        parsed.map(|_| Self(text.to_owned())).map_err(|error| error.to_string())
    }
}

#[derive(Clone)]
struct PublicUrl(String);

impl FromStr for PublicUrl {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        let is_url = ["https://", "http://"].iter().any(|scheme| text.starts_with(scheme));
        if is_url { Ok(Self(text.to_owned())) } else { Err("must be an https or http URL") }
    }
}

/// Values of the settings and of the first administrator.
struct Answers {
    database: DatabaseText,
    public_url: PublicUrl,
    name: PersonName,
    email: EmailAddress,
}

pub(crate) async fn run(options: InitOptions) -> anyhow::Result<()> {
    process::keep_files_private();
    let folder = options.dir.clone();
    let failed = || format!("cannot use the folder {}", folder.display());
    refuse_existing(&folder.join(FILE)).or_exit(Exit::CannotCreate)?;
    let answers = answers(options)?;
    std::fs::create_dir_all(&folder).with_context(failed).or_exit(Exit::CannotCreate)?;
    // Paths in the settings are relative to the working directory.
    std::env::set_current_dir(&folder).with_context(failed)?;
    write_settings(&answers).or_exit(Exit::CannotCreate)?;
    match set_up(&answers).await {
        Ok(report) => print(&report),
        Err(error) => {
            // Otherwise the file would be in the way of the next attempt.
            std::fs::remove_file(FILE).with_context(|| format!("cannot remove {FILE}"))?;
            Err(error)
        }
    }
}

fn refuse_existing(file: &Path) -> anyhow::Result<()> {
    ensure!(!file.exists(), "{} exists already, and init overwrites nothing", file.display());
    Ok(())
}

fn answers(mut options: InitOptions) -> anyhow::Result<Answers> {
    let is_asking = !options.non_interactive && stdin().is_terminal();
    if !is_asking {
        refuse_missing(&options).or_exit(Exit::Usage)?;
        options.database.get_or_insert_with(|| DatabaseText(DATABASE.to_owned()));
    }
    let InitOptions { database, public_url, admin_name, admin_email, .. } = options;
    let mut input = stdin().lock();
    Ok(Answers {
        database: given_or_asked(database, &mut input, "Database", Some(DATABASE))?,
        public_url: given_or_asked(
            public_url,
            &mut input,
            "URL at which customers reach the server",
            Some(PUBLIC_URL),
        )?,
        name: given_or_asked(admin_name, &mut input, "Name of the first administrator", None)?,
        email: given_or_asked(admin_email, &mut input, "Their e-mail address", None)?,
    })
}

fn refuse_missing(options: &InitOptions) -> anyhow::Result<()> {
    let needed = [
        ("--public-url", options.public_url.is_none()),
        ("--admin-name", options.admin_name.is_none()),
        ("--admin-email", options.admin_email.is_none()),
    ];
    let missing = needed.into_iter().filter(|(_, is_missing)| *is_missing).map(|(name, _)| name);
    let missing: Vec<&str> = missing.collect();
    ensure!(missing.is_empty(), "without a terminal, init also needs {}", missing.join(", "));
    Ok(())
}

fn given_or_asked<T>(
    given: Option<T>,
    input: &mut impl BufRead,
    question: &str,
    default: Option<&str>,
) -> anyhow::Result<T>
where
    T: FromStr,
    T::Err: std::fmt::Display,
{
    if let Some(given) = given {
        return Ok(given);
    }
    loop {
        match default {
            Some(default) => eprint!("{question} [{default}]: "),
            None => eprint!("{question}: "),
        }
        let mut line = String::new();
        let length = input.read_line(&mut line).context("cannot read the answer")?;
        ensure!(length > 0, "there was no answer to: {question}");
        let answer = match (line.trim(), default) {
            ("", Some(default)) => default,
            (answer, _) => answer,
        };
        match answer.parse() {
            Ok(value) => return Ok(value),
            Err(error) => eprintln!("{error}"),
        }
    }
}

fn write_settings(answers: &Answers) -> anyhow::Result<()> {
    let failed = || format!("cannot write {FILE}");
    let secret = ServerSecret::from_bits(SystemIds.secret());
    let mut file = OpenOptions::new()
        .create_new(true)
        .write(true)
        .mode(0o600)
        .open(FILE)
        .with_context(failed)?;
    file.write_all(settings_text(answers, &secret).as_bytes()).with_context(failed)?;
    file.sync_all().with_context(failed)
}

fn settings_text(answers: &Answers, secret: &ServerSecret) -> String {
    // Strings of JSON are also strings of TOML.
    let quoted = |text: &str| Value::from(text).to_string();
    let public_url = quoted(&answers.public_url.0);
    let database = quoted(&answers.database.0);
    let email = quoted(&answers.email.to_string());
    let secret = quoted(secret.expose());
    format!(
        r#"# Settings of Engage. `engage check-config` checks them, and prints all settings in force.
# This file contains secrets: it must be readable by its owner only (mode 600).

[server]
# The address and port to listen on.
# bind = "127.0.0.1:3000"
# The URL at which customers reach the server. Links in e-mails start with it.
public_url = {public_url}
# Customers' access tokens are derived from it. Back it up, and never change it. All servers of a
# database need the same one.
secret = {secret}
# The reverse proxy in front of the server, for example on this machine.
# trusted_proxies = ["127.0.0.1/32", "::1/128"]

[database]
url = {database}

[customers]
# Customers show that a case is theirs with a token, from the response to its creation or from a
# link in an e-mail.
access = "token"

[email]
# The mail server. Without one, e-mails are written to files in var/mail and not sent.
# url = "smtp://user:password@mail.example.com:587?tls=required"
# The sender.
# from = "Support <support@example.com>"
# The shared inbox of the team, the recipient of escalations, and the operators.
team_inbox = {email}
management = {email}
operations = {email}
"#
    )
}

/// Creates the tables and the first administrator. Returns what is to be done next.
async fn set_up(answers: &Answers) -> anyhow::Result<String> {
    let settings = Settings::load(Some(Path::new(FILE))).or_exit(Exit::Configuration)?;
    logging::start(&settings.log, None).or_exit(Exit::Configuration)?;
    wiring::channels::templates(&settings).or_exit(Exit::Configuration)?;
    Storage::migrate(&settings).await?;
    let storage = Storage::attach(&settings).await?;
    let new = NewMember {
        id: None,
        name: answers.name.clone(),
        email: answers.email.clone(),
        role: Role::Admin,
        department: None,
        phone: None,
    };
    let member = administration(&storage).staff().add(new, &Initiator::command_line()).await?;
    let request = NewToken { staff_id: member.id.clone(), name: None, expires_at: None };
    let token = issue_token(&storage, request).await?;
    let folder = std::env::current_dir().context("cannot determine the working directory")?;
    Ok(format!(
        "Wrote {file}, created the tables of {database}, and added {id} ({name}, ADMIN).
Their token, which is not shown again:

    {token}

Next, in {folder}:

1. Set the mail server in {FILE} (email.url). Until then, e-mails are written to files.
2. Check the settings: engage check-config
3. Start the server: engage serve
4. List the cases: curl -s http://{bind}/api/internal/support/cases -H 'Authorization: Bearer {token}'",
        file = folder.join(FILE).display(),
        database = settings.database.url,
        id = member.id,
        name = member.name,
        folder = folder.display(),
        bind = settings.server.bind,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(given: Option<PublicUrl>, input: &str) -> anyhow::Result<String> {
        let url = given_or_asked(given, &mut input.as_bytes(), "URL", Some(PUBLIC_URL))?;
        Ok(url.0)
    }

    #[test]
    fn an_invalid_answer_is_asked_for_again() {
        assert_eq!(
            asked(None, "support\nftp://a\nhttps://a.example\n").unwrap(),
            "https://a.example"
        );
        assert_eq!(asked(None, "\n").unwrap(), PUBLIC_URL);
        let given = Some(PublicUrl("https://b.example".to_owned()));
        assert_eq!(asked(given, "").unwrap(), "https://b.example");
        assert!(asked(None, "support\n").is_err(), "the end of the input");
    }

    #[test]
    fn a_name_is_required() {
        let mut input = "\nJane Smith\n".as_bytes();
        let name: PersonName = given_or_asked(None, &mut input, "Name", None).unwrap();
        assert_eq!(name.to_string(), "Jane Smith");
    }
}
