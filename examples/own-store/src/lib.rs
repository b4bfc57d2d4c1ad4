//! Cases and their numbers in memory. A store implements the ports that its use cases need.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use engage_domain::{Case, CaseNumber};
use engage_repository::{
    CaseNumbers, CaseRepository, ChangeSet, RepositoryError, StoredCase, UniqueConstraint,
};

#[derive(Default)]
pub struct MemoryStore(Mutex<State>);

#[derive(Default)]
struct State {
    cases: HashMap<CaseNumber, Case>,
    drawn: HashMap<i16, u64>,
}

impl MemoryStore {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl CaseRepository for MemoryStore {
    async fn find_case(&self, number: &CaseNumber) -> Result<Option<StoredCase>, RepositoryError> {
        let case = self.state().cases.get(number).cloned();
        Ok(case.map(|case| StoredCase::new(case, None)))
    }

    async fn commit(&self, change_set: ChangeSet) -> Result<(), RepositoryError> {
        let (mut state, base) = (self.state(), change_set.base_version());
        match state.cases.get(change_set.case.number()).map(Case::version) {
            Some(_) if base.is_none() => {
                Err(RepositoryError::Duplicate { constraint: UniqueConstraint::CaseNumber })
            }
            stored if stored != base => Err(RepositoryError::Conflict),
            _ => {
                state.cases.insert(change_set.case.number().clone(), change_set.case);
                Ok(())
            }
        }
    }
}

#[async_trait]
impl CaseNumbers for MemoryStore {
    async fn draw(&self, year: i16) -> Result<u64, RepositoryError> {
        let mut state = self.state();
        let stored = state.cases.keys().filter(|number| number.year() == year);
        let highest = stored.map(CaseNumber::sequence).max().unwrap_or_default();
        let last = state.drawn.entry(year).or_default();
        *last = highest.max(*last) + 1;
        Ok(*last)
    }
}
