//! The erasure of a person from all cases and contacts.

mod columns;
mod everywhere;
mod requests;

use serde_json::{Value, json};

use crate::support::{Response, Server, Store, eventually_seen};

const ERASE: &str = "/api/internal/customers/erase";

async fn erase(server: &Server, body: &Value) -> Response {
    server.staff_post(ERASE, body).await
}

/// Returns an erasure as it is now.
async fn read(server: &Server, id: &Value) -> Value {
    let path = format!("/api/internal/customers/erasures/{}", id.as_str().unwrap());
    server.staff_get(&path).await.ok()["erasure"].clone()
}

/// Requests the erasure of a person, and waits until the first pass is complete.
async fn begin(server: &Server, person: &Value) -> Value {
    let requested = erase(server, person).await.ok()["erasure"].clone();
    let zero =
        json!({"id": requested["id"], "state": "RUNNING", "cases": 0, "entries": 0, "quotes": 0});
    assert_eq!(requested, zero);
    once(server, &requested["id"], "SECOND_PASS").await
}

/// Waits until an erasure is in a state.
async fn once(server: &Server, id: &Value, state: &str) -> Value {
    eventually_seen(state, async || {
        let erasure = read(server, id).await;
        (erasure["state"] == state).then_some(erasure)
    })
    .await
}

/// Makes the second pass due, and waits until it is complete.
async fn finish(server: &Server, store: Store, id: &Value) -> Value {
    let due = format!("UPDATE person_erasures SET due_at = {}", store.hours_ago(1));
    store.execute(server.workspace(), &due).await;
    once(server, id, "DONE").await
}
