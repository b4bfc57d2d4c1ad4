//! Contacts of a person who is erased, and notes about them.

use std::num::NonZeroU32;

use engage_domain::text::{ERASED, FromStored, without_mention};
use engage_domain::{Contact, ContactId, CustomerOrganization, EmailAddress, Notes};
use engage_repository::{
    ContactFilter, ContactWrite, OrganizationFilter, OrganizationWrite, RepositoryError,
};

use super::ports::PersonErasurePorts;
use crate::audit::{Act, AuditAction, Initiator};

/// Number of contacts or organizations read per query.
const PAGE: NonZeroU32 = NonZeroU32::new(100).unwrap();

/// Removes the contacts of a person, and mentions of them in the notes of other contacts and of
/// organizations. Calling it again is safe.
///
/// Notes come first, since the names to look for are those of the contacts.
pub(super) async fn erase_contacts(
    ports: &PersonErasurePorts,
    addresses: &[EmailAddress],
    contact: Option<ContactId>,
    by: &Initiator,
) -> Result<(), RepositoryError> {
    let mut contacts = ports.contacts.find_contacts_by_email(addresses).await?;
    if let Some(id) = contact.filter(|id| contacts.iter().all(|one| one.id != *id)) {
        contacts.extend(ports.contacts.find_contact(id).await?);
    }
    for mentioned in mentions(addresses, &contacts) {
        erase_from_contacts(ports, &mentioned, &contacts, by).await?;
        erase_from_organizations(ports, &mentioned, by).await?;
    }
    for contact in contacts {
        let act = Act::new(AuditAction::ContactRemoved).to(contact.id);
        let record = ports.records.recorder.record(by, act);
        ports.records.acts.contacts(record).remove_contact(contact.id).await?;
    }
    Ok(())
}

/// Returns what notes may call a person: their addresses, and names of at least two words. A single
/// word is the name of many others, too.
fn mentions(addresses: &[EmailAddress], contacts: &[Contact]) -> Vec<String> {
    let mut mentions: Vec<String> = Vec::new();
    for address in addresses {
        mentions.extend([address.normalized(), address.unicode().into_owned()]);
    }
    let names = contacts.iter().map(|contact| contact.name.as_str());
    mentions.extend(names.filter(|name| name.contains(' ')).map(str::to_owned));
    mentions.sort_unstable();
    mentions.dedup();
    mentions
}

/// Returns notes without mentions of somebody, or `None` if there are none.
fn erased_notes(notes: Option<&Notes>, mentioned: &str) -> Option<Notes> {
    let text = without_mention(notes?.as_str(), mentioned)?;
    // Longer notes than are allowed are given up as a whole.
    Notes::from_stored(&text).or_else(|_| Notes::from_stored(ERASED)).ok()
}

async fn erase_from_contacts(
    ports: &PersonErasurePorts,
    mentioned: &str,
    own: &[Contact],
    by: &Initiator,
) -> Result<(), RepositoryError> {
    let notes = Some(mentioned.to_owned());
    let filter = ContactFilter { notes, ..ContactFilter::default() };
    let mut after = None;
    loop {
        let part = ports.contacts.list_contacts(&filter, after, PAGE).await?;
        let Some(last) = part.last() else { return Ok(()) };
        after = Some(last.id);
        for contact in part.into_iter().filter(|one| own.iter().all(|own| own.id != one.id)) {
            let Some(notes) = erased_notes(contact.notes.as_ref(), mentioned) else { continue };
            let act = Act::new(AuditAction::ContactChanged).to(contact.id).touched("notes");
            let record = ports.records.recorder.record(by, act);
            let version = contact.version.next();
            let changed = Contact { notes: Some(notes), version, ..contact };
            let written = ports.records.acts.contacts(record).change_contact(&changed).await?;
            if written != ContactWrite::Made {
                return Err(RepositoryError::Conflict);
            }
        }
    }
}

async fn erase_from_organizations(
    ports: &PersonErasurePorts,
    mentioned: &str,
    by: &Initiator,
) -> Result<(), RepositoryError> {
    let notes = Some(mentioned.to_owned());
    let filter = OrganizationFilter { notes, ..OrganizationFilter::default() };
    let mut after = None;
    loop {
        let part = ports.organizations.list_organizations(&filter, after, PAGE).await?;
        let Some(last) = part.last() else { return Ok(()) };
        after = Some(last.id);
        for organization in part {
            let Some(notes) = erased_notes(organization.notes.as_ref(), mentioned) else {
                continue;
            };
            let act = Act::new(AuditAction::OrganizationChanged).to(organization.id);
            let record = ports.records.recorder.record(by, act.touched("notes"));
            let version = organization.version.next();
            let changed = CustomerOrganization { notes: Some(notes), version, ..organization };
            let acts = ports.records.acts.organizations(record);
            if acts.change_organization(&changed).await? != OrganizationWrite::Made {
                return Err(RepositoryError::Conflict);
            }
        }
    }
}
