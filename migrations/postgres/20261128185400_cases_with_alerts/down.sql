DROP INDEX cases_alerts;
