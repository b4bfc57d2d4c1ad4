//! The secret shared by the servers of an installation.

use std::fs::{DirBuilder, File, OpenOptions, Permissions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use anyhow::Context;
use engage_application::ServerSecret;
use engage_environment::IdGenerator;
use engage_http::CountKey;
use tracing::{info, warn};

use crate::exit::{Exit, OrExit};
use crate::settings::{DatabaseUrl, Settings};
use engage_system::SystemIds;

/// Loads the configured secret. On an embedded database, which has only one server, the default is
/// a secret stored in a file, which is created if it is missing.
pub(crate) fn load(settings: &Settings) -> anyhow::Result<ServerSecret> {
    check(settings)?;
    if let Some(secret) = &settings.server.secret {
        return Ok(secret.clone());
    }
    let path = &settings.server.secret_file;
    match read(path)? {
        Some(secret) => Ok(secret),
        None => {
            let secret = ServerSecret::from_bits(SystemIds.secret());
            let failed =
                || format!("cannot store a secret in {} (server.secret_file)", path.display());
            keep(path, &secret).with_context(failed).or_exit(Exit::CannotCreate)?;
            info!("created a secret in {} (server.secret is not set)", path.display());
            Ok(secret)
        }
    }
}

/// Builds the key for the pseudonyms under which servers share counts.
pub(crate) fn count_key(settings: &Settings) -> anyhow::Result<CountKey> {
    Ok(CountKey::from_secret(load(settings)?.expose()))
}

/// Fails if a secret is required but not set.
pub(crate) fn check(settings: &Settings) -> anyhow::Result<()> {
    match (&settings.database.url, &settings.server.secret) {
        (DatabaseUrl::Postgres(_), None) => anyhow::bail!(
            "set server.secret, or server.secret_file to a file that has it, to the same value on \
             all servers of the database, so that each accepts customers' tokens from the others; \
             `openssl rand -hex 32` generates one"
        ),
        (DatabaseUrl::Postgres(_), Some(_)) | (DatabaseUrl::Sqlite(_), _) => Ok(()),
    }
}

fn read(path: &Path) -> anyhow::Result<Option<ServerSecret>> {
    let failed = || format!("cannot read {} (server.secret_file)", path.display());
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).with_context(failed),
    };
    let mode = std::fs::metadata(path).with_context(failed)?.permissions().mode();
    if mode & 0o077 != 0 {
        warn!(
            "others can read {} (mode {:o}); change its mode to 600",
            path.display(),
            mode & 0o777
        );
    }
    text.parse().map(Some).with_context(failed)
}

/// Writes a secret atomically: the file either contains all of it or does not exist.
fn keep(path: &Path, secret: &ServerSecret) -> std::io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    if let Some(folder) = folder {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    let new = Path::new(&name);
    let mut file =
        OpenOptions::new().create(true).write(true).truncate(true).mode(0o600).open(new)?;
    // A file left behind by an earlier attempt would retain its mode.
    file.set_permissions(Permissions::from_mode(0o600))?;
    writeln!(file, "{}", secret.expose())?;
    file.sync_all()?;
    std::fs::rename(new, path)?;
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_stored_for_its_owner_only() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("var/secret");
        assert!(read(&path).unwrap().is_none());
        let secret =
            ServerSecret::from_bits(std::array::from_fn(|place| u8::try_from(place).unwrap()));
        keep(&path, &secret).unwrap();
        assert_eq!(read(&path).unwrap().unwrap().expose(), secret.expose());
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let names: Vec<_> = std::fs::read_dir(folder.path().join("var"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        assert_eq!(names, ["secret"]);
    }

    #[test]
    fn a_file_without_a_valid_secret_is_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        std::fs::write(&path, "short\n").unwrap();
        let refusal = format!("{:#}", read(&path).unwrap_err());
        assert!(refusal.contains("secret_file") && refusal.contains("32 characters"), "{refusal}");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "short\n");
    }
}
