DROP INDEX cases_customer_domain;
