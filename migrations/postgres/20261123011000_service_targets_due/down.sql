DROP INDEX cases_next_target_at;
