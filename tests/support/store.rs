//! Where the program keeps its cases, and tests that have to hold wherever that is.

use engage_testkit::postgres::cluster;

use super::Place;

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
