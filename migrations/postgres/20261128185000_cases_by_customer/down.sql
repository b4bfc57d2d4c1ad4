DROP INDEX cases_customer_email;
