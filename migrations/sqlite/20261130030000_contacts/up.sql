-- Organizations of customers.
CREATE TABLE organizations (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    -- The number of changes.
    version INTEGER NOT NULL CHECK (version > 0),
    name TEXT NOT NULL,
    -- The domains in their order, with commas between; empty without any.
    domains TEXT NOT NULL,
    customer_type TEXT NOT NULL CHECK (customer_type IN ('FREE', 'BUSINESS', 'ENTERPRISE')),
    notes TEXT,
    -- Service targets by urgency as JSON, null without any.
    sla_override TEXT CHECK (json_valid(sla_override)),
    -- The name and the domains in lower case, in which lists search.
    search_text TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

-- The organization to which each domain belongs.
CREATE TABLE organization_domains (
    domain TEXT NOT NULL PRIMARY KEY,
    organization_id BLOB NOT NULL REFERENCES organizations (id) ON DELETE CASCADE
) STRICT;

CREATE INDEX organization_domains_organization_id ON organization_domains (organization_id);

-- Persons who are known to the support organization.
CREATE TABLE contacts (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    -- The number of changes.
    version INTEGER NOT NULL CHECK (version > 0),
    -- The addresses in their order and as they were given, with commas between; empty without any.
    emails TEXT NOT NULL,
    name TEXT NOT NULL,
    phone TEXT,
    -- Contacts of an organization that is removed have none.
    organization_id BLOB REFERENCES organizations (id) ON DELETE SET NULL,
    -- False as long as nobody has set an organization or none, so that the domain of an address counts.
    is_organization_set INTEGER NOT NULL CHECK (is_organization_set IN (0, 1)),
    locale TEXT,
    time_zone TEXT,
    notes TEXT,
    -- The name, the addresses and the phone number in lower case, in which lists search.
    search_text TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    CHECK (organization_id IS NULL OR is_organization_set = 1)
) STRICT;

CREATE INDEX contacts_organization_id ON contacts (organization_id, id)
    WHERE organization_id IS NOT NULL;

-- The contact that has each address, which is in ASCII and lower case.
CREATE TABLE contact_emails (
    address TEXT NOT NULL PRIMARY KEY,
    contact_id BLOB NOT NULL REFERENCES contacts (id) ON DELETE CASCADE,
    -- The part after the @.
    domain TEXT NOT NULL
) STRICT;

CREATE INDEX contact_emails_contact_id ON contact_emails (contact_id);
CREATE INDEX contact_emails_domain ON contact_emails (domain, contact_id);
