//! One test for each sentence with MUST of the port `CaseNumbers`.

use std::sync::Arc;

use engage_testkit::contract::Store;
use own_store::MemoryStore;

async fn make_store() -> (Store, ()) {
    let store = Arc::new(MemoryStore::default());
    (Store { cases: store.clone(), numbers: store, ..Store::without_ports() }, ())
}

engage_testkit::numbers_contract! { make_store }
