//! The column types of the shared tables.

use diesel::query_builder::QueryId;
use diesel::sql_types::SqlType;
pub(crate) use diesel::sql_types::{BigInt, Binary, Bool, Integer, Nullable, Text};

/// A point in time: `timestamptz` in PostgreSQL, milliseconds since 1970 in SQLite.
#[derive(Debug, Clone, Copy, Default, QueryId, SqlType)]
#[diesel(postgres_type(oid = 1184, array_oid = 1185))]
#[diesel(sqlite_type(name = "Long"))]
pub struct SqlTimestamp;

/// A 128-bit id: `uuid` in PostgreSQL, a BLOB of 16 bytes in SQLite.
#[derive(Debug, Clone, Copy, Default, QueryId, SqlType)]
#[diesel(postgres_type(oid = 2950, array_oid = 2951))]
#[diesel(sqlite_type(name = "Binary"))]
pub struct SqlId;
