use engage_http::{Book, BookFile};

/// The book that is embedded in this build. Empty unless `BOOK_DIR` named one (`build.rs`).
pub(crate) const BOOK: Book = Book(FILES);

include!(concat!(env!("OUT_DIR"), "/book.rs"));
