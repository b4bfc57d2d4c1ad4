//! Names in an archive.

use engage_domain::AttachmentId;

/// Folder of the parts of the database.
pub(crate) const DATABASE: &str = "database/";

/// Suffix of compressed parts.
pub(crate) const PACKED: &str = ".gz";

/// List of the files that the database refers to.
pub(crate) const FILE_LIST: &str = "attachments.tsv.gz";

/// Folder of the contents of files.
pub(crate) const CONTENTS: &str = "attachments/";

pub(crate) const MANIFEST: &str = "manifest.json";

pub(crate) const MANIFEST_HASH: &str = "manifest.json.sha256";

/// Returns the name of a part of the database.
pub(crate) fn part_name(part: &str) -> String {
    format!("{DATABASE}{part}{PACKED}")
}

/// Returns the name of a content.
pub(crate) fn content_name(id: AttachmentId) -> String {
    format!("{CONTENTS}{id}")
}
