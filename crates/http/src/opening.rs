//! The fields of a new case that customers and staff send alike.

use engage_domain::{Customer, CustomerType, EmailAddress, IssueType, OpenRequest, Urgency};

use crate::error::FieldProblem;
use crate::validation::Validation;

/// The fields of a new case, before they are validated.
pub(crate) struct OpeningFields<'a> {
    pub(crate) name: Option<&'a str>,
    pub(crate) email: Option<&'a str>,
    pub(crate) organization: Option<&'a str>,
    pub(crate) phone: Option<&'a str>,
    pub(crate) customer_type: Option<&'a str>,
    pub(crate) issue_type: Option<&'a str>,
    pub(crate) urgency: Option<&'a str>,
    pub(crate) project: Option<&'a str>,
    pub(crate) subject: Option<&'a str>,
    pub(crate) message: Option<&'a str>,
}

/// Returns the problem of a customer who can be reached neither by e-mail nor by telephone.
pub(crate) fn no_contact() -> FieldProblem {
    FieldProblem::new("email", "is required unless there is a phone")
}

impl OpeningFields<'_> {
    /// Validates the fields of a customer, who has an e-mail address. Returns the request without
    /// files, or `None` if there are problems.
    pub(crate) fn read(&self, v: &mut Validation) -> Option<OpenRequest> {
        self.read_with(v, |v| v.required_as("email", self.email, EmailAddress::reachable).map(Some))
    }

    /// Validates the fields of staff, who may know only the customer's telephone number.
    pub(crate) fn read_by_staff(&self, v: &mut Validation) -> Option<OpenRequest> {
        self.read_with(v, |v| {
            if is_blank(self.email) && is_blank(self.phone) {
                v.add(no_contact());
            }
            Some(v.optional_as("email", self.email, EmailAddress::reachable))
        })
    }

    fn read_with(
        &self,
        v: &mut Validation,
        email: impl FnOnce(&mut Validation) -> Option<Option<EmailAddress>>,
    ) -> Option<OpenRequest> {
        let name = v.required("name", self.name);
        let email = email(v);
        let organization = v.optional("organization", self.organization);
        let phone = v.optional("phone", self.phone);
        let customer_type = v.word("customerType", self.customer_type);
        let issue_type = v.word("issueType", self.issue_type);
        let urgency = v.word("urgency", self.urgency);
        let project = v.optional("clientOrProjectName", self.project);
        let subject = v.required("subject", self.subject);
        let message = v.required("message", self.message);
        Some(OpenRequest {
            customer: Customer {
                name: name?,
                email: email?,
                organization,
                phone,
                customer_type: customer_type.unwrap_or(CustomerType::Free),
            },
            project,
            subject: subject?,
            message: message?,
            issue_type: issue_type.unwrap_or(IssueType::General),
            urgency: urgency.unwrap_or(Urgency::Medium),
            attachments: Vec::new(),
        })
    }
}

fn is_blank(given: Option<&str>) -> bool {
    given.is_none_or(|text| text.trim().is_empty())
}
