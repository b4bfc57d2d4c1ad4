-- Lists of the cases of one customer, organization, client or project. Small letters of ASCII alone: the
-- program knows the others.
CREATE INDEX cases_customer_email ON cases (lower(customer_email));
CREATE INDEX cases_customer_organization ON cases (lower(customer_organization))
    WHERE customer_organization IS NOT NULL;
CREATE INDEX cases_client_or_project_name ON cases (lower(client_or_project_name))
    WHERE client_or_project_name IS NOT NULL;
-- The departments that there are, to find them in any case of letters.
CREATE INDEX cases_department ON cases (department) WHERE department IS NOT NULL;
-- Cases whose service targets are in danger or missed.
CREATE INDEX cases_alerts ON cases (status_rank)
    WHERE first_response_alert IS NOT NULL OR resolution_alert IS NOT NULL;
