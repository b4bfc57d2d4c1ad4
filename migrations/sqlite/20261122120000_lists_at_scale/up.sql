-- Counts, gathers and sorts what fits any criteria, without a look at the table. The first columns
-- have few values, so a query that leaves one of them open names them all. PostgreSQL has more
-- indexes for lists; here each one costs the one thread that writes.
CREATE INDEX cases_classification
    ON cases (customer_type, issue_type, urgency_rank, status_rank, department, assigned_to,
        created_at, last_activity, priority_score, estimated_resolution, number_year,
        number_sequence, number_prefix);

DROP INDEX cases_assigned_to;
CREATE INDEX cases_assigned_to ON cases (assigned_to, status_rank);

-- By which words a case is found. The words come without case and accents, with blanks between
-- them, so that both stores find the same: nothing is left to split but at the blanks.
CREATE TABLE case_search (
    id INTEGER NOT NULL PRIMARY KEY,
    case_id BLOB NOT NULL UNIQUE REFERENCES cases (id)
) STRICT;

-- Its rowid is the id in case_search.
CREATE VIRTUAL TABLE case_words USING fts5 (
    number, subject, customer, conversation, detail = column, columnsize = 0, tokenize = 'ascii'
);
