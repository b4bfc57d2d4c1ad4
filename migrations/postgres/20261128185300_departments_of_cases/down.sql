DROP INDEX cases_department;
