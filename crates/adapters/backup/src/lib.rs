//! Backups of the database and of the attachments in one archive.
//!
//! An archive is a tar file with these entries, in this order:
//!
//! 1. `database/…`: the parts of the copy of the database, compressed with gzip;
//! 2. `attachments.tsv.gz`: the files that the database refers to, one in a line: id, size, SHA-256;
//! 3. `attachments/…`: their contents, each named by its id, in the order of the ids;
//! 4. `manifest.json`: what the archive contains, see [`Manifest`];
//! 5. `manifest.json.sha256`: the SHA-256 of the manifest, as `sha256sum` writes it.
//!
//! Archives of any size are written and read in constant memory.
#![warn(missing_docs)]

mod archive;
mod back_up;
mod contents;
mod copy_reader;
mod copy_writer;
mod entry;
mod error;
mod file_list;
mod hashing;
mod layout;
mod lines;
mod manifest;
mod part_reader;
mod partial;
mod restore;
mod slice;
mod tar_writer;
mod verify;

pub use archive::Archive;
pub use back_up::{BackedUp, BackupRequest, back_up};
pub use error::ArchiveError;
pub use manifest::{Attachments, DamagedFile, Manifest, Part, Table};
pub use restore::{RestoreRequest, restore};
