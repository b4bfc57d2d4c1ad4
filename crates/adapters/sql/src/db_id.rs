//! Ids as the databases store them.

use std::io::Write;
use std::marker::PhantomData;

use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::pg::Pg;
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sqlite::Sqlite;
use engage_domain::{
    AttachmentId, CaseId, ContactId, ErasureId, EventId, NotificationId, OrganizationId, PersonId,
    TagId, TokenId, UpdateId, WebhookId,
};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

use crate::sql_types::SqlId;

/// An id that a column can hold.
pub trait Id: Copy {
    /// Takes 128 bits as the id.
    fn from_bits(bits: u128) -> Self;

    /// Returns the 128 bits of the id.
    fn bits(self) -> u128;
}

macro_rules! ids {
    ($($id:ty),+ $(,)?) => {
        $(impl Id for $id {
            fn from_bits(bits: u128) -> Self {
                Self::from_u128(bits)
            }

            fn bits(self) -> u128 {
                self.as_u128()
            }
        })+
    };
}

ids!(
    AttachmentId,
    CaseId,
    ContactId,
    ErasureId,
    EventId,
    NotificationId,
    OrganizationId,
    PersonId,
    TagId,
    TokenId,
    UpdateId,
    WebhookId,
);

impl Id for u128 {
    fn from_bits(bits: u128) -> Self {
        bits
    }

    fn bits(self) -> u128 {
        self
    }
}

/// An id in a column of a table; `DbId<u128>` is one of any kind.
///
/// Its bytes are stored as they are, so binding it allocates nothing. As JSON it is a UUID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = SqlId)]
pub struct DbId<T> {
    bytes: [u8; 16],
    kind: PhantomData<T>,
}

impl<T> DbId<T> {
    const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self { bytes, kind: PhantomData }
    }

    /// Returns the same id without its kind.
    pub const fn untyped(self) -> DbId<u128> {
        DbId::from_bytes(self.bytes)
    }

    fn read(bytes: &[u8]) -> deserialize::Result<Self> {
        Ok(Self::from_bytes(bytes.try_into()?))
    }
}

impl<T: Id> DbId<T> {
    /// Returns the id of the domain.
    pub fn get(self) -> T {
        T::from_bits(u128::from_be_bytes(self.bytes))
    }
}

impl<T: Id> From<T> for DbId<T> {
    fn from(id: T) -> Self {
        Self::from_bytes(id.bits().to_be_bytes())
    }
}

impl<T> FromSql<SqlId, Pg> for DbId<T> {
    fn from_sql(value: <Pg as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        Self::read(value.as_bytes())
    }
}

impl<T: std::fmt::Debug> ToSql<SqlId, Pg> for DbId<T> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        out.write_all(&self.bytes)?;
        Ok(IsNull::No)
    }
}

impl<T> FromSql<SqlId, Sqlite> for DbId<T> {
    fn from_sql(mut value: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        Self::read(value.read_blob())
    }
}

impl<T: std::fmt::Debug> ToSql<SqlId, Sqlite> for DbId<T> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.bytes.as_slice());
        Ok(IsNull::No)
    }
}

impl<T> Serialize for DbId<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Uuid::from_bytes(self.bytes).serialize(serializer)
    }
}

impl<'de, T> Deserialize<'de> for DbId<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Uuid::deserialize(deserializer).map(|id| Self::from_bytes(id.into_bytes()))
    }
}
