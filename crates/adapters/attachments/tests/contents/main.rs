//! Contract tests of the attachment store, run against a folder, a bucket and memory.

#![allow(clippy::unwrap_used, clippy::expect_used)]
#![allow(clippy::unused_async)] // The contract requires async constructors.

use std::sync::Arc;

use engage_attachments::{AttachmentContents, Location, S3Settings};
use engage_repository::AttachmentStore;

mod bucket;
mod faults;

mod in_a_folder {
    use super::{Arc, AttachmentContents, AttachmentStore, Location, S3Settings};

    async fn make() -> (Arc<dyn AttachmentStore>, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let location = Location::Folder(folder.path().join("var/attachments"));
        (Arc::new(AttachmentContents::open(&location, &S3Settings::default()).unwrap()), folder)
    }

    engage_testkit::attachment_store_contract!(make);
}

mod in_a_bucket {
    use super::bucket::Bucket;
    use super::{Arc, AttachmentStore};

    async fn make() -> (Arc<dyn AttachmentStore>, Bucket) {
        let bucket = Bucket::start().await;
        (Arc::new(bucket.contents()), bucket)
    }

    engage_testkit::attachment_store_contract!(make);
}

mod in_memory {
    use super::{Arc, AttachmentContents, AttachmentStore};

    async fn make() -> (Arc<dyn AttachmentStore>, ()) {
        (Arc::new(AttachmentContents::in_memory()), ())
    }

    engage_testkit::attachment_store_contract!(make);
}
