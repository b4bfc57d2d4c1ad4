//! Fields of contacts in requests.

use engage_domain::EmailAddress;
use engage_domain::contact::{ContactEmails, ContactOrganization};

use crate::validation::Validation;

/// Reads addresses.
pub(super) fn emails(given: &[String], v: &mut Validation) -> Option<ContactEmails> {
    let names = ["address", "addresses"];
    let addresses = v.each("emails", given, ContactEmails::MOST, names, EmailAddress::reachable)?;
    ContactEmails::new(addresses).map_err(|error| v.problem("emails", error.to_string())).ok()
}

/// Reads the organization of a contact, if one or none is given.
#[allow(clippy::option_option)] // Missing, null and given are three things.
pub(super) fn organization(
    id: Option<&Option<String>>,
    by_domain: Option<bool>,
    v: &mut Validation,
) -> Option<ContactOrganization> {
    let by_domain = by_domain.unwrap_or_default();
    match id {
        Some(_) if by_domain => {
            v.problem("organizationByDomain", "must not be true if organizationId is given");
            None
        }
        Some(id) => Some(ContactOrganization::set_to(v.optional("organizationId", id.as_deref()))),
        None => by_domain.then_some(ContactOrganization::ByDomain),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ApiError;

    #[test]
    fn null_differs_from_an_organization_that_is_not_given() {
        let mut v = Validation::default();
        let text = Some("org_01jjg00000e008000000000001".to_owned());
        let own = text.as_deref().and_then(|text| text.parse().ok()).map(ContactOrganization::Own);
        assert_eq!(organization(None, None, &mut v), None);
        assert_eq!(organization(None, Some(false), &mut v), None);
        assert_eq!(organization(Some(&None), None, &mut v), Some(ContactOrganization::None));
        assert_eq!(organization(Some(&text), Some(false), &mut v), own);
        assert_eq!(organization(None, Some(true), &mut v), Some(ContactOrganization::ByDomain));
        assert!(v.finish(Some(())).is_ok());
        let mut v = Validation::default();
        assert_eq!(organization(Some(&None), Some(true), &mut v), None);
        assert!(matches!(v.finish(Some(())), Err(ApiError::Validation(_))));
    }

    #[test]
    fn each_invalid_address_is_reported() {
        let given = ["a@example.com", "x", "b@localhost"].map(str::to_owned);
        let mut v = Validation::default();
        assert_eq!(emails(&given, &mut v), None);
        let Err(ApiError::Validation(problems)) = v.finish(Some(())) else { panic!() };
        assert_eq!(problems.len(), 2);
        assert!(problems.iter().all(|problem| problem.field == "emails"));
    }
}
