-- Organizations of customers.
CREATE TABLE organizations (
    id uuid PRIMARY KEY,
    -- The number of changes.
    version bigint NOT NULL CHECK (version > 0),
    name text NOT NULL,
    -- The domains in their order, with commas between; empty without any.
    domains text NOT NULL,
    customer_type text NOT NULL CHECK (customer_type IN ('FREE', 'BUSINESS', 'ENTERPRISE')),
    notes text,
    -- Service targets by urgency as JSON, null without any.
    sla_override text,
    -- The name and the domains in lower case, in which lists search.
    search_text text NOT NULL,
    created_at timestamptz NOT NULL
);

-- The organization to which each domain belongs.
CREATE TABLE organization_domains (
    domain text PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations (id) ON DELETE CASCADE
);

CREATE INDEX organization_domains_organization_id ON organization_domains (organization_id);

-- Persons who are known to the support organization.
CREATE TABLE contacts (
    id uuid PRIMARY KEY,
    -- The number of changes.
    version bigint NOT NULL CHECK (version > 0),
    -- The addresses in their order and as they were given, with commas between; empty without any.
    emails text NOT NULL,
    name text NOT NULL,
    phone text,
    -- Contacts of an organization that is removed have none.
    organization_id uuid REFERENCES organizations (id) ON DELETE SET NULL,
    -- False as long as nobody has set an organization or none, so that the domain of an address counts.
    is_organization_set boolean NOT NULL,
    locale text,
    time_zone text,
    notes text,
    -- The name, the addresses and the phone number in lower case, in which lists search.
    search_text text NOT NULL,
    created_at timestamptz NOT NULL,
    CHECK (organization_id IS NULL OR is_organization_set)
);

CREATE INDEX contacts_organization_id ON contacts (organization_id, id)
    WHERE organization_id IS NOT NULL;

-- The contact that has each address, which is in ASCII and lower case.
CREATE TABLE contact_emails (
    address text PRIMARY KEY,
    contact_id uuid NOT NULL REFERENCES contacts (id) ON DELETE CASCADE,
    -- The part after the @.
    domain text NOT NULL
);

CREATE INDEX contact_emails_contact_id ON contact_emails (contact_id);
CREATE INDEX contact_emails_domain ON contact_emails (domain, contact_id);
