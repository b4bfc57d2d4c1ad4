DROP TABLE contact_emails;
DROP TABLE contacts;
DROP TABLE organization_domains;
DROP TABLE organizations;
