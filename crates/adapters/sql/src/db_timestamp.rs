//! Timestamps as the databases store them.

use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::pg::Pg;
use diesel::pg::data_types::PgTimestamp;
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::{BigInt, Timestamptz};
use diesel::sqlite::Sqlite;
use engage_domain::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::sql_types::SqlTimestamp;

/// 2000-01-01T00:00:00Z, from which PostgreSQL counts, in milliseconds since 1970.
const POSTGRES_EPOCH: i64 = 946_684_800_000;

/// A timestamp in a column of a table.
///
/// PostgreSQL counts microseconds since 2000, SQLite milliseconds since 1970. As JSON it is text in
/// RFC 3339, which PostgreSQL reads, and is read back from milliseconds, which PostgreSQL computes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = SqlTimestamp)]
pub struct DbTimestamp(pub Timestamp);

impl DbTimestamp {
    /// Returns the timestamp in milliseconds since 1970.
    pub fn as_millis(self) -> i64 {
        self.0.as_millis()
    }
}

impl FromSql<SqlTimestamp, Pg> for DbTimestamp {
    fn from_sql(value: <Pg as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        let PgTimestamp(micros) = FromSql::<Timestamptz, Pg>::from_sql(value)?;
        let millis = POSTGRES_EPOCH.saturating_add(micros.div_euclid(1000));
        Ok(Self(Timestamp::from_millis(millis)))
    }
}

impl ToSql<SqlTimestamp, Pg> for DbTimestamp {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        let micros = self.as_millis().saturating_sub(POSTGRES_EPOCH).saturating_mul(1000);
        ToSql::<Timestamptz, Pg>::to_sql(&PgTimestamp(micros), &mut out.reborrow())
    }
}

impl FromSql<SqlTimestamp, Sqlite> for DbTimestamp {
    fn from_sql(value: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        <i64 as FromSql<BigInt, Sqlite>>::from_sql(value).map(Timestamp::from_millis).map(Self)
    }
}

impl ToSql<SqlTimestamp, Sqlite> for DbTimestamp {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.as_millis());
        Ok(IsNull::No)
    }
}

impl Serialize for DbTimestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for DbTimestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // PostgreSQL writes a numeric value with a fraction of zeros.
        let millis = f64::deserialize(deserializer)?;
        // The milliseconds of every year that a timestamp can have are below 2^53.
        #[allow(clippy::cast_possible_truncation)]
        Ok(Self(Timestamp::from_millis(millis.round() as i64)))
    }
}
