//! Exit codes of the program. Those above 63 are the ones of `sysexits.h`.

use std::error::Error;
use std::fmt;
use std::io::{self, ErrorKind};
use std::process::ExitCode;

use engage_application::{StaffError, TokenError, WebhookError};
use engage_backup::ArchiveError;
use engage_repository::{BackupError, RepositoryError};

/// Reason why the program ends with a failure, by its exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    /// The command was refused, or what it checked is not as it should be.
    Failure = 1,
    /// The command line is not valid (`EX_USAGE`).
    Usage = 64,
    /// The database or the address is not available (`EX_UNAVAILABLE`).
    Unavailable = 69,
    /// A defect (`EX_SOFTWARE`).
    Software = 70,
    /// A file or folder cannot be created or written (`EX_CANTCREAT`).
    CannotCreate = 73,
    /// The command may succeed if it is repeated later (`EX_TEMPFAIL`).
    Temporary = 75,
    /// The operating system does not permit it (`EX_NOPERM`).
    Permission = 77,
    /// The settings cannot be used (`EX_CONFIG`).
    Configuration = 78,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

impl Exit {
    /// Returns the exit code for an error, by the types of the error and its causes.
    pub(crate) fn of(error: &anyhow::Error) -> Self {
        known(error).unwrap_or(Self::Failure)
    }
}

/// Assigns an exit code to errors whose types do not determine one.
pub(crate) trait OrExit<T> {
    fn or_exit(self, exit: Exit) -> anyhow::Result<T>;
}

impl<T, E: Into<anyhow::Error>> OrExit<T> for Result<T, E> {
    fn or_exit(self, exit: Exit) -> anyhow::Result<T> {
        self.map_err(|error| {
            let error: anyhow::Error = error.into();
            if known(&error).is_some() { error } else { WithExit { exit, error }.into() }
        })
    }
}

/// An error with an exit code. It has the text and the causes of the error alone.
#[derive(Debug)]
struct WithExit {
    exit: Exit,
    error: anyhow::Error,
}

impl fmt::Display for WithExit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.error)
    }
}

impl Error for WithExit {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.error.source()
    }
}

fn known(error: &anyhow::Error) -> Option<Exit> {
    error.chain().find_map(|cause| {
        of_assigned(cause)
            .or_else(|| of_opening(cause))
            .or_else(|| of_backup(cause))
            .or_else(|| of_storage(cause))
            .or_else(|| cause.downcast_ref::<io::Error>().and_then(of_system))
    })
}

fn of_assigned(cause: &(dyn Error + 'static)) -> Option<Exit> {
    cause.downcast_ref::<WithExit>().map(|with| with.exit)
}

fn of_opening(cause: &(dyn Error + 'static)) -> Option<Exit> {
    if let Some(error) = cause.downcast_ref::<engage_sqlite::OpenError>() {
        return Some(match error {
            engage_sqlite::OpenError::Prepare { cause, .. } => {
                of_system(cause).unwrap_or(Exit::CannotCreate)
            }
            _ => Exit::Unavailable,
        });
    }
    cause.downcast_ref::<engage_postgres::OpenError>().map(|error| match error {
        engage_postgres::OpenError::Url(_) => Exit::Configuration,
        _ => Exit::Unavailable,
    })
}

fn of_backup(cause: &(dyn Error + 'static)) -> Option<Exit> {
    match cause.downcast_ref::<ArchiveError>()? {
        ArchiveError::Exists(_) => Some(Exit::CannotCreate),
        ArchiveError::Write { cause, .. } => Some(of_system(cause).unwrap_or(Exit::CannotCreate)),
        // It passes on the error of the database as its own.
        ArchiveError::Database(BackupError::Database(cause)) => {
            Some(of_opening(cause.as_ref()).unwrap_or(Exit::Unavailable))
        }
        ArchiveError::Database(BackupError::NothingToCopy) => Some(Exit::Unavailable),
        ArchiveError::Database(BackupError::File(cause)) => of_system(cause),
        _ => None,
    }
}

fn of_storage(cause: &(dyn Error + 'static)) -> Option<Exit> {
    // Use cases pass on the error of the store as their own, not as a cause.
    let error = if let Some(StaffError::Repository(error)) = cause.downcast_ref::<StaffError>() {
        Some(error)
    } else if let Some(TokenError::Repository(error)) = cause.downcast_ref::<TokenError>() {
        Some(error)
    } else if let Some(WebhookError::Repository(error)) = cause.downcast_ref::<WebhookError>() {
        Some(error)
    } else {
        cause.downcast_ref::<RepositoryError>()
    };
    error.map(|error| match error {
        RepositoryError::Unavailable(_) | RepositoryError::Conflict | RepositoryError::Outdated => {
            Exit::Temporary
        }
        RepositoryError::Internal(_) => Exit::Software,
        RepositoryError::Duplicate { .. } => Exit::Failure,
    })
}

fn of_system(error: &io::Error) -> Option<Exit> {
    match error.kind() {
        ErrorKind::PermissionDenied => Some(Exit::Permission),
        ErrorKind::ReadOnlyFilesystem | ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            Some(Exit::CannotCreate)
        }
        ErrorKind::AddrInUse | ErrorKind::AddrNotAvailable => Some(Exit::Unavailable),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use anyhow::{Context, anyhow};

    use super::*;

    fn exit_of(error: impl Into<anyhow::Error>) -> Exit {
        let error: anyhow::Error = error.into();
        Exit::of(&error.context("cannot do it"))
    }

    #[test]
    fn the_type_of_a_cause_determines_the_exit_code() {
        let system = |kind: ErrorKind| io::Error::from(kind);
        assert_eq!(exit_of(system(ErrorKind::PermissionDenied)), Exit::Permission);
        assert_eq!(exit_of(system(ErrorKind::AddrInUse)), Exit::Unavailable);
        assert_eq!(exit_of(system(ErrorKind::ConnectionRefused)), Exit::Failure);
        assert_eq!(exit_of(RepositoryError::unavailable("busy")), Exit::Temporary);
        let defect = RepositoryError::internal("a role that does not exist");
        assert_eq!(exit_of(StaffError::Repository(defect)), Exit::Software);
        let refusal = StaffError::NotFound("jane".parse().unwrap());
        assert_eq!(exit_of(refusal), Exit::Failure);
    }

    #[test]
    fn an_assigned_exit_code_changes_neither_text_nor_known_codes() {
        let failed: anyhow::Result<()> = Err(anyhow!("a cause")).context("cannot read it");
        let error = failed.or_exit(Exit::Configuration).unwrap_err();
        assert_eq!(format!("{error:#}"), "cannot read it: a cause");
        assert_eq!(exit_of(error), Exit::Configuration);
        let denied: io::Result<()> = Err(ErrorKind::PermissionDenied.into());
        assert_eq!(exit_of(denied.or_exit(Exit::Configuration).unwrap_err()), Exit::Permission);
    }
}
