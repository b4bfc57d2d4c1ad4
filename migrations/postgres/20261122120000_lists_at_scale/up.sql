-- What is listed most is cases in some state, whose times are far from those of all others: no
-- order over all cases would find them soon.
CREATE INDEX cases_status_created_at
    ON cases (status_rank, created_at, number_year, number_sequence, number_prefix);
CREATE INDEX cases_status_last_activity
    ON cases (status_rank, last_activity, number_year, number_sequence, number_prefix);
CREATE INDEX cases_status_estimated_resolution
    ON cases (status_rank, estimated_resolution, number_year, number_sequence, number_prefix);

-- Scores hang together with what they are made of.
CREATE INDEX cases_customer_type_priority_score
    ON cases (customer_type, priority_score, number_year, number_sequence, number_prefix);
CREATE INDEX cases_urgency_priority_score
    ON cases (urgency_rank, priority_score, number_year, number_sequence, number_prefix);

-- Counts, gathers and sorts what fits any criteria, without a look at the table. The first columns
-- have few values, so a query that leaves one of them open names them all.
CREATE INDEX cases_classification
    ON cases (customer_type, issue_type, urgency_rank, status_rank, department, assigned_to)
    INCLUDE (
        created_at, last_activity, priority_score, estimated_resolution, number_year,
        number_sequence, number_prefix
    );

DROP INDEX cases_assigned_to;
CREATE INDEX cases_assigned_to ON cases (assigned_to, status_rank)
    INCLUDE (
        customer_type, issue_type, urgency_rank, department, created_at, last_activity,
        priority_score, estimated_resolution, number_year, number_sequence, number_prefix
    );

-- What was opened in some time is gathered and sorted without a look at the table, too.
DROP INDEX cases_created_at;
CREATE INDEX cases_created_at
    ON cases (created_at, number_year, number_sequence, number_prefix)
    INCLUDE (
        customer_type, issue_type, urgency_rank, status_rank, department, assigned_to,
        last_activity, priority_score, estimated_resolution
    );

-- By which words a case is found. A table of its own, since a case changes far more often than its
-- words do, and each change of an indexed row is indexed anew.
CREATE TABLE case_search (
    case_id uuid PRIMARY KEY REFERENCES cases (id),
    -- The case's, which never changes: a search is ranked without a look at the case.
    number_prefix text NOT NULL,
    number_year integer NOT NULL,
    number_sequence bigint NOT NULL,
    -- All words of a case, and once more those of its number (after #), of its subject (after !)
    -- and of its customer (after @).
    words tsvector NOT NULL
);

CREATE INDEX case_search_words ON case_search USING gin (words);
