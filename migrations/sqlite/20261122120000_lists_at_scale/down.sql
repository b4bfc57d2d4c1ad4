DROP TABLE case_words;
DROP TABLE case_search;
DROP INDEX cases_assigned_to;
CREATE INDEX cases_assigned_to ON cases (assigned_to) WHERE assigned_to IS NOT NULL;
DROP INDEX cases_classification;
