use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use engage_domain::{Case, CaseId, CaseNumber, StaffMember, Timestamp, Version};
use engage_repository::{
    CaseNumbers, CaseRepository, ChangeSet, IdempotencyKey, IdempotencyRepository, RepositoryError,
    StoredCase, StoredResponse, UniqueConstraint,
};

/// Cases in memory, for tests of use cases. Clones share their cases.
///
/// A fake is for tests that look at what was committed; a mock (`MockCaseRepository`) is for tests
/// that look at which calls were made. This one stores cases, draws numbers and finds responses by
/// their keys. It has no files and no directory: the assignee of a case is whoever was added with
/// [`add_member`](Self::add_member).
///
/// ```
/// use engage_repository::{CaseNumbers, CaseRepository, RepositoryError};
/// use engage_testkit::FakeCases;
/// use engage_testkit::builders::{a_change_set, an_opened, cancelled, minutes_later};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let (cases, opened) = (FakeCases::default(), an_opened(7).case);
/// cases.add(opened.clone());
/// assert_eq!(cases.draw(2025).await?, 8);
///
/// // Another change comes first, once.
/// cases.lose_next_race();
/// let change_set = a_change_set(cancelled(&opened, minutes_later(5)), Vec::new());
/// let lost = cases.commit(change_set.clone()).await;
/// assert!(matches!(lost, Err(RepositoryError::Conflict)));
/// cases.commit(change_set.clone()).await?;
/// assert_eq!(cases.commits(), [change_set]);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Default)]
pub struct FakeCases(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    cases: HashMap<CaseNumber, Case>,
    members: Vec<StaffMember>,
    commits: Vec<ChangeSet>,
    sequences: HashMap<i16, u64>,
    races_to_lose: u32,
}

impl FakeCases {
    /// Adds a case as if it had been committed before.
    pub fn add(&self, case: Case) {
        self.state().cases.insert(case.number().clone(), case);
    }

    /// Adds a member of staff to whom cases can be assigned.
    pub fn add_member(&self, member: StaffMember) {
        self.state().members.push(member);
    }

    /// Makes the next commit fail with [`RepositoryError::Conflict`], as if another change of the
    /// case had been committed first. Calls add up.
    pub fn lose_next_race(&self) {
        self.state().races_to_lose += 1;
    }

    /// Returns a case in its last committed state.
    pub fn case(&self, number: &CaseNumber) -> Option<Case> {
        self.state().cases.get(number).cloned()
    }

    /// Returns all successful commits in order.
    pub fn commits(&self) -> Vec<ChangeSet> {
        self.state().commits.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A test that panics elsewhere leaves the state consistent.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn version(&self, number: &CaseNumber, id: CaseId) -> Option<Version> {
        let case = self.cases.get(number).filter(|case| case.facts().id == id);
        case.map(Case::version)
    }

    /// Returns why a change set may not be committed.
    fn refusal(&self, change_set: &ChangeSet) -> Option<RepositoryError> {
        let (case, base) = (&change_set.case, change_set.base_version());
        let is_taken = base.is_none() && self.cases.contains_key(case.number());
        let is_outdated = base != self.version(case.number(), case.facts().id);
        let duplicate = |constraint| Some(RepositoryError::Duplicate { constraint });
        if is_taken {
            duplicate(UniqueConstraint::CaseNumber)
        } else if is_outdated {
            Some(RepositoryError::Conflict)
        } else if self.response_to(change_set).is_some() {
            duplicate(UniqueConstraint::IdempotencyKey)
        } else {
            None
        }
    }

    fn response_to(&self, change_set: &ChangeSet) -> Option<StoredResponse> {
        let key = change_set.idempotency.as_ref()?.key;
        self.response(&key, change_set.event.timestamp)
    }

    fn response(&self, key: &IdempotencyKey, now: Timestamp) -> Option<StoredResponse> {
        let record = |change_set: &ChangeSet| {
            let record = change_set.idempotency.clone()?;
            (record.key == *key && record.expires_at > now).then(|| StoredResponse {
                digest: record.digest,
                answer: record.answer,
                case_id: change_set.case.facts().id,
                version: change_set.case.version(),
                changed_at: change_set.event.timestamp,
            })
        };
        self.commits.iter().rev().find_map(record)
    }
}

#[async_trait]
impl CaseRepository for FakeCases {
    async fn find_case(&self, number: &CaseNumber) -> Result<Option<StoredCase>, RepositoryError> {
        let state = self.state();
        let Some(case) = state.cases.get(number).cloned() else { return Ok(None) };
        let is_assignee = |member: &&StaffMember| Some(&member.id) == case.facts().assignee();
        let assignee = state.members.iter().find(is_assignee).cloned();
        Ok(Some(StoredCase::new(case, assignee)))
    }

    async fn commit(&self, change_set: ChangeSet) -> Result<(), RepositoryError> {
        let mut state = self.state();
        if state.commits.iter().any(|committed| committed.event.id == change_set.event.id) {
            return Ok(());
        }
        if state.races_to_lose > 0 {
            state.races_to_lose -= 1;
            return Err(RepositoryError::Conflict);
        }
        if let Some(refusal) = state.refusal(&change_set) {
            return Err(refusal);
        }
        state.cases.insert(change_set.case.number().clone(), change_set.case.clone());
        state.commits.push(change_set);
        Ok(())
    }
}

#[async_trait]
impl CaseNumbers for FakeCases {
    async fn draw(&self, year: i16) -> Result<u64, RepositoryError> {
        let mut state = self.state();
        let stored = state.cases.keys().filter(|number| number.year() == year);
        let highest = stored.map(CaseNumber::sequence).max().unwrap_or_default();
        let last = state.sequences.entry(year).or_default();
        *last = highest.max(*last) + 1;
        Ok(*last)
    }
}

#[async_trait]
impl IdempotencyRepository for FakeCases {
    async fn find_response(
        &self,
        key: &IdempotencyKey,
        now: Timestamp,
    ) -> Result<Option<StoredResponse>, RepositoryError> {
        Ok(self.state().response(key, now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builders::{
        a_change_set, a_new_case, an_opened, cancelled, minutes_later, monday, opened,
    };

    #[tokio::test]
    async fn a_lost_race_stores_nothing_and_the_next_commit_succeeds() {
        let cases = FakeCases::default();
        cases.lose_next_race();
        let change_set = a_change_set(an_opened(1), Vec::new());
        let lost = cases.commit(change_set.clone()).await;
        assert!(matches!(lost, Err(RepositoryError::Conflict)), "{lost:?}");
        assert_eq!(cases.commits(), []);
        cases.commit(change_set.clone()).await.unwrap();
        assert_eq!(cases.case(change_set.case.number()), Some(change_set.case));
    }

    #[tokio::test]
    async fn an_outdated_change_is_a_conflict_and_a_taken_number_a_duplicate() {
        let cases = FakeCases::default();
        let case = an_opened(1).case;
        cases.add(case.clone());
        let [first, second] = [1, 2].map(|minute| cancelled(&case, minutes_later(minute)));
        cases.commit(a_change_set(first, Vec::new())).await.unwrap();
        let outdated = cases.commit(a_change_set(second, Vec::new())).await;
        assert!(matches!(outdated, Err(RepositoryError::Conflict)), "{outdated:?}");
        let taken = opened(a_new_case(), case.number().clone(), monday());
        let taken = cases.commit(a_change_set(taken, Vec::new())).await;
        let constraint = UniqueConstraint::CaseNumber;
        assert!(
            matches!(taken, Err(RepositoryError::Duplicate { constraint: c }) if c == constraint)
        );
    }

    #[tokio::test]
    async fn a_number_of_a_stored_case_is_never_drawn() {
        let cases = FakeCases::default();
        cases.add(an_opened(7).case);
        assert_eq!(cases.draw(2025).await.unwrap(), 8);
        assert_eq!(cases.draw(2025).await.unwrap(), 9);
        assert_eq!(cases.draw(2026).await.unwrap(), 1);
    }
}
