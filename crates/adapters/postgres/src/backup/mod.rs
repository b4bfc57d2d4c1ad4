//! Copies of the whole database, made while others write, and their restoration.

mod copy;
mod port;
mod restore;
mod session;
mod tables;

use engage_outbound::DnsResolver;

use crate::connect::Connector;
use crate::open_error::OpenError;

/// Backups of a database.
///
/// ```no_run
/// # use std::io;
/// # use std::path::Path;
/// # use engage_repository::{CopiedFile, CopyPart, CopyWriter};
/// use engage_postgres::{DnsResolver, PostgresBackup};
/// use engage_repository::DatabaseBackup;
/// # #[derive(Default)]
/// # struct Sizes(Vec<(String, usize)>);
/// # impl CopyWriter for Sizes {
/// #     fn begin_part(&mut self, part: CopyPart) -> io::Result<()> {
/// #         self.0.push((part.name, 0));
/// #         Ok(())
/// #     }
/// #     fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
/// #         self.0.last_mut().map(|part| part.1 += bytes.len()).ok_or(io::ErrorKind::InvalidInput.into())
/// #     }
/// #     fn end_part(&mut self) -> io::Result<u64> {
/// #         Ok(0)
/// #     }
/// #     fn name_file(&mut self, _: &CopiedFile) -> io::Result<()> {
/// #         Ok(())
/// #     }
/// # }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let url = "postgres://engage@db.example.com/engage";
/// let database = PostgresBackup::new(url, &DnsResolver::system())?;
/// let mut sizes = Sizes::default(); // A writer that measures each part.
/// let copied = database.copy(Path::new("/tmp"), &mut sizes).await?;
/// assert!(copied.tables.iter().any(|table| table.table == "cases"));
/// # Ok(())
/// # }
/// ```
pub struct PostgresBackup {
    connector: Connector,
}

impl PostgresBackup {
    /// Creates a handle for a database. Nothing is connected yet.
    pub fn new(url: &str, resolver: &DnsResolver) -> Result<Self, OpenError> {
        Ok(Self { connector: Connector::from_url(url, resolver)? })
    }
}
