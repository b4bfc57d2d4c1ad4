//! Import of many contacts, a batch at a time.

use std::collections::HashSet;

use engage_repository::RepositoryError;

use super::acts::contacts_imported;
use super::import_plan::{Plan, Stored};
use super::import_rows::{ImportProblem, ImportRow, ImportTotals};
use super::manage::{ManageContacts, TRIES};
use crate::audit::Initiator;

/// An import of contacts by address. A row whose address has a contact changes it; another one adds a
/// contact.
///
/// Each batch is one commit with one audit entry. An import that is interrupted can be repeated,
/// because rows that were imported change nothing the second time.
///
/// ```
/// # use std::sync::Arc;
/// use engage_application::{ContactImport, ImportRow, Initiator};
/// # use engage_application::ManageContacts;
/// # use engage_sqlite::SqliteStore;
/// # use engage_system::SystemIds;
/// # use engage_testkit::ManualClock;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let store = Arc::new(SqliteStore::in_memory()?);
/// # let (clock, ids) = (Arc::new(ManualClock::new()), Arc::new(SystemIds));
/// # let contacts = ManageContacts::new(store.clone(), store.clone(), store, clock, ids);
/// # let (phone, organization, locale, time_zone, notes) = (None, None, None, None, None);
/// let (email, name) = ("jane@example.com".parse()?, Some("Jane Roe".parse()?));
/// let jane = ImportRow { line: 2, email, name, phone, organization, locale, time_zone, notes };
/// let nobody = ImportRow { line: 3, email: "x@example.com".parse()?, name: None, ..jane.clone() };
///
/// let import = ContactImport::new(contacts, Initiator::command_line(), false);
/// let totals = import.take(vec![jane, nobody]).await?.finish();
/// assert_eq!((totals.created, totals.failed), (1, 1));
/// assert_eq!((totals.problems[0].line, totals.problems[0].field), (3, "name"));
/// # Ok(())
/// # }
/// ```
pub struct ContactImport {
    manage: ManageContacts,
    by: Initiator,
    is_dry_run: bool,
    /// Addresses that a dry run would have added, in their normalized form.
    planned: HashSet<String>,
    totals: ImportTotals,
}

impl ContactImport {
    /// Number of rows to import in one commit.
    pub const BATCH: usize = 200;

    /// Maximum number of problems that are reported. All are counted.
    pub const MOST_PROBLEMS: usize = 100;

    /// Begins an import. A dry run makes the same checks and writes nothing.
    pub fn new(manage: ManageContacts, by: Initiator, is_dry_run: bool) -> Self {
        let (planned, totals) = (HashSet::new(), ImportTotals::default());
        Self { manage, by, is_dry_run, planned, totals }
    }

    /// Imports a batch of rows, normally [`BATCH`](Self::BATCH) of them.
    pub async fn take(mut self, rows: Vec<ImportRow>) -> Result<Self, RepositoryError> {
        for _ in 0..TRIES {
            let stored = Stored::read(&self.manage, &rows).await?;
            let new_contact = || self.manage.new_import();
            let plan = Plan::of(&rows, stored, &self.planned, new_contact);
            match self.write(&plan).await {
                Err(RepositoryError::Conflict) => {}
                outcome => {
                    outcome?;
                    self.count(plan);
                    return Ok(self);
                }
            }
        }
        Err(RepositoryError::Conflict)
    }

    /// Counts a row that could not be read, with its problems.
    pub fn reject(&mut self, problems: Vec<ImportProblem>) {
        self.totals.failed += 1;
        let left = Self::MOST_PROBLEMS.saturating_sub(self.totals.problems.len());
        self.totals.problems.extend(problems.into_iter().take(left));
    }

    /// Ends the import and returns its result.
    pub fn finish(mut self) -> ImportTotals {
        self.totals.problems.sort_by_key(|problem| problem.line);
        self.totals
    }

    async fn write(&self, plan: &Plan) -> Result<(), RepositoryError> {
        let batch = plan.batch();
        if self.is_dry_run || batch.is_empty() {
            return Ok(());
        }
        let act = contacts_imported(batch.added.len(), batch.changed.len());
        let record = self.manage.recorder.record(&self.by, act);
        self.manage.acts.contacts(record).import_contacts(&batch).await
    }

    fn count(&mut self, plan: Plan) {
        self.totals.created += plan.created.len() as u64;
        self.totals.updated += plan.updated;
        if self.is_dry_run {
            self.planned.extend(plan.created);
        }
        for problem in plan.problems {
            self.reject(vec![problem]);
        }
    }
}
