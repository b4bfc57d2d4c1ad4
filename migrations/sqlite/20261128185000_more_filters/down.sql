DROP INDEX cases_alerts;
DROP INDEX cases_department;
DROP INDEX cases_client_or_project_name;
DROP INDEX cases_customer_organization;
DROP INDEX cases_customer_email;
