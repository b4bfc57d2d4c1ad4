//! Information that the program gives without authentication.

use crate::support::{Exchange, Server, Store};

const CLOSED: &[(&str, &str)] = &[("ENGAGE_SERVER__DOCUMENTATION", "false")];

#[tokio::test]
async fn a_setting_hides_the_description_the_book_and_the_version() {
    let server = Server::with_staff_and(Store::Sqlite, CLOSED).await;
    for path in [
        "/openapi.json",
        "/docs",
        "/docs/page.js",
        "/docs/swagger-ui.css",
        "/docs/swagger-ui-bundle.js",
        "/book",
        "/book/",
        "/book/index.html",
        "/%64ocs",
        "/%62ook/",
        "/docs/page%2Ejs",
        "/openapi%2Ejson",
    ] {
        let exchange = Exchange::of(server.request(reqwest::Method::GET, path)).await;
        assert_eq!(exchange.status, 404, "{path}");
        assert_eq!(exchange.json()["code"], "NOT_FOUND", "{path}");
    }
    let health = server.get("/health").await;
    assert_eq!(health.status, 200);
    assert!(health.body["version"].is_null(), "{health:?}");
    assert!(server.get("/health/live").await.status == 200);
}
