//! Which cases a list has.

use engage_domain::{CustomerType, Department, IssueType, StaffId, Status, Timestamp, Urgency};

use crate::SearchQuery;

/// Who works on a case, as a filter.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum AssigneeFilter {
    /// This staff member.
    Staff(StaffId),
    /// Nobody.
    Unassigned,
}

/// Which cases are wanted: those that fit every criterion. One with several values is met by any
/// of them, one with none by every case.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct CaseFilter {
    /// Where they stand.
    pub status: Vec<Status>,
    /// How much they hurt.
    pub urgency: Vec<Urgency>,
    /// What kind of contract the customer has.
    pub customer_type: Vec<CustomerType>,
    /// What kind of help is wanted.
    pub issue_type: Vec<IssueType>,
    /// Who works on them.
    pub assigned_to: Vec<AssigneeFilter>,
    /// Which department works on them.
    pub department: Vec<Department>,
    /// The earliest time of creation.
    pub created_from: Option<Timestamp>,
    /// The time that creation must lie before.
    pub created_to: Option<Timestamp>,
    /// What their texts must have.
    pub search: Option<SearchQuery>,
}

impl CaseFilter {
    /// Whether one of the criteria that have few values is set: any but the time and the search.
    pub fn is_classified(&self) -> bool {
        let unclassified = Self {
            created_from: self.created_from,
            created_to: self.created_to,
            search: self.search.clone(),
            ..Self::default()
        };
        *self != unclassified
    }

    /// Whether the time of creation is limited.
    pub fn is_of_a_period(&self) -> bool {
        self.created_from.is_some() || self.created_to.is_some()
    }

    /// Whether a search is all that there is to fit.
    pub fn is_only_search(&self) -> bool {
        self.search.is_some() && !self.is_classified() && !self.is_of_a_period()
    }

    /// The members of staff who may work on the cases that are wanted, and whether nobody may, too.
    /// Without either it may be anyone.
    pub fn assignees(&self) -> (Vec<&StaffId>, bool) {
        let members = self.assigned_to.iter().filter_map(|assignee| match assignee {
            AssigneeFilter::Staff(id) => Some(id),
            AssigneeFilter::Unassigned => None,
        });
        (members.collect(), self.assigned_to.contains(&AssigneeFilter::Unassigned))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_knows_what_kind_of_criteria_it_has() {
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
    fn assignees_are_members_or_nobody() {
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
