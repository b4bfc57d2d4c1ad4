//! The rights of a machine as one column of JSON.

use engage_domain::staff::ServiceAccess;
use serde::Deserialize;

use crate::column::parse;
use crate::error::InvalidColumn;

const COLUMN: &str = "service";

/// Rights in the column.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct StoredAccess {
    scopes: Vec<String>,
    acts_for: Vec<String>,
}

/// Returns the rights as they are stored.
pub(crate) fn service_column(access: &ServiceAccess) -> String {
    let scopes: Vec<_> = access.scopes.iter().map(|scope| scope.as_str()).collect();
    let acts_for: Vec<_> = access.acts_for.iter().map(engage_domain::StaffId::as_str).collect();
    serde_json::json!({ "scopes": scopes, "actsFor": acts_for }).to_string()
}

/// Reads the rights of a machine. A scope that only a later release knows gives no right here.
pub(crate) fn service_access(json: &str) -> Result<ServiceAccess, InvalidColumn> {
    let StoredAccess { scopes, acts_for } =
        serde_json::from_str(json).map_err(|_| InvalidColumn { column: COLUMN })?;
    Ok(ServiceAccess {
        scopes: scopes.iter().filter_map(|scope| scope.parse().ok()).collect(),
        acts_for: acts_for.iter().map(|id| parse(id, COLUMN)).collect::<Result<_, _>>()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use engage_domain::staff::ServiceScope;

    #[test]
    fn rights_are_read_back() {
        let acts_for = ["jane", "sam"].map(|id| id.parse().unwrap()).into();
        let scopes = ServiceScope::ALL.iter().copied().collect();
        for access in [ServiceAccess { scopes, acts_for }, ServiceAccess::default()] {
            assert_eq!(service_access(&service_column(&access)).unwrap(), access);
        }
    }

    #[test]
    fn a_scope_of_a_later_release_is_left_out() {
        let json = r#"{"scopes": ["cases.read", "moon.read"], "actsFor": []}"#;
        assert_eq!(service_access(json).unwrap().scopes, [ServiceScope::CasesRead].into());
    }
}
