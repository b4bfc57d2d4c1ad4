DROP INDEX cases_with_participants;
