use crate::classification::{CustomerType, IssueType, Urgency};
use crate::contact::{EmailAddress, PhoneNumber};
use crate::tag::Tags;
use crate::{Organization, PersonName, ProjectName, Subject};

use super::CaseFacts;

/// Properties that staff correct. The others stay the same.
///
/// A property that a case need not have is removed by `Some(None)`. In JSON that is null, while a
/// missing field changes nothing.
#[allow(clippy::option_option)] // Missing, removed and given are three things.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase", default))]
pub struct CorrectRequest {
    /// Corrected urgency.
    pub urgency: Option<Urgency>,
    /// Corrected issue type.
    pub issue_type: Option<IssueType>,
    /// Corrected customer type.
    pub customer_type: Option<CustomerType>,
    /// Corrected name of the customer.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub name: Option<PersonName>,
    /// Corrected e-mail address of the customer.
    #[cfg_attr(
        feature = "serde",
        serde(skip_serializing_if = "Option::is_none", deserialize_with = "given")
    )]
    pub email: Option<Option<EmailAddress>>,
    /// Corrected telephone number of the customer.
    #[cfg_attr(
        feature = "serde",
        serde(skip_serializing_if = "Option::is_none", deserialize_with = "given")
    )]
    pub phone: Option<Option<PhoneNumber>>,
    /// Corrected organization of the customer.
    #[cfg_attr(
        feature = "serde",
        serde(skip_serializing_if = "Option::is_none", deserialize_with = "given")
    )]
    pub organization: Option<Option<Organization>>,
    /// Corrected client or project that the case is about.
    #[cfg_attr(
        feature = "serde",
        serde(
            rename = "clientOrProjectName",
            skip_serializing_if = "Option::is_none",
            deserialize_with = "given"
        )
    )]
    pub project: Option<Option<ProjectName>>,
    /// Corrected subject.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub subject: Option<Subject>,
    /// All tags of the case.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub tags: Option<Tags>,
}

/// Reads a field that is present, and may be null.
#[cfg(feature = "serde")]
#[allow(clippy::option_option)]
fn given<'de, T, D>(from: D) -> Result<Option<Option<T>>, D::Error>
where
    T: serde::Deserialize<'de>,
    D: serde::Deserializer<'de>,
{
    serde::Deserialize::deserialize(from).map(Some)
}

impl CorrectRequest {
    /// Corrects the urgency as well.
    #[must_use]
    pub fn with_urgency(self, urgency: Urgency) -> Self {
        Self { urgency: Some(urgency), ..self }
    }

    /// Corrects the issue type as well.
    #[must_use]
    pub fn with_issue_type(self, issue_type: IssueType) -> Self {
        Self { issue_type: Some(issue_type), ..self }
    }

    /// Corrects the customer type as well.
    #[must_use]
    pub fn with_customer_type(self, customer_type: CustomerType) -> Self {
        Self { customer_type: Some(customer_type), ..self }
    }

    /// Corrects the name of the customer as well.
    #[must_use]
    pub fn with_name(self, name: PersonName) -> Self {
        Self { name: Some(name), ..self }
    }

    /// Corrects the e-mail address of the customer as well. `None` removes it.
    #[must_use]
    pub fn with_email(self, email: impl Into<Option<EmailAddress>>) -> Self {
        Self { email: Some(email.into()), ..self }
    }

    /// Corrects the telephone number of the customer as well. `None` removes it.
    #[must_use]
    pub fn with_phone(self, phone: impl Into<Option<PhoneNumber>>) -> Self {
        Self { phone: Some(phone.into()), ..self }
    }

    /// Corrects the organization of the customer as well. `None` removes it.
    #[must_use]
    pub fn with_organization(self, organization: impl Into<Option<Organization>>) -> Self {
        Self { organization: Some(organization.into()), ..self }
    }

    /// Corrects the client or project as well. `None` removes it.
    #[must_use]
    pub fn with_project(self, project: impl Into<Option<ProjectName>>) -> Self {
        Self { project: Some(project.into()), ..self }
    }

    /// Corrects the subject as well.
    #[must_use]
    pub fn with_subject(self, subject: Subject) -> Self {
        Self { subject: Some(subject), ..self }
    }

    /// Replaces the tags as well.
    #[must_use]
    pub fn with_tags(self, tags: Tags) -> Self {
        Self { tags: Some(tags), ..self }
    }

    /// Writes the corrected properties to the facts of a case. An address that differs in its
    /// spelling only stays as it is.
    pub(super) fn apply(self, case: &mut CaseFacts) {
        fn set<T: PartialEq>(property: &mut T, corrected: Option<T>) {
            if let Some(corrected) = corrected.filter(|corrected| corrected != property) {
                *property = corrected;
            }
        }
        set(&mut case.urgency, self.urgency);
        set(&mut case.issue_type, self.issue_type);
        set(&mut case.customer.customer_type, self.customer_type);
        set(&mut case.customer.name, self.name);
        set(&mut case.customer.email, self.email);
        set(&mut case.customer.phone, self.phone);
        set(&mut case.customer.organization, self.organization);
        set(&mut case.project, self.project);
        set(&mut case.subject, self.subject);
        set(&mut case.tags, self.tags);
    }
}
