use reqwest::Method;
use serde_json::{Value, json};

use super::{ORGANIZATIONS, add, add_organization, patch, path, read, remove};
use crate::support::{Response, Server, Store, keys, on_both_stores};

on_both_stores! {
    an_organization_is_added_read_changed_and_deleted
    a_used_domain_is_a_conflict_that_names_the_organization
    domains_of_public_mail_providers_are_refused
    only_supervisors_change_organizations
    organizations_are_found_by_text_and_domain
    contacts_of_a_deleted_organization_have_none
}

async fn an_organization_is_added_read_changed_and_deleted(store: Store) {
    let server = Server::with_staff(store).await;
    let body = json!({
        "name": "Ministère", "customerType": "enterprise",
        "domains": ["München.example", "acme.example"], "notes": "Renews in May.",
        "slaOverride": {"critical": {"firstResponseMinutes": 15, "resolutionMinutes": 240}},
    });
    let organization = server.staff_post(ORGANIZATIONS, &body).await.ok()["organization"].clone();
    let fields =
        ["createdAt", "customerType", "domains", "id", "name", "notes", "slaOverride", "version"];
    assert_eq!(keys(&organization), fields);
    assert_eq!(organization["domains"], json!(["xn--mnchen-3ya.example", "acme.example"]));
    assert_eq!(organization["customerType"], "ENTERPRISE");
    let target = json!({"firstResponseMinutes": 15, "resolutionMinutes": 240});
    assert_eq!(organization["slaOverride"], json!({"CRITICAL": target}));
    let found = server.staff_get(&path(&organization)).await.ok()["organization"].clone();
    assert_eq!(found, organization);

    let change = json!({"customerType": "FREE", "slaOverride": null, "domains": []});
    let changed = patch(&server, &organization, &change).await.ok()["organization"].clone();
    assert_eq!((&changed["version"], &changed["slaOverride"]), (&json!(2), &Value::Null));
    assert_eq!((&changed["domains"], &changed["name"]), (&json!([]), &organization["name"]));

    for (target, field) in [
        (json!({}), "slaOverride"),
        (json!({"MILD": {"firstResponseMinutes": 1, "resolutionMinutes": 1}}), "slaOverride"),
        (json!({"LOW": {"firstResponseMinutes": 0, "resolutionMinutes": 1}}), "slaOverride"),
        (json!({"LOW": {"firstResponseMinutes": 2, "resolutionMinutes": 1}}), "slaOverride"),
        (json!({"LOW": {"firstResponseMinutes": 2}}), "slaOverride"),
    ] {
        let refused = patch(&server, &organization, &json!({"slaOverride": target})).await;
        assert_eq!(refused.invalid_fields(), [field], "{target}");
    }
    remove(&server, &organization).await.ok();
    let details = remove(&server, &organization).await.refused(404, "ORGANIZATION_NOT_FOUND");
    assert_eq!(details["organizationId"], organization["id"]);
}

async fn a_used_domain_is_a_conflict_that_names_the_organization(store: Store) {
    let server = Server::with_staff(store).await;
    let first = add_organization(&server, &["acme.example"]).await;
    let body = json!({"name": "B", "customerType": "FREE", "domains": ["ACME.example"]});
    let details = server.staff_post(ORGANIZATIONS, &body).await.refused(409, "CONFLICT");
    let expected = json!({"domain": "acme.example", "organizationId": first["id"]});
    assert_eq!(details, expected);
    // A domain does not include its subdomains.
    add_organization(&server, &["mail.acme.example"]).await;
}

async fn domains_of_public_mail_providers_are_refused(store: Store) {
    let setting = [("ENGAGE_CONTACTS__PUBLIC_DOMAINS", "isp.example,München.example")];
    let server = Server::with_staff_and(store, &setting).await;
    for domain in ["gmail.com", "web.de", "isp.example", "xn--mnchen-3ya.example", "localhost"] {
        let body = json!({"name": "B", "customerType": "FREE", "domains": [domain]});
        let refused = server.staff_post(ORGANIZATIONS, &body).await;
        assert_eq!(refused.invalid_fields(), ["domains"], "{domain}");
    }
}

async fn only_supervisors_change_organizations(store: Store) {
    let server = Server::with_staff(store).await;
    let organization = add_organization(&server, &["acme.example"]).await;
    let agent = server.workspace().token("staff-456");
    let found = server.request(Method::GET, &path(&organization)).bearer_auth(&agent);
    Response::to(found).await.ok();
    let change = json!({"customerType": "ENTERPRISE"});
    let change =
        server.request(Method::PATCH, &path(&organization)).bearer_auth(&agent).json(&change);
    Response::to(change).await.refused(403, "FORBIDDEN");
}

async fn organizations_are_found_by_text_and_domain(store: Store) {
    let server = Server::with_staff(store).await;
    let organization = add_organization(&server, &["acme.example"]).await;
    add_organization(&server, &["other.example"]).await;
    for (query, count) in
        [("q=ACME.ex", 1), ("q=acme%20inc", 2), ("domain=Acme.example", 1), ("domain=x.example", 0)]
    {
        let found = server.staff_get(&format!("{ORGANIZATIONS}?{query}")).await.ok();
        let found = found["organizations"].as_array().unwrap();
        assert_eq!(found.len(), count, "{query}");
        if count == 1 {
            assert_eq!(found[0], organization);
        }
    }
}

async fn contacts_of_a_deleted_organization_have_none(store: Store) {
    let server = Server::with_staff(store).await;
    let organization = add_organization(&server, &["acme.example"]).await;
    let contact = json!({"name": "A", "organizationId": organization["id"]});
    let contact = add(&server, &contact).await;
    remove(&server, &organization).await.ok();
    let contact = read(&server, &contact).await;
    assert_eq!(contact["organizationId"], Value::Null);
    assert_eq!(contact["organizationByDomain"], false);
}
