//! Where the program keeps its cases, and tests that have to hold wherever that is.

use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};
use engage_testkit::postgres::cluster;

use super::Place;

/// Every time that a case has.
const TIMES_OF_CASES: [&str; 9] = [
    "status_since",
    "customer_escalated_at",
    "assigned_at",
    "created_at",
    "last_activity",
    "first_response",
    "first_response_due",
    "estimated_resolution",
    "next_target_at",
];

#[derive(Debug, Clone, Copy)]
pub(crate) enum Store {
    Sqlite,
    Postgres,
}

impl Store {
    /// A new folder whose program keeps its cases in an empty store of this kind.
    pub(crate) async fn place(self) -> Place {
        match self {
            // What the program does without settings.
            Self::Sqlite => Place::new(),
            Self::Postgres => Place::on_database(&cluster().database(migrate).await),
        }
    }

    /// Makes all cases older by this much, as if that time had passed.
    pub(crate) async fn let_pass(self, place: &Place, time: Duration) {
        let millis = time.as_millis();
        let earlier =
            |by: &str| TIMES_OF_CASES.map(|time| format!("{time} = {time} - {by}")).join(", ");
        match self {
            Self::Sqlite => {
                let file = place.folder().join("var/engage.db");
                let mut connection = SqliteConnection::establish(file.to_str().unwrap()).unwrap();
                let older = format!(
                    "PRAGMA busy_timeout = 20000; UPDATE cases SET {}",
                    earlier(&millis.to_string())
                );
                connection.batch_execute(&older).unwrap();
            }
            Self::Postgres => {
                let by = format!("interval '{millis} milliseconds'");
                let older = format!("UPDATE cases SET {}", earlier(&by));
                cluster().ask_in(&place.database_url(), &older).await;
            }
        }
    }
}

/// Prepares the database of which each test gets a copy, which is much faster than migrating each.
async fn migrate(url: String) {
    Place::on_database(&url).run(&["migrate"]).ok();
}

/// Makes two tests of every function named here, one on each store.
///
/// The functions take the [`Store`]. One that is not named is dead code, which `main.rs` denies, so
/// that none is forgotten; a test of one store alone has an attribute of its own, and the reason.
macro_rules! on_both_stores {
    ($($test:ident)+) => {
        mod on_sqlite {
            $(
                #[tokio::test]
                async fn $test() {
                    super::$test($crate::support::Store::Sqlite).await;
                }
            )+
        }

        mod on_postgres {
            $(
                #[tokio::test]
                async fn $test() {
                    super::$test($crate::support::Store::Postgres).await;
                }
            )+
        }
    };
}
pub(crate) use on_both_stores;
