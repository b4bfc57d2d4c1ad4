//! The decision about a batch of imported rows.

use std::collections::{HashMap, HashSet};

use engage_domain::case::Version;
use engage_domain::contact::{ContactEmails, ContactOrganization};
use engage_domain::{Contact, ContactId, OrganizationId, PersonName, Timestamp};
use engage_repository::{ContactBatch, RepositoryError};

use super::contact_change::ContactChange;
use super::import_rows::{ImportProblem, ImportRow};
use super::manage::ManageContacts;

/// Stored contacts and organizations of the rows of a batch.
pub(super) struct Stored {
    contacts: Vec<Contact>,
    organizations: HashSet<OrganizationId>,
}

impl Stored {
    pub(super) async fn read(
        manage: &ManageContacts,
        rows: &[ImportRow],
    ) -> Result<Self, RepositoryError> {
        let emails: Vec<_> = rows.iter().map(|row| row.email.clone()).collect();
        let wanted: HashSet<_> = rows.iter().filter_map(|row| row.organization).collect();
        let wanted: Vec<_> = wanted.into_iter().collect();
        let contacts = manage.contacts.find_contacts_by_email(&emails).await?;
        let organizations = if wanted.is_empty() {
            HashSet::new()
        } else {
            manage.organizations.known_organizations(&wanted).await?.into_iter().collect()
        };
        Ok(Self { contacts, organizations })
    }
}

/// Id and time of an imported contact.
pub(super) struct NewImport {
    pub(super) id: ContactId,
    pub(super) at: Timestamp,
}

impl ManageContacts {
    pub(super) fn new_import(&self) -> NewImport {
        NewImport { id: ContactId::from_u128(self.ids.next_id()), at: self.clock.now() }
    }
}

/// A contact of the batch: as it is stored, if it is, and as it will be.
struct Entry {
    stored: Option<Contact>,
    planned: Contact,
}

/// The outcome of each row of a batch.
#[derive(Default)]
pub(super) struct Plan {
    entries: Vec<Entry>,
    by_address: HashMap<String, usize>,
    /// Addresses of the new contacts.
    pub(super) created: Vec<String>,
    pub(super) updated: u64,
    pub(super) problems: Vec<ImportProblem>,
}

impl Plan {
    /// Decides about the rows in order. `planned` has addresses that earlier batches of a dry run would
    /// have added.
    pub(super) fn of(
        rows: &[ImportRow],
        stored: Stored,
        planned: &HashSet<String>,
        new: impl Fn() -> NewImport,
    ) -> Self {
        let mut plan = Self::default();
        for contact in stored.contacts {
            for email in &contact.emails {
                plan.by_address.insert(email.normalized(), plan.entries.len());
            }
            plan.entries.push(Entry { stored: Some(contact.clone()), planned: contact });
        }
        for row in rows {
            if row.organization.is_some_and(|id| !stored.organizations.contains(&id)) {
                plan.refuse(row, "organizationId", "must be the id of an organization");
            } else {
                plan.add(row, planned, &new);
            }
        }
        plan
    }

    /// Returns what has to be written.
    pub(super) fn batch(&self) -> ContactBatch {
        let mut batch = ContactBatch::default();
        for Entry { stored, planned } in &self.entries {
            match stored {
                None => batch.added.push(planned.clone()),
                Some(stored) if stored != planned => batch.changed.push(planned.clone()),
                Some(_) => {}
            }
        }
        batch
    }

    fn add(&mut self, row: &ImportRow, planned: &HashSet<String>, new: impl Fn() -> NewImport) {
        let address = row.email.normalized();
        if let Some(entry) = self.by_address.get(&address).and_then(|at| self.entries.get_mut(*at))
        {
            entry.change(row);
            self.updated += 1;
        } else if planned.contains(&address) {
            self.updated += 1;
        } else if let Some(name) = &row.name {
            match contact(row, name, &new()) {
                Some(contact) => self.create(address, contact),
                None => self.refuse(row, "email", "must be an e-mail address"),
            }
        } else {
            self.refuse(row, "name", "is required for a new contact");
        }
    }

    fn create(&mut self, address: String, contact: Contact) {
        self.by_address.insert(address.clone(), self.entries.len());
        self.entries.push(Entry { stored: None, planned: contact });
        self.created.push(address);
    }

    fn refuse(&mut self, row: &ImportRow, field: &'static str, message: &str) {
        self.problems.push(ImportProblem { line: row.line, field, message: message.to_owned() });
    }
}

impl Entry {
    fn change(&mut self, row: &ImportRow) {
        let change = ContactChange {
            name: row.name.clone(),
            emails: None,
            phone: row.phone.clone().map(Some),
            organization: row.organization.map(ContactOrganization::Own),
            locale: row.locale.clone().map(Some),
            time_zone: row.time_zone.clone().map(Some),
            notes: row.notes.clone().map(Some),
        };
        if let Some(changed) = change.apply(&self.planned) {
            // However many rows change a contact, it is written once.
            let version = match &self.stored {
                Some(stored) => stored.version.next(),
                None => Version::FIRST,
            };
            self.planned = Contact { version, ..changed };
        }
    }
}

fn contact(row: &ImportRow, name: &PersonName, new: &NewImport) -> Option<Contact> {
    let organization = row.organization.map(ContactOrganization::Own);
    Some(Contact {
        id: new.id,
        version: Version::FIRST,
        emails: ContactEmails::new([row.email.clone()]).ok()?,
        name: name.clone(),
        phone: row.phone.clone(),
        organization: organization.unwrap_or_default(),
        locale: row.locale.clone(),
        time_zone: row.time_zone.clone(),
        notes: row.notes.clone(),
        created_at: new.at,
    })
}
