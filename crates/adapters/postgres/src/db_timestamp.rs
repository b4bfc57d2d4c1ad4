//! Timestamps as PostgreSQL keeps them: microseconds since 2000.

use diesel::deserialize::{FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::pg::data_types::PgTimestamp;
use diesel::pg::{Pg, PgValue};
use diesel::serialize::{Output, ToSql};
use diesel::sql_types::Timestamptz;
use engage_domain::Timestamp;
use serde::{Serialize, Serializer};
use std::time::Duration;

/// 2000-01-01T00:00:00Z in milliseconds since 1970.
const EPOCH: i64 = 946_684_800_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Timestamptz)]
pub(crate) struct DbTimestamp(pub(crate) Timestamp);

impl FromSql<Timestamptz, Pg> for DbTimestamp {
    fn from_sql(value: PgValue<'_>) -> diesel::deserialize::Result<Self> {
        let PgTimestamp(micros) = FromSql::<Timestamptz, Pg>::from_sql(value)?;
        Ok(Self(Timestamp::from_millis(EPOCH.saturating_add(micros.div_euclid(1000)))))
    }
}

impl ToSql<Timestamptz, Pg> for DbTimestamp {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> diesel::serialize::Result {
        let micros = self.0.as_millis().saturating_sub(EPOCH).saturating_mul(1000);
        ToSql::<Timestamptz, Pg>::to_sql(&PgTimestamp(micros), &mut out.reborrow())
    }
}

impl Serialize for DbTimestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

pub(crate) fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
