use engage_domain::attachment::ContentHash;
use engage_domain::{AttachmentId, Timestamp};
use engage_repository::{CopyFacts, TableRows};
use serde::{Deserialize, Serialize};

/// Format of the archives that this program writes and reads.
pub(crate) const FORMAT: u32 = 1;

/// Description of an archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Manifest {
    /// Format of the archive.
    pub format: u32,
    /// Version of the program that wrote the archive.
    pub program: String,
    /// Kind of the database: `sqlite` or `postgres`.
    pub store: String,
    /// Time at which the backup began.
    pub created_at: Timestamp,
    /// Migrations that made the tables, in order.
    pub migrations: Vec<String>,
    /// Number of rows of each table.
    pub tables: Vec<Table>,
    /// Parts of the database, and the list of files.
    pub parts: Vec<Part>,
    /// Contents of the attachments.
    pub attachments: Attachments,
}

/// Number of rows of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// Name of the table.
    pub name: String,
    /// Number of its rows.
    pub rows: u64,
}

/// A part of an archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// Name in the archive.
    pub name: String,
    /// Columns of its rows, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<String>,
    /// Number of its rows, if it is made of rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
    /// Size in the archive, in bytes.
    pub bytes: u64,
    /// SHA-256 of its bytes in the archive.
    pub sha256: ContentHash,
}

/// Contents of the attachments in an archive.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attachments {
    /// False if the contents were left out on request.
    pub included: bool,
    /// Number of contents in the archive.
    pub files: u64,
    /// Their total size in bytes.
    pub bytes: u64,
    /// Files that the database refers to and whose content was not found.
    pub missing: Vec<AttachmentId>,
    /// Files whose stored content was not the one that the database describes. They are in the
    /// archive as they were found.
    pub damaged: Vec<DamagedFile>,
}

/// A file whose content is not the one that the database describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DamagedFile {
    /// Id of the file.
    pub id: AttachmentId,
    /// SHA-256 of the content that was found.
    pub sha256: ContentHash,
}

impl Manifest {
    /// Returns the description of the copy of the database.
    pub(crate) fn facts(&self) -> CopyFacts {
        let rows = |table: &Table| TableRows { table: table.name.clone(), rows: table.rows };
        CopyFacts {
            migrations: self.migrations.clone(),
            tables: self.tables.iter().map(rows).collect(),
        }
    }

    pub(crate) fn part(&self, name: &str) -> Option<&Part> {
        self.parts.iter().find(|part| part.name == name)
    }
}
