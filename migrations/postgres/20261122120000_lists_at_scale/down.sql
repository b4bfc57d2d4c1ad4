DROP TABLE case_search;
DROP INDEX cases_assigned_to;
CREATE INDEX cases_assigned_to ON cases (assigned_to) WHERE assigned_to IS NOT NULL;
DROP INDEX cases_created_at;
CREATE INDEX cases_created_at
    ON cases (created_at, number_year, number_sequence, number_prefix);
DROP INDEX cases_classification;
DROP INDEX cases_urgency_priority_score;
DROP INDEX cases_customer_type_priority_score;
DROP INDEX cases_status_estimated_resolution;
DROP INDEX cases_status_last_activity;
DROP INDEX cases_status_created_at;
