DROP INDEX case_search_old;
