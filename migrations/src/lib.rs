//! The migrations of Engage's tables, embedded in the program.
//!
//! Each feature, `postgres` or `sqlite`, adds the migrations of that store. `engage-postgres` and
//! `engage-sqlite` run them when a store is opened, so only tools that work on the tables without
//! those crates need this one.
#![warn(missing_docs)]

#[cfg(any(feature = "postgres", feature = "sqlite"))]
use diesel_migrations::{EmbeddedMigrations, embed_migrations};

/// Migrations of the tables in PostgreSQL.
#[cfg(feature = "postgres")]
pub const POSTGRES: EmbeddedMigrations = embed_migrations!("postgres");

/// Migrations of the tables in SQLite.
#[cfg(feature = "sqlite")]
pub const SQLITE: EmbeddedMigrations = embed_migrations!("sqlite");

/// Folder of this package's sources when it was compiled, for tests that run a single `up.sql` or
/// `down.sql`. It need not exist on the machine that runs the program.
#[doc(hidden)]
pub const FOLDER: &str = env!("CARGO_MANIFEST_DIR");
