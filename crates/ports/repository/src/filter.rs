//! Filters for lists of cases.

use std::borrow::Cow;

use engage_domain::organization::DomainName;
use engage_domain::sla::SlaTimerState;
use engage_domain::{
    CustomerType, Department, EmailAddress, IssueType, Organization, ProjectName, Source, StaffId,
    Status, Timestamp, Urgency,
};

use crate::{OrganizationAddresses, SearchQuery, TagFilter};

/// Filter on the assignee of a case.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum AssigneeFilter {
    /// Cases assigned to this staff member.
    Staff(StaffId),
    /// Cases without an assignee.
    Unassigned,
}

/// Criteria that a case must meet. A criterion with several values matches any of them, and an
/// empty one matches every case.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct CaseFilter {
    /// Status of the case.
    pub status: Vec<Status>,
    /// Urgency of the case.
    pub urgency: Vec<Urgency>,
    /// Customer's type of contract.
    pub customer_type: Vec<CustomerType>,
    /// Kind of help requested.
    pub issue_type: Vec<IssueType>,
    /// Way in which the case came in.
    pub source: Vec<Source>,
    /// Assignee of the case.
    pub assigned_to: Vec<AssigneeFilter>,
    /// Department that handles the case, case-sensitive.
    /// [`with_departments`](Self::with_departments) adds the other spellings.
    pub department: Vec<Department>,
    /// Customer's e-mail address, case-insensitive.
    pub customer_email: Vec<EmailAddress>,
    /// Address of a participant who has neither left nor been removed, case-insensitive.
    pub participant_email: Vec<EmailAddress>,
    /// Addresses of one person, case-insensitive. The customer, or a participant who has neither left
    /// nor been removed, has one of them. `None` matches every case, and no address matches none.
    pub person_email: Option<Vec<EmailAddress>>,
    /// Addresses of the people of one organization, case-insensitive. The customer, or a participant
    /// who has neither left nor been removed, has one of them. `None` matches every case, and an
    /// organization without domains and addresses matches none.
    pub organization_people: Option<OrganizationAddresses>,
    /// Customer's organization, case-insensitive.
    pub organization: Vec<Organization>,
    /// Customer's client or project that the case concerns, case-insensitive.
    pub project: Vec<ProjectName>,
    /// State of the SLA targets ([`crate::CaseSummary::sla_state`]).
    pub sla_state: Vec<SlaTimerState>,
    /// Only cases with a running SLA timer whose target is due before this time.
    pub due_before: Option<Timestamp>,
    /// Earliest time of the last change, inclusive.
    pub updated_from: Option<Timestamp>,
    /// Latest time of the last change, exclusive.
    pub updated_to: Option<Timestamp>,
    /// Earliest time of creation, inclusive.
    pub created_from: Option<Timestamp>,
    /// Latest time of creation, exclusive.
    pub created_to: Option<Timestamp>,
    /// Tags of the case.
    pub tags: TagFilter,
    /// Full-text search.
    pub search: Option<SearchQuery>,
}

impl CaseFilter {
    /// Returns true if a criterion with few possible values is set.
    pub fn is_classified(&self) -> bool {
        !(self.status.is_empty()
            && self.urgency.is_empty()
            && self.customer_type.is_empty()
            && self.issue_type.is_empty()
            && self.assigned_to.is_empty()
            && self.department.is_empty())
    }

    /// Returns true if the time of creation is restricted.
    pub fn is_of_a_period(&self) -> bool {
        self.created_from.is_some() || self.created_to.is_some()
    }

    /// Returns true if the search is the only criterion.
    pub fn is_only_search(&self) -> bool {
        self.search.is_some() && *self == Self { search: self.search.clone(), ..Self::default() }
    }

    /// Adds the existing departments that differ from a requested one only in upper and lower case.
    #[must_use]
    pub fn with_departments(mut self, there_are: impl IntoIterator<Item = Department>) -> Self {
        let folded = |department: &Department| department.as_str().to_lowercase();
        let wanted: Vec<_> = self.department.iter().map(folded).collect();
        let same = there_are.into_iter().filter(|department| wanted.contains(&folded(department)));
        for department in same {
            if !self.department.contains(&department) {
                self.department.push(department);
            }
        }
        self
    }

    /// Returns the [`spellings`] of the customer addresses, with each domain in both its Unicode
    /// and its ASCII form.
    pub fn customer_addresses(&self) -> Vec<String> {
        address_forms(&self.customer_email)
    }

    /// Returns the participant addresses in the same forms as the
    /// [customer addresses](Self::customer_addresses).
    pub fn participant_addresses(&self) -> Vec<String> {
        address_forms(&self.participant_email)
    }

    /// Returns the addresses of the person, if the filter has one, in the same forms as the
    /// [customer addresses](Self::customer_addresses).
    pub fn person_addresses(&self) -> Option<Vec<String>> {
        self.person_email.as_deref().map(address_forms)
    }

    /// Returns the domains of the people's organization, if the filter has one, in the same forms as
    /// those of the [customer addresses](Self::customer_addresses).
    pub fn organization_domains(&self) -> Vec<String> {
        let domains = self.organization_people.iter().flat_map(|people| &people.domains);
        let forms = |domain: &DomainName| [domain.as_str().to_owned(), domain.unicode().into()];
        spellings(&domains.flat_map(forms).collect::<Vec<String>>())
    }

    /// Returns the addresses of the organization's people at other domains, in the same forms as the
    /// [customer addresses](Self::customer_addresses).
    pub fn addresses_elsewhere(&self) -> Vec<String> {
        self.organization_people
            .as_ref()
            .map(|one| address_forms(&one.elsewhere))
            .unwrap_or_default()
    }

    /// Returns the addresses at the domains of the people's organization that do not belong to it, in
    /// the same forms as the [customer addresses](Self::customer_addresses).
    pub fn excepted_addresses(&self) -> Vec<String> {
        self.organization_people
            .as_ref()
            .map(|one| address_forms(&one.excepted))
            .unwrap_or_default()
    }

    /// Returns true if a criterion is set that matches few cases and has its own index.
    pub fn is_of_a_customer(&self) -> bool {
        !(self.customer_email.is_empty()
            && self.participant_email.is_empty()
            && self.person_email.is_none()
            && self.organization_people.is_none()
            && self.organization.is_empty()
            && self.project.is_empty())
    }

    /// Returns the requested assignees, and whether unassigned cases are requested as well. If the
    /// filter requests neither, any assignee matches.
    pub fn assignees(&self) -> (Vec<&StaffId>, bool) {
        let members = self.assigned_to.iter().filter_map(|assignee| match assignee {
            AssigneeFilter::Staff(id) => Some(id),
            AssigneeFilter::Unassigned => None,
        });
        (members.collect(), self.assigned_to.contains(&AssigneeFilter::Unassigned))
    }
}

/// Maximum number of non-ASCII letters for which every combination of upper and lower case is
/// tried.
const MOST_LETTERS: usize = 5;

/// Maximum number of spellings of a text that are combined word by word.
const MOST_SPELLINGS: usize = 243;

fn address_forms(addresses: &[EmailAddress]) -> Vec<String> {
    let forms = |address: &EmailAddress| {
        let ascii: Cow<'_, str> = address.normalized().into();
        [address.as_str().into(), ascii, address.unicode()].map(Cow::into_owned)
    };
    spellings(&addresses.iter().flat_map(forms).collect::<Vec<String>>())
}

/// Returns spellings of texts in upper and lower case, with ASCII letters always in lower case.
/// They are compared with stored texts whose ASCII letters were lowercased, which is all that every
/// store can do.
///
/// A text with many non-ASCII letters is varied word by word: lowercase, uppercase and capitalized.
/// If it also has many words, all of them are varied in the same way.
pub fn spellings<T: AsRef<str>>(texts: &[T]) -> Vec<String> {
    let mut spellings: Vec<_> = texts.iter().flat_map(|text| spellings_of(text.as_ref())).collect();
    spellings.sort_unstable();
    spellings.dedup();
    spellings
}

fn spellings_of(text: &str) -> Vec<String> {
    let text = text.to_ascii_lowercase();
    let others = text.chars().filter(|c| other_case(*c) != *c).count();
    if others <= MOST_LETTERS {
        return (0..1_u32 << others).map(|turned| turn(&text, turned)).collect();
    }
    let words: Vec<_> = text.split_inclusive(|c: char| !c.is_alphanumeric()).map(forms).collect();
    let count = words.iter().try_fold(1_usize, |count, forms| count.checked_mul(forms.len()));
    let mut spellings = if count.is_some_and(|count| count <= MOST_SPELLINGS) {
        let join = |begun: Vec<String>, forms: &Vec<String>| -> Vec<String> {
            let ends = |text: &String| {
                forms.iter().map(|form| format!("{text}{form}")).collect::<Vec<_>>()
            };
            begun.iter().flat_map(ends).collect()
        };
        words.iter().fold(vec![String::new()], join)
    } else {
        let alike =
            |way: usize| words.iter().filter_map(move |forms| forms.get(way).or(forms.first()));
        (0..3).map(|way| alike(way).map(String::as_str).collect()).collect()
    };
    spellings.push(text);
    spellings
}

/// Returns a word in lowercase, uppercase and capitalized, each with ASCII letters in lower case.
/// Returns it only once if these do not differ.
fn forms(word: &str) -> Vec<String> {
    let (small, capital) = (word.to_lowercase(), word.to_uppercase());
    if small.eq_ignore_ascii_case(&capital) {
        return vec![small];
    }
    let mut letters = small.chars();
    let first = letters.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    let titled = format!("{first}{}", letters.as_str());
    [small, capital, titled].map(|text| text.to_ascii_lowercase()).into()
}

/// Returns the text with the case swapped for those non-ASCII letters whose bits are set.
fn turn(text: &str, turned: u32) -> String {
    let mut place = 0;
    let turned = text.chars().map(|c| {
        let other = other_case(c);
        if other == c {
            return c;
        }
        place += 1;
        if turned >> (place - 1) & 1 == 1 { other } else { c }
    });
    turned.collect()
}

/// Returns a non-ASCII letter in the opposite case, or the letter itself if there is no single such
/// letter.
fn other_case(c: char) -> char {
    if c.is_ascii() {
        return c;
    }
    let (mut upper, mut lower) = (c.to_uppercase(), c.to_lowercase());
    let found =
        if c.is_uppercase() { (lower.next(), lower.next()) } else { (upper.next(), upper.next()) };
    match found {
        (Some(other), None) if !other.is_ascii() => other,
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_reports_which_kinds_of_criteria_are_set() {
        let every = CaseFilter::default();
        let time = Some(Timestamp::from_millis(0));
        let search = CaseFilter { search: Some("login".parse().unwrap()), ..every.clone() };
        let kinds = |filter: &CaseFilter| {
            (filter.is_classified(), filter.is_of_a_period(), filter.is_only_search())
        };
        for (filter, expected) in [
            (every.clone(), (false, false, false)),
            (search.clone(), (false, false, true)),
            (CaseFilter { created_from: time, ..every.clone() }, (false, true, false)),
            (CaseFilter { created_to: time, ..search.clone() }, (false, true, false)),
            (CaseFilter { status: vec![Status::Open], ..every.clone() }, (true, false, false)),
            (CaseFilter { urgency: vec![Urgency::Low], ..every.clone() }, (true, false, false)),
            (
                CaseFilter { customer_type: vec![CustomerType::Free], ..every.clone() },
                (true, false, false),
            ),
            (
                CaseFilter { issue_type: vec![IssueType::Technical], ..every.clone() },
                (true, false, false),
            ),
            (
                CaseFilter { assigned_to: vec![AssigneeFilter::Unassigned], ..every.clone() },
                (true, false, false),
            ),
            (
                CaseFilter { department: vec!["Support".parse().unwrap()], ..search },
                (true, false, false),
            ),
        ] {
            assert_eq!(kinds(&filter), expected, "{filter:?}");
        }
    }

    #[test]
    fn spellings_differ_in_upper_and_lower_case() {
        assert_eq!(spellings(&["Acme, Inc."]), ["acme, inc."]);
        assert_eq!(spellings(&["MÜLLER"]), spellings(&["müller"]));
        assert_eq!(spellings(&["Ägypten für alle"]), spellings(&["äGYPTEN FÜR Alle"]));
        assert!(spellings(&["ООО РОМАШКА", "x"]).contains(&"ооо ромашка".to_owned()));
        for written in ["Ооо Ромашка", "ООО Ромашка", "ооо РОМАШКА"] {
            assert!(spellings(&["ооо ромашка"]).contains(&written.to_owned()), "{written}");
        }
        let long = "много слов в одном названии очень большой организации";
        assert_eq!(spellings(&[long.to_uppercase()]), spellings(&[long]));
        assert_eq!(spellings(&["東京"]), ["東京"]);
    }

    #[test]
    fn an_address_is_searched_with_its_domain_in_each_form() {
        for given in
            ["Info@b\u{fc}cher.example", "info@B\u{dc}CHER.example", "INFO@xn--bcher-kva.example"]
        {
            let filter = CaseFilter {
                customer_email: vec![given.parse().unwrap()],
                ..CaseFilter::default()
            };
            let addresses = filter.customer_addresses();
            for stored in [
                "info@b\u{fc}cher.example",
                "info@b\u{dc}cher.example",
                "info@xn--bcher-kva.example",
            ] {
                assert!(
                    addresses.iter().any(|address| address == stored),
                    "{given}: {addresses:?}"
                );
            }
        }
    }

    #[test]
    fn a_filter_by_a_person_has_addresses_or_matches_nothing() {
        let every = CaseFilter::default();
        assert_eq!((every.person_addresses(), every.is_of_a_customer()), (None, false));
        let nobody = CaseFilter { person_email: Some(Vec::new()), ..every.clone() };
        assert_eq!((nobody.person_addresses(), nobody.is_of_a_customer()), (Some(vec![]), true));
        let email: Vec<EmailAddress> = vec!["Ann@X.example".parse().unwrap()];
        let ann = CaseFilter { participant_email: email.clone(), ..every };
        assert!(ann.is_of_a_customer());
        assert_eq!(ann.participant_addresses(), ["ann@x.example"]);
        let person = CaseFilter { person_email: Some(email), ..nobody };
        assert_eq!(person.person_addresses(), Some(ann.participant_addresses()));
    }

    #[test]
    fn a_filter_by_an_organization_has_its_domains_in_each_form() {
        let every = CaseFilter::default();
        assert!(every.organization_domains().is_empty() && every.excepted_addresses().is_empty());
        let people = OrganizationAddresses {
            domains: vec!["B\u{fc}cher.example".parse().unwrap(), "acme.example".parse().unwrap()],
            elsewhere: vec!["Ann@Home.example".parse().unwrap()],
            excepted: vec!["bob@xn--bcher-kva.example".parse().unwrap()],
        };
        let filter = CaseFilter { organization_people: Some(people), ..every };
        assert!(filter.is_of_a_customer());
        let domains = filter.organization_domains();
        for stored in ["acme.example", "xn--bcher-kva.example", "b\u{dc}cher.example"] {
            assert!(domains.iter().any(|domain| domain == stored), "{stored}: {domains:?}");
        }
        assert_eq!(filter.addresses_elsewhere(), ["ann@home.example"]);
        assert!(filter.excepted_addresses().contains(&"bob@b\u{fc}cher.example".to_owned()));
    }

    #[test]
    fn departments_match_in_upper_and_lower_case() {
        let departments = |texts: &[&str]| {
            texts.iter().map(|text| text.parse().unwrap()).collect::<Vec<Department>>()
        };
        let filter = CaseFilter { department: departments(&["größe"]), ..CaseFilter::default() };
        let filter = filter.with_departments(departments(&["Größe", "GRÖSSE", "Billing"]));
        assert_eq!(filter.department, departments(&["größe", "Größe"]));
    }

    #[test]
    fn assignees_are_members_or_unassigned() {
        let (jane, nobody): (StaffId, _) = ("jane".parse().unwrap(), AssigneeFilter::Unassigned);
        let member = AssigneeFilter::Staff(jane.clone());
        for (assigned_to, expected) in [
            (vec![], (vec![], false)),
            (vec![nobody.clone()], (vec![], true)),
            (vec![member.clone()], (vec![&jane], false)),
            (vec![nobody, member], (vec![&jane], true)),
        ] {
            let filter = CaseFilter { assigned_to, ..CaseFilter::default() };
            assert_eq!(filter.assignees(), expected);
        }
    }
}
